"""Writes of offers: what is in a client's catalogue, and at what price. In firm scope."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.catalogue.models import Offer, ProgrammeVersion
from saas.kit import journal
from tenants.db import db, new_id


def offer(version: ProgrammeVersion, workspace_id: UUID, price_cents: int, basis: str) -> Offer:
    """Put a programme in a client's catalogue, or change its price there."""
    known = db.session.scalar(select(Offer).where(Offer.version_id == version.id, Offer.workspace_id == workspace_id))
    if known is None:
        known = Offer(id=new_id(), version_id=version.id, workspace_id=workspace_id, price_cents=price_cents, basis=basis)
        db.session.add(known)
    known.price_cents, known.basis, known.ended_at = price_cents, basis, None
    journal.note("offer.made", version.title.get("fr", ""), version.id, price_cents=price_cents)
    db.session.flush()
    return known

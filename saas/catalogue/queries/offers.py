"""Reads of offers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import Offer
from tenants.db import db


def offers_of(version_id: UUID) -> Sequence[Offer]:
    """Firm scope: the clients that have a version in their catalogue."""
    return db.session.scalars(select(Offer).where(Offer.version_id == version_id, Offer.ended_at.is_(None))).all()


def offers() -> Sequence[Offer]:
    """Workspace scope: this client's catalogue."""
    rows = db.session.scalars(
        select(Offer).where(Offer.ended_at.is_(None)).options(joinedload(Offer.version)).order_by(Offer.created_at)
    )
    return rows.all()

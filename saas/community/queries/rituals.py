"""Dates of rituals."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from saas.community.models import Occurrence
from saas.kit.clock import now
from tenants.db import db


def occurrences(zone_id: UUID, past: bool = False, limit: int = 10, cancelled: bool = False) -> Sequence[Occurrence]:
    """Dates of a zone's rituals: to come, or held, with everybody's answers; those called off where asked."""
    statement = select(Occurrence).where(Occurrence.zone_id == zone_id)
    if not cancelled:
        statement = statement.where(Occurrence.cancelled_at.is_(None))
    statement = statement.options(joinedload(Occurrence.ritual), selectinload(Occurrence.answers)).limit(limit)
    if past:
        return db.session.scalars(statement.where(Occurrence.ends_at < now()).order_by(Occurrence.starts_at.desc())).all()
    return db.session.scalars(statement.where(Occurrence.ends_at >= now()).order_by(Occurrence.starts_at)).all()


def occurrence(occurrence_id: UUID) -> Occurrence:
    found = db.session.scalar(
        select(Occurrence)
        .where(Occurrence.id == occurrence_id)
        .options(joinedload(Occurrence.ritual), selectinload(Occurrence.answers))
    )
    if found is None:
        abort(404)
    return found

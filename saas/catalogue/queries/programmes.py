"""Reads of programmes and their versions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from saas.catalogue.models import ProgrammeVersion
from tenants.db import db


def programmes() -> Sequence[ProgrammeVersion]:
    """Firm scope: the newest version of each programme, by reference."""
    newest = (
        select(ProgrammeVersion)
        .options(joinedload(ProgrammeVersion.programme))
        .ext(distinct_on(ProgrammeVersion.programme_id))
        .order_by(ProgrammeVersion.programme_id, ProgrammeVersion.number.desc())
    )
    return sorted(db.session.scalars(newest), key=lambda v: v.programme.reference)


def version(version_id: UUID) -> ProgrammeVersion:
    """One version this scope may read. 404 otherwise."""
    found = db.session.scalar(select(ProgrammeVersion).where(ProgrammeVersion.id == version_id))
    if found is None:
        abort(404)
    return found

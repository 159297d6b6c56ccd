"""Reads of absences announced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from saas.enrolments.absences.models import Absence
from tenants.db import db


def standing(enrolment_ids: Sequence[UUID]) -> Mapping[UUID, list[Absence]]:
    """Firm or workspace scope: what the holders of these seats have announced and not taken back, by seat."""
    found: dict[UUID, list[Absence]] = {}
    if enrolment_ids:
        here = Absence.enrolment_id.in_(enrolment_ids), Absence.taken_back_at.is_(None)
        for row in db.session.scalars(select(Absence).where(*here).order_by(Absence.starts_at)):
            found.setdefault(row.enrolment_id, []).append(row)
    return found

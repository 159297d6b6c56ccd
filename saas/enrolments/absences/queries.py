"""Reads of absences announced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from saas.enrolments.absences.models import Absence
from saas.enrolments.models import SHOWN, Enrolment
from saas.identity.models import Member
from saas.workspaces.queries.people import within
from tenants.db import db


def standing(enrolment_ids: Sequence[UUID]) -> Mapping[UUID, list[Absence]]:
    """Firm or workspace scope: what the holders of these seats have announced and not taken back, by seat."""
    found: dict[UUID, list[Absence]] = {}
    if enrolment_ids:
        here = Absence.enrolment_id.in_(enrolment_ids), Absence.taken_back_at.is_(None)
        for row in db.session.scalars(select(Absence).where(*here).order_by(Absence.starts_at)):
            found.setdefault(row.enrolment_id, []).append(row)
    return found


def of_link(link_id: UUID) -> Sequence[Absence]:
    """Workspace scope: the same for a client's people in a session, of those that whoever looks answers for, with who they
    are; a hundred at most."""
    statement = (
        select(Absence)
        .join(Absence.enrolment)
        .join(Enrolment.member)
        .where(Enrolment.link_id == link_id, Enrolment.state.in_(SHOWN), Absence.taken_back_at.is_(None))
        .options(contains_eager(Absence.enrolment).contains_eager(Enrolment.member))
        .order_by(Member.name_folded, Absence.starts_at)
        .limit(100)
    )
    return db.session.scalars(within(statement)).all()

"""Seats that stand in each other's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, cast, func, select
from sqlalchemy.orm import aliased

from saas.catalogue.models import ProgrammeVersion, SessionLink, Slot, TrainingSession
from saas.enrolments.models import HOLDING, Enrolment
from saas.identity.models import Member
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Clash:
    """Another seat of a person on the same day: a wall when the hours overlap, else a warning."""

    name: str
    title: dict[str, Any]
    link_id: UUID
    is_wall: bool


def of(session_id: UUID, member_ids: Sequence[UUID], but: UUID | None = None) -> Mapping[UUID, Clash]:
    """Workspace scope: by member, the seat (held or offered, `but` one) that clashes most with a session's slots.

    Days are days in Paris, where sessions are planned.
    """
    if not member_ids:
        return {}
    wanted, other = aliased(Slot), aliased(Slot)
    overlaps = and_(wanted.starts_at < other.ends_at, other.starts_at < wanted.ends_at)
    statement = (
        select(Member, ProgrammeVersion.title, SessionLink.id, func.bool_or(overlaps))
        .select_from(Enrolment)
        .join(Enrolment.member)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .join(other, other.session_id == TrainingSession.id)
        .join(wanted, and_(wanted.session_id == session_id, overlaps | (_day(wanted) == _day(other))))
        .where(Enrolment.member_id.in_(member_ids), Enrolment.state.in_(HOLDING), TrainingSession.id != session_id)
        .group_by(*Member.__table__.primary_key, ProgrammeVersion.title, SessionLink.id)
    )
    if but is not None:
        statement = statement.where(Enrolment.id != but)
    found: dict[UUID, Clash] = {}
    for member, title, link_id, is_wall in db.session.execute(statement):
        if member.id not in found or is_wall:
            found[member.id] = Clash(member.name, title, link_id, is_wall)
    return found


def _day(slot: type[Slot]) -> Any:
    return cast(func.timezone("Europe/Paris", slot.starts_at), Date)

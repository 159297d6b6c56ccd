"""Seats that stand in each other's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Uuid, and_, bindparam, cast, func, select
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
    asked = {"session_id": session_id, "member_ids": list(member_ids), "but": but}
    walls = {row[0]: row[1] for row in db.session.execute(_clashes(), asked)}
    if not walls:
        return {}
    told = (
        select(Enrolment.id, Member, ProgrammeVersion.title, SessionLink.id)
        .select_from(Enrolment)
        .join(Enrolment.member)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(Enrolment.id.in_(walls))
        .order_by(TrainingSession.starts_at)
    )
    found: dict[UUID, Clash] = {}
    for enrolment_id, member, title, link_id in db.session.execute(told):
        if member.id not in found or walls[enrolment_id]:
            found[member.id] = Clash(member.name, title, link_id, walls[enrolment_id])
    return found


@cache
def _clashes() -> Select[Any]:
    """Which seats clash, and whether the hours overlap: made once, over few tables, since planning it is what takes time."""
    wanted, other = aliased(Slot), aliased(Slot)
    session_id, but = bindparam("session_id", type_=Uuid()), bindparam("but", type_=Uuid())
    overlaps = and_(wanted.starts_at < other.ends_at, other.starts_at < wanted.ends_at)
    return (
        select(Enrolment.id, func.bool_or(overlaps))
        .join(Enrolment.link)
        .join(other, other.session_id == SessionLink.session_id)
        .join(wanted, and_(wanted.session_id == session_id, overlaps | (_day(wanted) == _day(other))))
        .where(Enrolment.member_id == func.any(bindparam("member_ids", type_=ARRAY(Uuid()))), Enrolment.state.in_(HOLDING))
        .where(SessionLink.session_id != session_id, Enrolment.id.is_distinct_from(but))
        .group_by(Enrolment.id)
    )


def _day(slot: type[Slot]) -> Any:
    return cast(func.timezone("Europe/Paris", slot.starts_at), Date)

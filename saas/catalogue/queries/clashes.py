"""Who and what is wanted in two places at once. In firm scope."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from saas.catalogue.models import ProgrammeVersion, Room, SessionTrainer, Slot, TrainerAbsence, TrainingSession, Venue
from saas.catalogue.planning import Half, Plan
from saas.catalogue.queries.sessions import within_reach
from saas.identity.models import StaffCard
from saas.kit.clock import PARIS
from tenants.db import db

MOST = 20


@dataclass(frozen=True, slots=True)
class Clash:
    """A trainer ("trainer"), a room ("room") or an absence ("absence") in the way of a half-day; or a room too small ("small").

    `session_id` and `title` are those of the other session; empty when whoever plans may not know it.
    """

    kind: str
    who: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    session_id: UUID | None = None
    title: dict[str, Any] | None = None
    seats: int = 0


def too_small(plan: Plan, rooms: Mapping[UUID, Room]) -> list[Clash]:
    """The rooms of a plan that have fewer seats than it, each once."""
    found = {}
    for room_id, half in plan.rooms:
        room = rooms.get(room_id)
        if room and room.seats < plan.capacity and room_id not in found:
            found[room_id] = Clash("small", f"{room.venue.name}, {room.name}", half.starts_at, half.ends_at, seats=room.seats)
    return list(found.values())


def clashes(plan: Plan, own_id: UUID | None = None) -> list[Clash]:
    """What stands in the way of a plan, session `own_id` apart: three statements at most, twenty of each."""
    found = _of_trainers(plan, own_id) + _of_rooms(plan, own_id) + _absences(plan)
    return sorted(found, key=lambda clash: (clash.starts_at, clash.kind, clash.who))


def stamp(found: Sequence[Clash]) -> str:
    """A mark of these clashes: whoever plans anyway has seen these, and no others."""
    said = [(clash.kind, clash.who, clash.starts_at, clash.ends_at, clash.session_id) for clash in found]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16] if said else ""


def _overlap(halves: Sequence[Half]) -> ColumnElement[bool]:
    first, last = min(half.starts_at for half in halves), max(half.ends_at for half in halves)
    # A slot lasts less than a day: the bounds let the index of starts serve.
    bounds = and_(Slot.starts_at < last, Slot.starts_at > first - dt.timedelta(days=1))
    return and_(bounds, or_(*(and_(Slot.starts_at < half.ends_at, Slot.ends_at > half.starts_at) for half in halves)))


def _others(statement: Select[*tuple[Any, ...]], own_id: UUID | None) -> Sequence[Row[Any]]:
    """(who, start, end, session, title, whether the session is within reach) of sessions that are not off."""
    statement = (
        statement.add_columns(Slot.starts_at, Slot.ends_at, TrainingSession.id, ProgrammeVersion.title, within_reach())
        .join(TrainingSession, (TrainingSession.firm_id == Slot.firm_id) & (TrainingSession.id == Slot.session_id))
        .join(TrainingSession.version)
        .where(TrainingSession.state != "cancelled")
        .order_by(Slot.starts_at)
        .limit(MOST)
    )
    return db.session.execute(statement.where(TrainingSession.id != own_id) if own_id else statement).all()


def _clash(kind: str, row: Row[Any]) -> Clash:
    who, start, end, session_id, title, seen = tuple(row)
    return Clash(kind, who, start, end, session_id if seen else None, title if seen else None)


def _of_trainers(plan: Plan, own_id: UUID | None) -> list[Clash]:
    if not plan.trainers:
        return []
    statement = (
        select(StaffCard.name)
        .select_from(Slot)
        .join(SessionTrainer, (SessionTrainer.firm_id == Slot.firm_id) & (SessionTrainer.session_id == Slot.session_id))
        .join(SessionTrainer.card)
        .where(SessionTrainer.staff_id.in_(plan.trainers), _overlap(plan.halves))
    )
    return [_clash("trainer", row) for row in _others(statement, own_id)]


def _of_rooms(plan: Plan, own_id: UUID | None) -> list[Clash]:
    taken = plan.rooms
    if not taken:
        return []
    in_room = or_(*(and_(Slot.room_id == room, _overlap([half])) for room, half in taken))
    statement = (
        select(Venue.name + ", " + Room.name)
        .select_from(Slot)
        .join(Room, (Room.firm_id == Slot.firm_id) & (Room.id == Slot.room_id))
        .join(Room.venue)
        .where(in_room)
    )
    return [_clash("room", row) for row in _others(statement, own_id)]


def _absences(plan: Plan) -> list[Clash]:
    """Days on which one of the trainers is not available, with the half-days that fall on them."""
    if not plan.trainers:
        return []
    days = {half.starts_at.astimezone(PARIS).date(): half for half in reversed(plan.halves)}
    rows = db.session.execute(
        select(StaffCard.name, TrainerAbsence.first_on, TrainerAbsence.last_on)
        .select_from(TrainerAbsence)
        .join(StaffCard, (StaffCard.firm_id == TrainerAbsence.firm_id) & (StaffCard.id == TrainerAbsence.staff_id))
        .where(TrainerAbsence.staff_id.in_(plan.trainers))
        .where(TrainerAbsence.first_on <= max(days), TrainerAbsence.last_on >= min(days))
    )
    return [
        Clash("absence", name, half.starts_at, half.ends_at)
        for name, first, last in rows
        for day, half in days.items()
        if first <= day <= last
    ]

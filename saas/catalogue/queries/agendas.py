"""What happens when: calendars by month and by week, and a trainer's own agenda."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import Date, Select, cast, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from saas.catalogue.models import SessionLink, SessionTrainer, Slot, TrainerAbsence, TrainingSession
from saas.catalogue.queries.sessions import Wanted, within_reach
from saas.kit.clock import at, now, today
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A day of a session: `link_id` for a client, nobody's for the firm."""

    day: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    session: TrainingSession
    link_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """What a calendar shows: per day its sessions, the first few of them, and how many there are."""

    first: dt.date
    last: dt.date
    days: Mapping[dt.date, Sequence[Occurrence]]
    totals: Mapping[dt.date, int]


def of_firm(first: dt.date, last: dt.date, per_day: int, wanted: Wanted, trainer: UUID | None = None) -> Span:
    """Firm scope: days `first` to `last` (included) of the sessions wanted: one statement."""
    statement = wanted.filter(select(Slot.session_id).join(Slot.session).where(within_reach()))
    if trainer:
        own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == trainer)
        statement = statement.where(TrainingSession.id.in_(own))
    ranked = _ranked(statement, first, last)
    rows = (
        select(ranked.c.day, ranked.c.start, ranked.c.end, ranked.c.total, TrainingSession)
        .join(TrainingSession, TrainingSession.id == ranked.c.session_id)
        .options(joinedload(TrainingSession.version), joinedload(TrainingSession.seats))
    )
    return _span(rows, ranked, first, last, per_day)


def of_client(first: dt.date, last: dt.date, per_day: int) -> Span:
    """Workspace scope: the same for the sessions this client may use, by their links."""
    statement = (
        select(Slot.session_id)
        .join(Slot.session)
        .join(SessionLink, (SessionLink.firm_id == Slot.firm_id) & (SessionLink.session_id == Slot.session_id))
        .where(TrainingSession.state != "draft")
    )
    ranked = _ranked(statement, first, last)
    rows = (
        select(ranked.c.day, ranked.c.start, ranked.c.end, ranked.c.total, TrainingSession, SessionLink.id)
        .join(TrainingSession, TrainingSession.id == ranked.c.session_id)
        .join(SessionLink, SessionLink.session_id == TrainingSession.id)
        .options(joinedload(TrainingSession.version))
    )
    return _span(rows, ranked, first, last, per_day)


def _ranked(statement: Select[*tuple[Any, ...]], first: dt.date, last: dt.date) -> Any:
    """Days of sessions in Paris, each with its place among those of its day, and how many these are."""
    day = cast(func.timezone("Europe/Paris", Slot.starts_at), Date)
    of_day = (
        statement.add_columns(day.label("day"), func.min(Slot.starts_at).label("start"), func.max(Slot.ends_at).label("end"))
        .where(Slot.starts_at >= at(first, 0), Slot.starts_at < at(last + dt.timedelta(days=1), 0))
        .group_by(Slot.session_id, day)
        .subquery()
    )
    place = func.row_number().over(partition_by=of_day.c.day, order_by=(of_day.c.start, of_day.c.session_id))
    return select(of_day, place.label("place"), func.count().over(partition_by=of_day.c.day).label("total")).subquery()


def _span(rows: Select[*tuple[Any, ...]], ranked: Any, first: dt.date, last: dt.date, per_day: int) -> Span:
    days: dict[dt.date, list[Occurrence]] = {}
    totals: dict[dt.date, int] = {}
    chosen = rows.where(ranked.c.place <= per_day).order_by(ranked.c.day, ranked.c.place)
    for day, start, end, total, session, *link in db.session.execute(chosen).unique():
        days.setdefault(day, []).append(Occurrence(day, start, end, session, link[0] if link else None))
        totals[day] = total
    return Span(first, last, days, totals)


def agenda(staff_id: UUID, past: bool = False) -> Select[Slot]:
    """Firm scope: a trainer's half-days to come (or past), with their sessions, as a statement to be paged."""
    statement = (
        select(Slot)
        .join(Slot.session)
        .join(SessionTrainer, (SessionTrainer.firm_id == Slot.firm_id) & (SessionTrainer.session_id == Slot.session_id))
        .where(SessionTrainer.staff_id == staff_id, TrainingSession.state != "cancelled", within_reach())
        .options(contains_eager(Slot.session).joinedload(TrainingSession.version))
    )
    if past:
        return statement.where(Slot.ends_at < now()).order_by(Slot.starts_at.desc(), Slot.id)
    return statement.where(Slot.ends_at >= now()).order_by(Slot.starts_at, Slot.id)


def double_booked(staff_id: UUID, slot_ids: Sequence[UUID]) -> set[UUID]:
    """Firm scope: those of these half-days during which the trainer is also wanted elsewhere, or away."""
    other, where = aliased(Slot), aliased(SessionTrainer)
    elsewhere = (
        select(other.id)
        .join(where, (where.firm_id == other.firm_id) & (where.session_id == other.session_id))
        .join(TrainingSession, (TrainingSession.firm_id == other.firm_id) & (TrainingSession.id == other.session_id))
        .where(other.firm_id == Slot.firm_id, where.staff_id == staff_id, TrainingSession.state != "cancelled")
        .where(other.session_id != Slot.session_id, other.starts_at < Slot.ends_at, other.ends_at > Slot.starts_at)
        .correlate(Slot)
    )
    day = cast(func.timezone("Europe/Paris", Slot.starts_at), Date)
    away = (
        select(TrainerAbsence.id)
        .where(TrainerAbsence.firm_id == Slot.firm_id, TrainerAbsence.staff_id == staff_id)
        .where(TrainerAbsence.first_on <= day, TrainerAbsence.last_on >= day)
        .correlate(Slot)
    )
    found = select(Slot.id).where(Slot.id.in_(slot_ids), elsewhere.exists() | away.exists())
    return set(db.session.scalars(found))


def absences(staff_id: UUID) -> Sequence[TrainerAbsence]:
    """Firm scope: the absences of a trainer that are not over, the next first."""
    rows = select(TrainerAbsence).where(TrainerAbsence.staff_id == staff_id, TrainerAbsence.last_on >= today())
    return db.session.scalars(rows.order_by(TrainerAbsence.first_on).limit(100)).all()


def absence(absence_id: UUID, staff_id: UUID) -> TrainerAbsence:
    """Firm scope: one absence of a trainer. 404 when it is not theirs."""
    found = db.session.scalar(select(TrainerAbsence).where(TrainerAbsence.id == absence_id, TrainerAbsence.staff_id == staff_id))
    if found is None:
        abort(404)
    return found

"""What the home pages show. Each page costs the same number of statements whatever the number of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import SessionSeats, TrainingSession
from saas.enrolments.models import Enrolment
from saas.kit.clock import PARIS, now, today
from saas.kit.journal import Journal
from tenants.db import db
from tenants.models import Workspace
from tenants.queue import Outbox


@dataclass(slots=True)
class ClientRow:
    """One client on staff's home, side by side with the others."""

    workspace: Workspace
    people: int = 0
    sessions: int = 0
    seats: Mapping[str, int] = field(default_factory=dict)
    due_cents: int = 0
    late_cents: int = 0
    rhythm: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of staff's home, counted from rows."""

    enrolled: int
    enrolled_before: int
    taken: int
    capacity: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that needs a decision: what, whose, since when, and the page to act on."""

    kind: str
    title: str
    client: str
    endpoint: str
    values: Mapping[str, object]
    at: dt.datetime | dt.date | None = None
    number: int = 0


def coming(until: dt.datetime) -> Sequence[TrainingSession]:
    """Firm scope: sessions that start before a moment, cancelled ones left out."""
    rows = db.session.scalars(
        select(TrainingSession)
        .where(TrainingSession.ends_at >= now(), TrainingSession.starts_at < until, TrainingSession.state.not_in(("draft", "cancelled")))
        .options(
            joinedload(TrainingSession.version), joinedload(TrainingSession.seats), selectinload(TrainingSession.slots),
            selectinload(TrainingSession.links), selectinload(TrainingSession.trainers),
        )
        .order_by(TrainingSession.starts_at)
    )  # fmt: skip
    return rows.all()


def figures() -> Figures:
    """Firm scope: enrolments of this month and of the one before, seats of the next 30 days."""
    first = dt.datetime.combine(today().replace(day=1), dt.time(), PARIS)
    before = (first - dt.timedelta(days=1)).replace(day=1)
    enrolled = select(func.count().filter(Enrolment.seated_at >= first), func.count().filter(Enrolment.seated_at < first)).where(
        Enrolment.seated_at >= before
    )
    month, earlier = db.session.execute(enrolled).one()
    taken, capacity = db.session.execute(
        select(func.coalesce(func.sum(SessionSeats.taken), 0), func.coalesce(func.sum(SessionSeats.capacity), 0))
        .join(TrainingSession, (TrainingSession.firm_id == SessionSeats.firm_id) & (TrainingSession.id == SessionSeats.id))
        .where(TrainingSession.starts_at.between(now(), now() + dt.timedelta(days=30)))
        .where(TrainingSession.state.in_(("open", "confirmed")))
    ).one()
    return Figures(month, earlier, int(taken), int(capacity))


def activity(limit: int = 8) -> Sequence[Journal]:
    """This scope's last acts."""
    return db.session.scalars(select(Journal).order_by(Journal.at.desc()).limit(limit)).all()


def dead_jobs() -> Sequence[Outbox]:
    """Firm scope: work that failed for good and waits for a person."""
    return db.session.scalars(
        select(Outbox).where(Outbox.firm_id.is_not(None), Outbox.dead_at.is_not(None)).order_by(Outbox.dead_at.desc()).limit(100)
    ).all()


def failing_jobs() -> Sequence[Outbox]:
    """Firm scope: work that failed and will be tried again by itself."""
    return db.session.scalars(
        select(Outbox)
        .where(Outbox.done_at.is_(None), Outbox.dead_at.is_(None), Outbox.attempts > 0)
        .order_by(Outbox.due_at)
        .limit(100)
    ).all()


def decisions(names: Mapping[UUID, Workspace], sessions: Sequence[TrainingSession]) -> list[ToDo]:
    """Firm scope: what needs a decision today, across all clients, the most pressing first."""
    return [*_under_minimum(names, sessions), *_unanswered(names)]


def _under_minimum(names: Mapping[UUID, Workspace], sessions: Sequence[TrainingSession]) -> list[ToDo]:
    soon = today() + dt.timedelta(days=7)
    return [
        ToDo(
            "minimum", session.version.title.get("fr", ""), clients_of(session, names), "rosters.show",
            {"session_id": session.id}, session.seats.decision_on, session.seats.minimum - session.seats.taken,
        )
        for session in sessions
        if session.state == "open" and session.seats.decision_on and session.seats.decision_on <= soon
        and session.seats.taken < session.seats.minimum
    ]  # fmt: skip


def _unanswered(names: Mapping[UUID, Workspace]) -> list[ToDo]:
    old = now() - dt.timedelta(days=3)
    rows = db.session.execute(
        select(Enrolment.workspace_id, func.count(), func.min(Enrolment.requested_at))
        .where(Enrolment.state == "requested", Enrolment.requested_at < old)
        .group_by(Enrolment.workspace_id)
    )
    return [
        ToDo("requests", "", names[i].name, "home.workspace", {"workspace": names[i].slug}, since, number)
        for i, number, since in rows
        if i in names
    ]


def clients_of(session: TrainingSession, names: Mapping[UUID, Workspace]) -> str:
    """The clients that a session is open to, for staff's eyes only."""
    return ", ".join(sorted(names[link.workspace_id].name for link in session.links if link.workspace_id in names))

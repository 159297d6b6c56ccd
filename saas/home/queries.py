"""What the home pages show. Each page costs the same number of statements whatever the number of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionTrainer, TrainingSession
from saas.catalogue.queries.sessions import within_reach
from saas.home.standing import standing
from saas.kit.clock import now
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

    @property
    def standing(self) -> str:
        return standing(self.late_cents, self.rhythm, self.seats.get("requested", 0), self.people, self.sessions)


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


def coming(until: dt.datetime, trainer: UUID | None = None) -> Sequence[TrainingSession]:
    """Firm scope: sessions that start before a moment (one trainer's own, if named), cancelled ones left out."""
    own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == trainer)
    rows = db.session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id.in_(own) if trainer else within_reach())
        .where(TrainingSession.ends_at >= now(), TrainingSession.starts_at < until, TrainingSession.state.not_in(("draft", "cancelled")))
        .options(
            joinedload(TrainingSession.version), joinedload(TrainingSession.seats), joinedload(TrainingSession.links)
        )
        .order_by(TrainingSession.starts_at)
    )  # fmt: skip
    return rows.unique().all()


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


def clients_of(session: TrainingSession, names: Mapping[UUID, Workspace]) -> str:
    """The clients that a session is open to, for staff's eyes only."""
    return ", ".join(sorted(names[link.workspace_id].name for link in session.links if link.workspace_id in names))

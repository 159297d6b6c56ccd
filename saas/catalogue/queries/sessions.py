"""Reads of sessions: the firm's, and those a client may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, select, text, true
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import ProgrammeVersion, SessionLink, SessionSeats, SessionTrainer, TrainingSession
from saas.identity.models import Staff, StaffCard
from saas.kit.clock import at, now, today
from saas.kit.names import fold
from tenants.db import db
from tenants.scope import current_scope

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def within_reach() -> ColumnElement[bool]:
    """What somebody limited to some clients may see of the sessions: those open to one of theirs, or to nobody yet."""
    clients = current_scope().clients
    if clients is None:
        return true()
    link = SessionLink.__table__.c  # the table: other clients' links are hidden from the model
    of = select(link.id).where(link.firm_id == TrainingSession.firm_id, link.session_id == TrainingSession.id)
    of = of.correlate(TrainingSession)
    return of.where(link.workspace_id.in_(clients)).exists() | ~of.exists()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list and the calendar are asked for, as their address says it."""

    search: str = ""
    state: str = ""
    kind: str = ""
    programme: UUID | None = None
    client: UUID | None = None
    trainer: UUID | None = None
    month: dt.date | None = None

    def filter(self, statement: Rows) -> Rows:
        """A statement over sessions, for what is wanted alone."""
        for word in fold(self.search).split()[:6]:
            statement = statement.where(TrainingSession.searched.contains(word, autoescape=True))
        if self.state:
            statement = statement.where(self._in_state())
        if self.kind:
            statement = statement.where(TrainingSession.kind == self.kind)
        if self.programme:
            versions = select(ProgrammeVersion.id).where(ProgrammeVersion.programme_id == self.programme)
            statement = statement.where(TrainingSession.version_id.in_(versions))
        if self.client:
            linked = select(SessionLink.session_id).where(SessionLink.workspace_id == self.client)
            statement = statement.where(TrainingSession.id.in_(linked))
        if self.trainer:
            own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == self.trainer)
            statement = statement.where(TrainingSession.id.in_(own))
        if self.month:
            first, end = at(self.month, 0), at(next_month(self.month), 0)
            statement = statement.where(TrainingSession.starts_at < end, TrainingSession.ends_at >= first)
        return statement

    def _in_state(self) -> ColumnElement[bool]:
        """`full` is no state: it is an open or confirmed session without a free seat."""
        if self.state != "full":
            return TrainingSession.state == self.state
        seats = select(SessionSeats.id).where(SessionSeats.taken >= SessionSeats.capacity)
        return TrainingSession.state.in_(("open", "confirmed")) & TrainingSession.id.in_(seats)


def next_month(day: dt.date) -> dt.date:
    """The first of the month after a day's."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def sessions(past: bool = False, trainer: UUID | None = None, wanted: Wanted | None = None) -> Select[TrainingSession]:
    """Firm scope: sessions to come (or past, the newest first), as a statement to be paged. A month has both."""
    wanted = wanted or Wanted()
    statement = wanted.filter(
        select(TrainingSession)
        .where(within_reach())
        .options(joinedload(TrainingSession.version), joinedload(TrainingSession.seats), selectinload(TrainingSession.links))
    )
    if trainer:
        own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == trainer)
        statement = statement.where(TrainingSession.id.in_(own))
    if wanted.month:
        return statement.order_by(TrainingSession.starts_at, TrainingSession.id)
    if past:
        return statement.where(TrainingSession.ends_at < now()).order_by(TrainingSession.starts_at.desc(), TrainingSession.id)
    return statement.where(TrainingSession.ends_at >= now()).order_by(TrainingSession.starts_at, TrainingSession.id)


def decision_is_due(within: dt.timedelta = dt.timedelta()) -> ColumnElement[bool]:
    """Whether the day to decide on a session comes within a time, or the session has started."""
    return (SessionSeats.decision_on <= today() + within) | (TrainingSession.starts_at <= now())


def to_decide(staff_id: UUID | None = None, within: dt.timedelta = dt.timedelta()) -> Sequence[TrainingSession]:
    """Firm scope: open sessions whose decision is due (within a time), or that started without one, the oldest first.

    With `staff_id`, those that this person decides, and those that nobody was named for. Fifty at most; each has its
    version, seats (with `decider`) and links.
    """
    statement = (
        select(TrainingSession)
        .join(SessionSeats, (SessionSeats.firm_id == TrainingSession.firm_id) & (SessionSeats.id == TrainingSession.id))
        .where(TrainingSession.state == "open", decision_is_due(within), within_reach())
        .options(
            joinedload(TrainingSession.version),
            joinedload(TrainingSession.seats).joinedload(SessionSeats.decider),
            selectinload(TrainingSession.links),
        )
        .order_by(SessionSeats.decision_on, TrainingSession.starts_at)
        .limit(50)
    )
    if staff_id:
        statement = statement.where((SessionSeats.decider_id == staff_id) | SessionSeats.decider_id.is_(None))
    return db.session.scalars(statement).unique().all()


def session(session_id: UUID, trainer: UUID | None = None) -> TrainingSession:
    """Firm scope: one session with everything its page shows. A trainer finds only their own. 404 otherwise."""
    statement = (
        select(TrainingSession)
        .where(TrainingSession.id == session_id, within_reach())
        .options(
            joinedload(TrainingSession.version),
            joinedload(TrainingSession.seats).joinedload(SessionSeats.decider),
            joinedload(TrainingSession.slots),
            selectinload(TrainingSession.trainers).joinedload(SessionTrainer.card),
            selectinload(TrainingSession.links),
        )  # fmt: skip
    )
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None or (trainer and trainer not in {t.staff_id for t in found.trainers}):
        abort(404)
    return found


def links(past: bool = False) -> Select[SessionLink]:
    """Workspace scope: the sessions this client may use, as a statement to be paged."""
    statement = (
        select(SessionLink)
        .join(SessionLink.session)
        .where(TrainingSession.state != "draft")
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
    )
    if past:
        return statement.where(TrainingSession.ends_at < now()).order_by(TrainingSession.starts_at.desc())
    return statement.where(TrainingSession.ends_at >= now()).order_by(TrainingSession.starts_at)


def link(link_id: UUID) -> SessionLink:
    """Workspace scope: one session as this client may use it. 404 otherwise."""
    statement = (
        select(SessionLink)
        .where(SessionLink.id == link_id)
        .options(
            joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(SessionLink.session).joinedload(TrainingSession.slots),
            joinedload(SessionLink.session).selectinload(TrainingSession.trainers).joinedload(SessionTrainer.card),
        )
    )
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None or found.session.state == "draft":
        abort(404)
    return found


def link_of(workspace_id: UUID, link_id: UUID) -> SessionLink:
    """Firm scope: one client's link to a session. 404 otherwise."""
    found = db.session.scalar(select(SessionLink).where(SessionLink.workspace_id == workspace_id, SessionLink.id == link_id))
    if found is None:
        abort(404)
    return found


def availability(session_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Workspace scope: available, few or waiting, by session; never a count."""
    if not session_ids:
        return {}
    rows = db.session.execute(text("SELECT * FROM availability(:ids)"), {"ids": list(session_ids)})
    return {row[0]: row[1] for row in rows}


def trainers() -> Sequence[StaffCard]:
    """Firm scope: who may give sessions."""
    return db.session.scalars(select(StaffCard).where(StaffCard.trains).order_by(StaffCard.name)).all()


def planners() -> tuple[list[StaffCard], list[StaffCard]]:
    """Firm scope: who may give sessions, and who may decide on them: one statement."""
    rows = db.session.execute(
        select(StaffCard, Staff.roles)
        .join(Staff, (Staff.firm_id == StaffCard.firm_id) & (Staff.id == StaffCard.id))
        .where(Staff.left_at.is_(None))
        .order_by(StaffCard.name)
    ).all()
    return [card for card, _ in rows if card.trains], [card for card, roles in rows if {"owner", "advisor"} & set(roles)]

"""Writes of sessions and of who may use them, in firm scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue.models import ProgrammeVersion, SessionLink, SessionSeats, SessionTrainer, Slot, TrainingSession
from saas.catalogue.signals import session_cancelled, session_confirmed
from saas.kit import journal
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tenants.scope import current_scope

MOVES = {"draft": {"open", "cancelled"}, "open": {"confirmed", "cancelled"}, "confirmed": {"cancelled", "done"}}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session happens: a venue or a link."""

    venue: str = ""
    address: str = ""
    access: str = ""
    video_url: str = ""


def open_session(
    version: ProgrammeVersion, *, kind: str, slots: Sequence[tuple[dt.datetime, dt.datetime]], place: Place, capacity: int,
    minimum: int, trainers: Iterable[UUID] = (), language: str = "fr", decision_on: dt.date | None = None,
    state: str = "open",
) -> TrainingSession:  # fmt: skip
    """Open a dated delivery. Raises Refused when it has no slot, or slots that overlap or end before they start."""
    slots = sorted(slots)
    if not slots:
        raise Refused(_l("Give at least one half-day."), "first_day")
    if any(end <= start for start, end in slots) or any(a[1] > b[0] for a, b in zip(slots, slots[1:], strict=False)):
        raise Refused(_l("Two half-days overlap, or one ends before it starts."), "first_day")
    if minimum > capacity:
        raise Refused(_l("The minimum is above the number of seats."), "minimum")
    session = TrainingSession(
        id=new_id(), version_id=version.id, kind=kind, state=state, language=language, starts_at=slots[0][0],
        ends_at=slots[-1][1], venue=place.venue, address=place.address, access=place.access, video_url=place.video_url,
    )  # fmt: skip
    db.session.add(session)
    db.session.flush()
    db.session.add(SessionSeats(id=session.id, capacity=capacity, minimum=minimum, decision_on=decision_on))
    db.session.add_all(Slot(session_id=session.id, starts_at=start, ends_at=end) for start, end in slots)
    db.session.add_all(SessionTrainer(session_id=session.id, staff_id=staff_id) for staff_id in trainers)
    db.session.flush()
    journal.note("session.opened", version.title.get("fr", ""), session.id)
    return session


def link(session: TrainingSession, workspace_id: UUID, price_cents: int, basis: str = "seat") -> SessionLink:
    """Let a client use a session, at a price. An intra session has one client. Raises Refused."""
    others = db.session.scalars(select(SessionLink).where(SessionLink.session_id == session.id)).all()
    known = next((row for row in others if row.workspace_id == workspace_id), None)
    if session.kind == "intra" and others and known is None:
        raise Refused(_l("A session inside one company has one client only."))
    if known is None:
        known = SessionLink(id=new_id(), session_id=session.id, workspace_id=workspace_id, price_cents=price_cents, basis=basis)
        db.session.add(known)
    known.price_cents, known.basis = price_cents, basis
    db.session.flush()
    return known


def must_reach_every_client(session_id: UUID) -> None:
    """Raises Refused when whoever acts is limited to some clients and a session is open to others too: acts on the whole
    session would reach people they cannot see.
    """
    clients = current_scope().clients
    if clients is None:
        return
    link = SessionLink.__table__.c  # the table: other clients' links are hidden from the model
    others = select(link.id).where(link.session_id == session_id, link.workspace_id.not_in(clients))
    if db.session.execute(others.limit(1)).first():
        raise Refused(_l("This session is open to clients you do not look after: ask an owner."))


def move(session: TrainingSession, state: str) -> None:
    """Confirm, cancel or close a session; features that hold seats of it hear of it. Raises Refused."""
    if state not in MOVES.get(session.state, set()):
        raise Refused(_l("This session cannot go there from where it is."))
    must_reach_every_client(session.id)
    session.state = state
    session.sequence += 1
    journal.note(f"session.{state}", "", session.id)
    if state == "cancelled":
        session_cancelled.send(db, session=session)
    if state == "confirmed":
        session_confirmed.send(db, session=session)
    db.session.flush()

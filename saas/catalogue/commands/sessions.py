"""Opening sessions, and who may use them. In firm scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from saas.catalogue.commands.moves import move, must_reach_every_client
from saas.catalogue.models import ProgrammeVersion, SessionLink, SessionSeats, SessionTrainer, Slot, TrainingSession
from saas.catalogue.planning import Half, Place, Plan, checked, numbered, planned, shifted
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.names import fold
from tenants.db import db, new_id
from tenants.scope import current_scope

__all__ = [
    "Place",
    "checked",
    "duplicate",
    "link",
    "move",
    "must_reach_every_client",
    "open_session",
    "plan_session",
    "planning_alone",
]
MOST_COPIES = 24


def planning_alone() -> None:
    """Until the end of the transaction, nobody else of the firm plans: what is looked at for clashes stays true."""
    key = f"planning:{current_scope().firm_id}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def open_session(
    version: ProgrammeVersion, *, kind: str, slots: Sequence[tuple[dt.datetime, dt.datetime]], place: Place, capacity: int,
    minimum: int, trainers: Iterable[UUID] = (), language: str = "fr", decision_on: dt.date | None = None,
    state: str = "open",
) -> TrainingSession:  # fmt: skip
    """Open a dated delivery from plain times. See plan_session."""
    halves = tuple(Half(start, end) for start, end in slots)
    plan = Plan(halves, place, frozenset(trainers), language, capacity=capacity, minimum=minimum, decision_on=decision_on)
    return plan_session(version, kind, plan, state)


def plan_session(version: ProgrammeVersion, kind: str, plan: Plan, state: str = "open") -> TrainingSession:
    """Write a session down. Raises Refused when it has no slot, or slots that overlap or end before they start."""
    plan = checked(plan)
    entries, last = numbered(plan.halves, plan.zone, {}, {}, 0)
    session = TrainingSession(id=new_id(), version_id=version.id, kind=kind, state=state, entries=last)
    describe(session, version, plan)
    db.session.add(session)
    db.session.flush()
    db.session.add(
        SessionSeats(
            id=session.id, capacity=plan.capacity, minimum=plan.minimum, decision_on=plan.decision_on,
            decider_id=plan.decider_id, notes=plan.notes, cost_cents=plan.cost_cents,
        )
    )  # fmt: skip
    for half in plan.halves:
        slot = Slot(id=new_id(), session_id=session.id, entry=entries[half.starts_at.astimezone(plan.zone).date()])
        place_slot(slot, half, plan)
        db.session.add(slot)
    db.session.add_all(SessionTrainer(session_id=session.id, staff_id=staff_id) for staff_id in plan.trainers)
    db.session.flush()
    journal.note("session.opened", version.title.get("fr", ""), session.id)
    return session


def describe(session: TrainingSession, version: ProgrammeVersion, plan: Plan) -> None:
    """Write a plan's shared facts on a session."""
    place, titles = plan.place, version.title
    session.starts_at, session.ends_at = plan.halves[0].starts_at, plan.halves[-1].ends_at
    session.language, session.time_zone = plan.language, plan.time_zone
    session.venue, session.address, session.access = place.venue, place.address, place.access
    session.video_url, session.accessibility, session.room_id = place.video_url, place.accessibility, place.room_id
    session.searched = fold(" ".join([titles.get("fr", ""), titles.get("en", ""), place.venue, place.address]))


def place_slot(slot: Slot, half: Half, plan: Plan) -> None:
    """Write a half-day's hours, and its place where it is not the session's."""
    own = half.place
    slot.starts_at, slot.ends_at = half.starts_at, half.ends_at
    slot.venue, slot.address, slot.video_url = (own.venue, own.address, own.video_url) if own else ("", "", "")
    slot.room_id = own.room_id if own else plan.place.room_id


def duplicate(
    session: TrainingSession, first_day: dt.date, *, times: int = 1, weeks: int = 1, with_links: bool = False,
    state: str = "draft",
) -> list[TrainingSession]:  # fmt: skip
    """The same session from another day on, once or several times so many weeks apart. Raises Refused."""
    plan = planned(session)
    if not 1 <= times <= MOST_COPIES:
        raise Refused(_l("Between 1 and %(most)s sessions at once.", most=MOST_COPIES), "times")
    planning_alone()
    made = []
    for n in range(times):
        copy = plan_session(session.version, session.kind, shifted(plan, first_day + n * weeks * dt.timedelta(days=7)), state)
        for old in session.links if with_links else ():
            new = link(copy, old.workspace_id, old.price_cents, old.basis)
            new.ceiling = old.ceiling
        made.append(copy)
    db.session.flush()
    return made


def link(session: TrainingSession, workspace_id: UUID, price_cents: int, basis: str = "seat") -> SessionLink:
    """Let a client use a session, at a price. An intra session has one client. Raises Refused."""
    # Two of the staff at once: the second finds what the first has written.
    db.session.scalars(select(TrainingSession.id).where(TrainingSession.id == session.id).with_for_update()).all()
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

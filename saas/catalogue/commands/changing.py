"""Changing a session that exists: what is told, what calendars follow, what two people may not do at once. In firm scope."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from saas.catalogue.commands.moves import must_reach_every_client
from saas.catalogue.commands.sessions import describe, place_slot
from saas.catalogue.models import FormerDay, SessionSeats, SessionTrainer, Slot, TrainingSession
from saas.catalogue.planning import Changes, Plan, changes, checked, numbered, planned, trainers_of
from saas.catalogue.signals import seats_added, session_moved
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id

CHANGEABLE = ("draft", "open", "confirmed", "running")
TOLD = ("open", "confirmed", "running")


def stamp(plan: Plan) -> str:
    """A mark of how a session stood when a form showed it: another mark later means that somebody changed it."""
    facts = (
        sorted((str(h.id), h.starts_at, h.ends_at, h.place) for h in plan.halves),
        plan.place,
        sorted(map(str, plan.trainers)),
    )
    rest = (
        plan.language,
        plan.time_zone,
        plan.capacity,
        plan.minimum,
        plan.decision_on,
        plan.decider_id,
        plan.notes,
        plan.cost_cents,
    )
    return hashlib.sha256(repr((facts, rest)).encode()).hexdigest()[:24]


def proposed(session: TrainingSession, plan: Plan) -> Changes:
    """What a plan would change. Raises Refused for what may not change."""
    plan = checked(plan)
    if session.state not in CHANGEABLE:
        raise Refused(_l("This session is over or cancelled: it stays as it was."))
    _must_keep_the_past(session, plan)
    return changes(planned(session), plan)


def _must_keep_the_past(session: TrainingSession, plan: Plan) -> None:
    """Half-days that have begun were signed for: they stay."""
    kept = {half.id: (half.starts_at, half.ends_at) for half in plan.halves}
    for slot in session.slots:
        if slot.starts_at <= now() and kept.get(slot.id) != (slot.starts_at, slot.ends_at):
            raise Refused(_l("A half-day that has begun stays as it was."), "lines")


def change(session: TrainingSession, plan: Plan, seen: str | None = None) -> Changes:
    """Write a changed plan; people with a seat hear once of what concerns them. Raises Refused.

    `seen` is the stamp of the session that the form was drawn from.
    """
    must_reach_every_client(session.id)
    seats = _locked(session)
    if seen is not None and seen != stamp(planned(session)):
        raise Refused(
            _l("Somebody changed this session in the meantime. What you typed is below: look at it beside what it is now.")
        )
    found = proposed(session, plan)
    if plan.capacity < seats.taken:
        raise Refused(_l("%(taken)s seats are taken: there cannot be fewer.", taken=seats.taken), "capacity")
    more = plan.capacity > seats.capacity
    seats.capacity, seats.minimum, seats.decision_on = plan.capacity, plan.minimum, plan.decision_on
    seats.decider_id, seats.notes, seats.cost_cents = plan.decider_id, plan.notes, plan.cost_cents
    if found.in_calendars:
        session.sequence += 1
        session.changed_at = now()
    _lay_out(session, found.after)
    describe(session, session.version, found.after)
    _staff(session, plan.trainers)
    db.session.flush()
    journal.note("session.changed", session.version.title.get("fr", ""), session.id, changed=sorted(found.told))
    _tell(session, found, more=more)
    return found


def _locked(session: TrainingSession) -> SessionSeats:
    """The session and its seats, read again under their locks: an enrolment at the same moment waits, or came first."""
    again = {"populate_existing": True}
    own = select(TrainingSession).where(TrainingSession.id == session.id).with_for_update()
    db.session.scalars(own, execution_options=again).one()
    db.session.expire(session, ["slots", "trainers"])
    seats = select(SessionSeats).where(SessionSeats.id == session.id).with_for_update()
    return db.session.scalars(seats, execution_options=again).one()


def _lay_out(session: TrainingSession, plan: Plan) -> None:
    """Slots keep their rows; days keep their calendar entries; days that are gone are remembered."""
    zone, known = plan.zone, {slot.id: slot for slot in session.slots}
    old_days = _days(session, list(known.values()))
    entries, session.entries = numbered(
        plan.halves, zone, {day: entry for entry, (day, *_times) in old_days.items()},
        {slot.id: slot.entry for slot in known.values()}, session.entries,
    )  # fmt: skip
    for half in plan.halves:
        slot = known.pop(half.id, None) if half.id else None
        if slot is None:
            slot = Slot(id=new_id(), session_id=session.id)
            db.session.add(slot)
        slot.entry = entries[half.starts_at.astimezone(zone).date()]
        place_slot(slot, half, plan)
    for slot in known.values():
        db.session.delete(slot)
    for entry in old_days.keys() - set(entries.values()):
        _day, start, end = old_days[entry]
        db.session.add(
            FormerDay(session_id=session.id, entry=entry, starts_at=start, ends_at=end, sequence=session.sequence, gone_at=now())
        )
    db.session.flush()
    db.session.expire(session, ["slots"])


def _days(session: TrainingSession, slots: list[Slot]) -> dict[int, tuple[dt.date, dt.datetime, dt.datetime]]:
    """Each calendar entry of a session as it stands: its day, its first start and its last end."""
    zone, found = planned(session).zone, dict[int, tuple[dt.date, dt.datetime, dt.datetime]]()
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        day, start, end = found.get(slot.entry, (slot.starts_at.astimezone(zone).date(), slot.starts_at, slot.ends_at))
        found[slot.entry] = day, start, max(end, slot.ends_at)
    return found


def _staff(session: TrainingSession, wanted: frozenset[UUID]) -> None:
    known = trainers_of(session)
    gone = known.keys() - wanted
    if gone:
        db.session.execute(
            delete(SessionTrainer).where(SessionTrainer.session_id == session.id, SessionTrainer.staff_id.in_(gone))
        )
    db.session.add_all(SessionTrainer(session_id=session.id, staff_id=one) for one in wanted - known.keys())
    db.session.expire(session, ["trainers"])


def _tell(session: TrainingSession, found: Changes, *, more: bool) -> None:
    if session.state in TOLD and found.told:
        session_moved.send(db, session=session, changed=set(found.told))
    if session.state in ("open", "confirmed") and more:
        seats_added.send(db, session=session)

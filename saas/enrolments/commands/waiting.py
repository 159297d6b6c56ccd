"""The waiting list: seats offered to the first in line, taken, left, or gone on when nobody answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, exists, select

from saas.catalogue.models import SessionLink, SessionSeats, TrainingSession
from saas.enrolments.commands import credits
from saas.enrolments.commands.enrolling import must_not_overlap
from saas.enrolments.commands.steps import (
    CHANGED,
    claim,
    free_seats,
    in_session,
    lock_members,
    lock_sessions,
    must_be,
    must_be_open,
    release,
    step,
    tell,
)
from saas.enrolments.models import OPEN, Enrolment
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.workspaces.queries.firm import enrolment_rules
from tenants.db import db
from tenants.queue import later

AT_ONCE = 200


def offer_next(session_id: UUID) -> list[Enrolment]:
    """Firm scope: offer the free seats of a session to those who have waited longest, one each, with a deadline.

    A client at its ceiling is passed over; its people keep their place.
    """
    lock_sessions([session_id])
    offered: list[Enrolment] = []
    full: set[UUID] = set()
    kept = dt.timedelta(hours=enrolment_rules().offer_hours)
    while len(offered) < AT_ONCE and (first := _first_in_line(session_id, full)):
        if not claim(first.link, 1, in_line=True):
            full.add(first.link_id)
            continue
        first.offer_until = min(now() + kept, first.link.session.starts_at)
        step(first, "offered")
        tell("offered", first)
        offered.append(first)
    return offered


def _first_in_line(session_id: UUID, full: set[UUID]) -> Enrolment | None:
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(SessionLink.session_id == session_id, Enrolment.state == "waiting", TrainingSession.state.in_(OPEN))
        .where(TrainingSession.starts_at > now(), Enrolment.link_id.not_in(full))
        .order_by(Enrolment.queued_at, Enrolment.id)
        .limit(1)
        .with_for_update(of=Enrolment, skip_locked=True)
    ).first()


def sessions_to_offer() -> Sequence[UUID]:
    """Firm scope: sessions that have a free seat and somebody who waits, for whatever reason: more seats, a higher ceiling."""
    waits = exists(
        select(Enrolment.id)
        .join(SessionLink, and_(SessionLink.firm_id == Enrolment.firm_id, SessionLink.id == Enrolment.link_id))
        .where(SessionLink.session_id == SessionSeats.id, Enrolment.state == "waiting")
    )
    free = (
        select(SessionSeats.id)
        .join(TrainingSession, TrainingSession.id == SessionSeats.id)
        .where(SessionSeats.taken < SessionSeats.capacity, TrainingSession.state.in_(OPEN), TrainingSession.starts_at > now())
        .where(waits)
        .order_by(SessionSeats.id)
    )
    return db.session.scalars(free).all()


def accept(row: Enrolment) -> None:
    """The person (or HR for them) takes the seat offered. Raises Refused when the offer is over, or clashes with a seat."""
    lock_members([row.member_id])
    must_be(row, "offered")
    if row.offer_until and row.offer_until <= now():
        raise Refused(_l("This offer ended: the seat went to the next person in line."))
    must_be_open(row.link.session)
    must_not_overlap(row.link, [row.member_id])
    step(row, "seated", "accepted")
    credits.spend([row])
    tell("seated", row)


def decline(row: Enrolment, *, stay: bool = False) -> None:
    """The person does not want the seat offered: it goes to the next in line. `stay`: they wait on, at the end of the line."""
    lock_sessions([row.link.session_id])
    must_be(row, "offered")
    row.offer_until = None
    if stay:
        row.queued_at = now()
        step(row, "waiting", "passed")
    else:
        step(row, "lapsed", "declined")
    free_seats(row.link.session_id, 1)


def lapse(row: Enrolment) -> None:
    """Firm scope: an offer nobody answered in time goes to the next in line; the person is told and may wait again."""
    lock_sessions([row.link.session_id])
    must_be(row, "offered")
    row.offer_until = None
    step(row, "lapsed")
    release(row.link.session_id)
    tell("lapsed", row)
    later("enrolments.offer_next", subject_id=row.link.session_id)


def wait_again(row: Enrolment) -> None:
    """Back on the waiting list, at its end, after an offer that ended. Raises Refused when the session is closed.

    And when the person is in it again since, by another way.
    """
    claim(row.link, 0)
    must_be(row, "lapsed")
    if in_session(row.link, row.member_id) is not None:
        raise Refused(CHANGED)
    row.ended_at, row.queued_at = None, now()
    step(row, "waiting", "again")

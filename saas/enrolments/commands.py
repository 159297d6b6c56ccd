"""What happens to seats. Each command runs in workspace scope unless it says otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import HOLDING, LIVE, Enrolment, EnrolmentEvent
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import PARIS, now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.workspaces.queries.firm import cancellation_terms
from tenants.db import db, new_id
from tenants.queue import later

OFFER_LIVES = dt.timedelta(hours=48)
OPEN = ("open", "confirmed")
EVENTS: Any = EnrolmentEvent.__table__


def enrol(link: SessionLink, members: Sequence[Member]) -> tuple[list[Enrolment], list[Enrolment]]:
    """Enrol people: those for whom there is a seat, then those who wait, in the order given.

    People already in are left as they are. Raises Refused when the session takes no more enrolments.
    """
    _must_be_open(link.session)
    already = set(
        db.session.scalars(
            select(Enrolment.member_id).where(Enrolment.link_id == link.id, Enrolment.state.in_((*LIVE, "attended", "absent")))
        )
    )
    new = [member for member in members if member.id not in already]
    granted = claim(link.session_id, len(new))
    terms = cancellation_terms() if new else []
    rows = [_enrolment(link, member, terms) for member in new]
    seated, waiting = rows[:granted], rows[granted:]
    db.session.add_all(rows)
    db.session.flush()
    for row in seated:
        _step(row, "seated")
        later("enrolments.seated_mail", enrolment_id=row.id)
    for row in waiting:
        _step(row, "waiting")
        later("enrolments.waiting_mail", enrolment_id=row.id)
    if rows:
        journal.note("enrolments.made", "", link.id, seated=len(seated), waiting=len(waiting))
    return seated, waiting


def _must_be_open(session: TrainingSession) -> None:
    if session.state not in OPEN or session.starts_at <= now():
        raise Refused(_l("This session takes no more enrolments."))


def _enrolment(link: SessionLink, member: Member, terms: list[list[int]]) -> Enrolment:
    """A seat wished for, with the price and the firm's cancellation terms as they are now."""
    return Enrolment(
        id=new_id(), workspace_id=link.workspace_id, link_id=link.id, member_id=member.id, state="requested",
        price_cents=link.price_cents, vat=link.session.version.vat, terms=terms,
    )  # fmt: skip


def _step(row: Enrolment, state: str, step: str = "") -> None:
    """Move an enrolment and write the step down."""
    moment = now()
    row.state = state
    if state == "waiting":
        row.queued_at = row.queued_at or moment
    elif state == "seated":
        row.seated_at = moment
    elif state not in LIVE:
        row.ended_at = moment
    db.session.add(
        EnrolmentEvent(workspace_id=row.workspace_id, enrolment_id=row.id, at=moment, actor=actor_name(), step=step or state)
    )
    db.session.flush()


def claim(session_id: UUID, wanted: int) -> int:
    """How many of the seats wanted were granted; they are taken now. The session never holds more than it can."""
    return db.session.scalar(select(func.claim_seats(session_id, wanted))) or 0 if wanted else 0


def release(session_id: UUID, freed: int) -> None:
    db.session.scalar(select(func.release_seats(session_id, freed)))


def request(link: SessionLink, member: Member) -> Enrolment:
    """A manager asks for a seat; HR decides."""
    _must_be_open(link.session)
    known = db.session.scalar(
        select(Enrolment).where(Enrolment.link_id == link.id, Enrolment.member_id == member.id, Enrolment.state.in_(LIVE))
    )
    if known is not None:
        return known
    row = _enrolment(link, member, cancellation_terms())
    db.session.add(row)
    db.session.flush()
    _step(row, "requested")
    return row


def approve(row: Enrolment) -> None:
    """HR says yes to a request: a seat when there is one, else the waiting list."""
    _must_be(row, "requested")
    _must_be_open(row.link.session)
    state = "seated" if claim(row.link.session_id, 1) else "waiting"
    _step(row, state)
    later(f"enrolments.{state}_mail", enrolment_id=row.id)


def refuse(row: Enrolment, reason: str) -> None:
    """HR says no to a request, with a reason."""
    _must_be(row, "requested")
    row.reason = reason
    _step(row, "refused")
    later("enrolments.refused_mail", enrolment_id=row.id)


def _must_be(row: Enrolment, *states: str) -> None:
    # Two people may act at the same moment: the row is locked and read again before it moves.
    db.session.refresh(row, ["state"], with_for_update=True)
    if row.state not in states:
        raise Refused(_l("This has changed in the meantime: the page shows how it stands now."))


def fee_cents(row: Enrolment, moment: dt.datetime | None = None) -> int:
    """What withdrawing costs at a moment, from the terms frozen at enrolment (days are counted in Paris)."""
    if row.state != "seated":
        return 0
    day = (moment or now()).astimezone(PARIS).date()
    left = (row.link.session.starts_at.astimezone(PARIS).date() - day).days
    percent = next((share for days, share in sorted(row.terms, reverse=True) if left >= days), 100)
    return round(row.price_cents * percent / 100)


def withdraw(row: Enrolment, reason: str) -> None:
    """Give a seat or a place in the queue back; the fee shown before is recorded. The seat goes to the first in line."""
    _must_be(row, *LIVE)
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: mark an absence instead."))
    held = row.state in HOLDING
    row.fee_cents, row.reason = fee_cents(row), reason
    _step(row, "withdrawn")
    if held:
        free_seat(row.link.session_id)
    later("enrolments.withdrawn_mail", enrolment_id=row.id)
    journal.note("enrolment.withdrawn", "", row.id, fee_cents=row.fee_cents)


def free_seat(session_id: UUID) -> None:
    """Workspace scope: a seat is free again; whoever is first in line, of whichever client, hears of it.

    The seat is offered in firm scope: this scope must not know who that is.
    """
    release(session_id, 1)
    row_id = new_id()
    if db.session.scalar(select(func.upward("enrolments.offer_next", session_id, row_id))):
        db.session.info.setdefault("pushes", []).append(row_id)


def offer_next(session_id: UUID) -> Enrolment | None:
    """Firm scope: offer the free seats of a session to whoever has waited longest, one each, with a deadline."""
    offered = None
    while (first := _first_in_line(session_id)) and claim(session_id, 1):
        first.offer_until = min(now() + OFFER_LIVES, first.link.session.starts_at)
        _step(first, "offered")
        later("enrolments.offered_mail", enrolment_id=first.id)
        offered = offered or first
    return offered


def _first_in_line(session_id: UUID) -> Enrolment | None:
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(SessionLink.session_id == session_id, Enrolment.state == "waiting", TrainingSession.state.in_(OPEN))
        .where(TrainingSession.starts_at > now())
        .order_by(Enrolment.queued_at, Enrolment.id)
        .limit(1)
        .with_for_update(of=Enrolment, skip_locked=True)
    ).first()


def accept(row: Enrolment) -> None:
    """The person (or HR for them) takes the seat offered. Raises Refused when the offer is over."""
    _must_be(row, "offered")
    if row.offer_until and row.offer_until <= now():
        raise Refused(_l("This offer ended: the seat went to the next person in line."))
    _step(row, "seated", "accepted")
    later("enrolments.seated_mail", enrolment_id=row.id)


def decline(row: Enrolment) -> None:
    """The person does not want the seat offered: it goes to the next in line."""
    _must_be(row, "offered")
    _step(row, "lapsed", "declined")
    free_seat(row.link.session_id)


def lapse(row: Enrolment) -> None:
    """Firm scope: an offer nobody answered in time goes to the next in line."""
    _must_be(row, "offered")
    _step(row, "lapsed")
    release(row.link.session_id, 1)
    later("enrolments.offer_next", subject_id=row.link.session_id)


def give_up_wishes(member_ids: Sequence[UUID]) -> int:
    """Workspace scope: these people have left: what they asked for, waited for or were offered ends, without a mail.

    Seats stay: giving one back may cost, so HR does it. Returns how many places were released.
    """
    rows = db.session.execute(
        select(Enrolment.id, Enrolment.state, SessionLink.session_id)
        .join(Enrolment.link)
        .where(Enrolment.member_id.in_(member_ids), Enrolment.state.in_(("requested", "waiting", "offered")))
        .order_by(SessionLink.session_id, Enrolment.id)
        .with_for_update(of=Enrolment)
    ).all()
    if not rows:
        return 0
    ids, actor, moment = [row.id for row in rows], actor_name(), now()
    db.session.execute(update(Enrolment).where(Enrolment.id.in_(ids)).values(state="withdrawn", ended_at=moment))
    steps = [{"id": new_id(), "enrolment_id": i, "at": moment, "actor": actor, "step": "gone"} for i in ids]
    db.session.execute(insert(EVENTS), steps)
    for session_id in [row.session_id for row in rows if row.state == "offered"]:
        free_seat(session_id)
    return len(rows)


def cancel_session(session: TrainingSession) -> None:
    """Firm scope: a session was cancelled: every seat and wish ends, and everybody concerned hears of it once."""
    rows = db.session.scalars(
        select(Enrolment).join(Enrolment.link).where(SessionLink.session_id == session.id, Enrolment.state.in_(LIVE))
    ).all()
    held = sum(1 for row in rows if row.state in HOLDING)
    for row in rows:
        _step(row, "cancelled")
        later("enrolments.cancelled_mail", enrolment_id=row.id)
    if held:
        release(session.id, held)

"""Giving a seat back, by the person, by HR, because somebody leaves, or because the session does not take place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.commands import credits, placeholders
from saas.enrolments.commands.steps import free_seats, lock_sessions, must_be, release, step, tell
from saas.enrolments.commands.terms import credit_is_lost, fee_cents
from saas.enrolments.models import HOLDING, LIVE, Enrolment, EnrolmentEvent
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from tenants.db import db, new_id

EVENTS: Any = EnrolmentEvent.__table__


def withdraw(row: Enrolment, reason: str, *, waived: bool = False) -> None:
    """Give a seat or a place in the queue back; the fee shown before is recorded, unless the firm waives it.

    The seat goes to the first in line.
    """
    lock_sessions([row.link.session_id])
    must_be(row, *LIVE)
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: mark an absence instead."))
    held = row.state in HOLDING
    row.fee_cents, row.reason = 0 if waived else fee_cents(row), reason
    if row.covered and (waived or not credit_is_lost(row)):
        credits.give_back(row)
    step(row, "withdrawn", "waived" if waived else "")
    if held:
        free_seats(row.link.session_id, 1)
    tell("withdrawn", row)
    journal.note("enrolment.withdrawn", row.member.name, row.id, fee_cents=row.fee_cents)


def give_up_wishes(member_ids: Sequence[UUID]) -> int:
    """These people have left: what they asked for, waited for or were offered ends, without a mail.

    Seats stay: giving one back may cost, so HR does it. Returns how many places were released.
    """
    wishes = (
        select(Enrolment.id, Enrolment.state, SessionLink.session_id)
        .join(Enrolment.link)
        .where(Enrolment.member_id.in_(member_ids), Enrolment.state.in_(("requested", "waiting", "offered")))
        .order_by(SessionLink.session_id, Enrolment.id)
    )
    lock_sessions({row.session_id for row in db.session.execute(wishes)})
    rows = db.session.execute(wishes.with_for_update(of=Enrolment)).all()
    if not rows:
        return 0
    ids, actor, moment = [row.id for row in rows], actor_name(), now()
    db.session.execute(update(Enrolment).where(Enrolment.id.in_(ids)).values(state="withdrawn", ended_at=moment))
    steps = [{"id": new_id(), "enrolment_id": i, "at": moment, "actor": actor, "step": "gone"} for i in ids]
    db.session.execute(insert(EVENTS), steps)
    for session_id, number in sorted(Counter(row.session_id for row in rows if row.state == "offered").items()):
        free_seats(session_id, number)
    return len(rows)


def cancel_session(session: TrainingSession) -> None:
    """Firm scope: a session was cancelled: every seat and wish ends, and everybody concerned hears of it once.

    Its seats are locked first: an enrolment on its way either was written before and is found here, or comes after and is
    refused.
    """
    lock_sessions([session.id])
    # Locked and read again: somebody may be taking an offer, with a prepaid seat, at this moment.
    live = select(Enrolment).join(Enrolment.link).where(SessionLink.session_id == session.id, Enrolment.state.in_(LIVE))
    rows = db.session.scalars(
        live.order_by(Enrolment.id).with_for_update(of=Enrolment), execution_options={"populate_existing": True}
    ).all()
    held = sum(1 for row in rows if row.state in HOLDING) + placeholders.end_all(session.id)
    for row in rows:
        if row.covered:
            credits.give_back_as_firm(row)
        step(row, "cancelled")
        tell("cancelled", row)
    if held:
        release(session.id)

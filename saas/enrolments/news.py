"""What this feature does on hearing of cancelled sessions, and of people who leave or are about to be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.catalogue.signals import session_cancelled, session_moved
from saas.enrolments.commands.leaving import cancel_session, give_up_wishes
from saas.enrolments.letters.kinds import job_of
from saas.enrolments.letters.telling import SETTLES, trainers_of
from saas.enrolments.models import HOLDING, LIVE, Enrolment, Placeholder
from saas.kit.clock import now
from saas.workspaces.signals import members_in_use, members_left, seats_to_come
from tenants.db import db
from tenants.queue import later


@session_cancelled.connect
def free_everybody(_sender: Any, session: TrainingSession) -> None:
    """Seats are freed, their people are told, and so are the trainers."""
    cancel_session(session)
    for trainer in trainers_of(session.id):
        later(job_of("trainer_cancelled"), session_id=session.id, to_id=trainer.id)


@session_moved.connect
def tell_of_changes(_sender: Any, session: TrainingSession, changed: set[str]) -> None:
    """Firm scope: whoever holds a seat, or is offered one, hears of it in a few minutes, once for all changes until then.

    Those who wait or ask do not: what they hold is no date, and an offer says the dates of its day.
    """
    if session.state in ("draft", "cancelled", "done") or not changed:
        return
    of = select(Enrolment.id).join(Enrolment.link).where(SessionLink.session_id == session.id, Enrolment.state.in_(HOLDING))
    for enrolment_id in db.session.scalars(of).all():
        later(job_of("moved"), due=now() + SETTLES, enrolment_id=enrolment_id)


@members_left.connect
def release_places(_sender: Any, member_ids: list[UUID]) -> None:
    give_up_wishes(member_ids)


@members_in_use.connect
def enrolled(_sender: Any, member_ids: set[UUID]) -> set[UUID]:
    """Those of these members who have or had a seat."""
    return set(db.session.scalars(select(Enrolment.member_id).where(Enrolment.member_id.in_(member_ids)).distinct()))


@seats_to_come.connect
def held(_sender: Any, workspace_id: UUID) -> int:
    """How many seats this client has, or asks or waits for, in sessions that are not over; those without a name too."""
    named = select(func.count(Enrolment.id)).join(Enrolment.link).join(SessionLink.session)
    unnamed = select(func.count(Placeholder.id)).join(Placeholder.link).join(SessionLink.session)
    coming = TrainingSession.ends_at > now()
    return (db.session.scalar(named.where(Enrolment.workspace_id == workspace_id, Enrolment.state.in_(LIVE), coming)) or 0) + (
        db.session.scalar(unnamed.where(Placeholder.workspace_id == workspace_id, Placeholder.state == "held", coming)) or 0
    )

"""What this feature does on hearing of cancelled sessions, and of people who leave or are about to be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.catalogue.signals import session_cancelled
from saas.enrolments.commands.leaving import cancel_session, give_up_wishes
from saas.enrolments.models import LIVE, Enrolment
from saas.kit.clock import now
from saas.workspaces.signals import members_in_use, members_left, seats_to_come
from tenants.db import db


@session_cancelled.connect
def free_everybody(_sender: Any, session: TrainingSession) -> None:
    cancel_session(session)


@members_left.connect
def release_places(_sender: Any, member_ids: list[UUID]) -> None:
    give_up_wishes(member_ids)


@members_in_use.connect
def enrolled(_sender: Any, member_ids: set[UUID]) -> set[UUID]:
    """Those of these members who have or had a seat."""
    return set(db.session.scalars(select(Enrolment.member_id).where(Enrolment.member_id.in_(member_ids)).distinct()))


@seats_to_come.connect
def held(_sender: Any, workspace_id: UUID) -> int:
    """How many of this client's people have a seat, or ask or wait for one, in sessions that are not over."""
    return (
        db.session.scalar(
            select(func.count(Enrolment.id))
            .join(Enrolment.link)
            .join(SessionLink.session)
            .where(Enrolment.workspace_id == workspace_id, Enrolment.state.in_(LIVE), TrainingSession.ends_at > now())
        )
        or 0
    )

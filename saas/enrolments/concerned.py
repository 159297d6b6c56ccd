"""What the catalogue asks and says of a session's people: how many hear of a change, and that there are more seats."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.catalogue.signals import people_concerned, seats_added
from saas.enrolments.models import LIVE, Enrolment
from tenants.db import db
from tenants.queue import later


@people_concerned.connect
def concerned(_sender: Any, session_id: UUID) -> int:
    """Firm scope: whoever has a seat, is offered one, waits, or has asked."""
    statement = select(func.count(Enrolment.id)).join(Enrolment.link)
    return db.session.scalar(statement.where(SessionLink.session_id == session_id, Enrolment.state.in_(LIVE))) or 0


@seats_added.connect
def offer_them(_sender: Any, session: TrainingSession) -> None:
    """The new seats go to whoever waits first."""
    later("enrolments.offer_next", subject_id=session.id)

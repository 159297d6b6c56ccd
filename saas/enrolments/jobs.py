"""What follows a change of seats: offers to the next in line, offers that end. Mails: saas.enrolments.letters.jobs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.enrolments import commands, queries
from tenants.db import db
from tenants.models import Firm
from tenants.queue import job, later
from tenants.scope import Scope, inside


@job("enrolments.offer_next")
def offer_next(subject_id: str) -> None:
    """Firm scope: a seat of this session is free."""
    commands.offer_next(UUID(subject_id))


@job("enrolments.sweep_offers")
def sweep_offers() -> None:
    """Platform scope: each firm looks at its own offers that ended; work over all firms is enqueued firm by firm."""
    for firm_id in db.session.scalars(select(Firm.id).where(Firm.state == "active")):
        with inside(Scope.firm(firm_id)):
            later("enrolments.lapse_offers")


@job("enrolments.lapse_offers")
def lapse_offers() -> None:
    """Firm scope: end the offers whose deadline has passed."""
    for row in queries.overdue_offers():
        commands.lapse(row)

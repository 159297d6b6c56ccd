"""What follows a change of seats: mails, offers to the next in line, offers that end."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments import commands, emails, queries
from saas.enrolments.models import Enrolment
from tenants.db import db
from tenants.models import Firm
from tenants.queue import job, later
from tenants.scope import Scope, inside


def _enrolment(enrolment_id: str) -> Enrolment:
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.id == UUID(enrolment_id))
        .options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
        )
    ).one()


def _mail(kind: str) -> None:
    """Register the job that sends one kind of mail about an enrolment."""

    def send(enrolment_id: str) -> None:
        emails.send(kind, _enrolment(enrolment_id))

    job(f"enrolments.{kind}_mail")(send)


for _kind in ("seated", "waiting", "refused", "withdrawn", "cancelled", "offered"):
    _mail(_kind)


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

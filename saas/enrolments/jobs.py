"""What follows a change of seats: offers to the next in line, offers that end. Mails: saas.enrolments.letters.jobs."""

from __future__ import annotations

from uuid import UUID

from saas.enrolments.commands import credits, waiting
from saas.enrolments.commands.steps import lock_sessions
from saas.enrolments.queries import figures
from saas.kit.clock import today
from saas.kit.errors import Refused
from tenants.queue import for_each_firm, job, later


@job("enrolments.offer_next")
def offer_next(subject_id: str) -> None:
    """Firm scope: a seat of this session is free."""
    waiting.offer_next(UUID(subject_id))


@job("enrolments.sweep_offers")
def sweep_offers() -> None:
    """Platform scope: each firm looks at its own offers that ended; work over all firms is enqueued firm by firm."""
    for_each_firm("enrolments.lapse_offers")


@job("enrolments.lapse_offers")
def lapse_offers() -> None:
    """Firm scope: end the offers whose deadline has passed, then offer whatever seat is free to whoever waits."""
    late = figures.overdue_offers()
    lock_sessions({row.link.session_id for row in late})
    for row in late:
        try:
            waiting.lapse(row)
        except Refused:  # answered, or given back, while this waited for its turn
            continue
    for session_id in waiting.sessions_to_offer():
        later("enrolments.offer_next", subject_id=session_id)


@job("enrolments.sweep_credits")
def sweep_credits() -> None:
    """Platform scope, daily: each firm lets go of prepaid seats whose last day is over."""
    for_each_firm("enrolments.expire_credits")


@job("enrolments.expire_credits")
def expire_credits() -> None:
    """Firm scope: prepaid seats end."""
    for workspace_id in credits.clients_with_ended(today()):
        credits.expire(workspace_id, today())

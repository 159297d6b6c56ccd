"""Needs are let go of the day after a session's last half-day."""

from __future__ import annotations

from sqlalchemy import select

from saas.enrolments.needs import queries
from tenants.db import db
from tenants.models import Firm
from tenants.queue import job, later
from tenants.scope import Scope, inside


@job("enrolments.sweep_needs")
def sweep_needs() -> None:
    """Platform scope: every firm, suspended ones too, lets go of what it has no reason to keep."""
    for firm_id in db.session.scalars(select(Firm.id)):
        with inside(Scope.firm(firm_id)):
            later("enrolments.forget_needs")


@job("enrolments.forget_needs")
def forget_needs() -> None:
    """Firm scope."""
    queries.let_go()

"""What happens to sessions by the clock."""

from __future__ import annotations

from sqlalchemy import select

from saas.catalogue.commands import moves
from tenants.db import db
from tenants.models import Firm
from tenants.queue import job, later
from tenants.scope import Scope, inside


@job("catalogue.sweep_sessions")
def sweep_sessions() -> None:
    """Platform scope: each firm looks at its own sessions that start or end."""
    for firm_id in db.session.scalars(select(Firm.id).where(Firm.state == "active")):
        with inside(Scope.firm(firm_id)):
            later("catalogue.turn_sessions")


@job("catalogue.turn_sessions")
def turn_sessions() -> None:
    """Firm scope: sessions that have started are running, those that are over are done."""
    moves.by_clock()

"""What happens to sessions by the clock."""

from __future__ import annotations

from saas.catalogue.commands import moves
from tenants.queue import for_each_firm, job


@job("catalogue.sweep_sessions")
def sweep_sessions() -> None:
    """Platform scope: each firm looks at its own sessions that start or end."""
    for_each_firm("catalogue.turn_sessions")


@job("catalogue.turn_sessions")
def turn_sessions() -> None:
    """Firm scope: sessions that have started are running, those that are over are done."""
    moves.by_clock()

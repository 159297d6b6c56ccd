"""The journal's seals by the clock: every hour each firm's settled lines are sealed, every day all seals are looked at."""

from __future__ import annotations

from saas.kit import seals
from tenants.queue import for_each_firm, job


@job("journal.seal")
def seal() -> None:
    """Platform scope: ask each firm's journal to be sealed."""
    for_each_firm("journal.seal_firm")


@job("journal.seal_firm")
def seal_firm() -> None:
    seals.seal()


@job("journal.verify")
def verify() -> None:
    """Platform scope: ask for a look at each firm's seals."""
    for_each_firm("journal.verify_firm")


@job("journal.verify_firm")
def verify_firm() -> None:
    seals.check()

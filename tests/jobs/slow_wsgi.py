"""The product with two jobs more: one that takes its time, one that always fails. For tests of workers only."""

from __future__ import annotations

import time
from pathlib import Path

from saas.app import create_app
from saas.kit import journal
from tenants.queue import job


@job("tests.slow")
def slow(marker: str, seconds: int) -> None:
    """Says that it runs, takes its time, then has one effect: a line of the journal."""
    Path(marker).write_text("running")
    time.sleep(seconds)
    journal.note("tests.slow", marker)


@job("tests.failing")
def failing() -> None:
    raise ValueError("no luck")


app = create_app()

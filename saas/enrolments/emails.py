"""The calendar file of one seat, to download. Mails about seats are written in saas.enrolments.letters."""

from __future__ import annotations

from saas.enrolments.letters.entries import entries
from saas.enrolments.models import Enrolment
from saas.kit import calendar


def feed_file(row: Enrolment, title: str, url: str) -> bytes:
    """The calendar file of one seat, to download."""
    sequence = row.link.session.sequence + (row.ended_at is not None)
    return calendar.ics(entries(row, sequence, title, url), "PUBLISH")

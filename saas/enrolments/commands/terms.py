"""What the cancellation terms frozen at enrolment ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from saas.enrolments.models import Enrolment
from saas.kit.clock import PARIS, now
from saas.kit.errors import Refused


def share_due(terms: Sequence[Sequence[int]], starts_at: dt.datetime, moment: dt.datetime | None = None) -> int:
    """The percentage that cancellation terms ask for at a moment; days are counted in Paris."""
    day = (moment or now()).astimezone(PARIS).date()
    left = (starts_at.astimezone(PARIS).date() - day).days
    return next((share for days, share in sorted((list(step) for step in terms), reverse=True) if left >= days), 100)


def fee_cents(row: Enrolment, moment: dt.datetime | None = None) -> int:
    """What withdrawing costs at a moment, excl. VAT.

    Of a prepaid seat, the whole price is the credit itself: nothing is due in money then (see `credit_is_lost`).
    """
    if row.state != "seated":
        return 0
    percent = share_due(row.terms, row.link.session.starts_at, moment)
    return 0 if row.covered and percent >= 100 else share_of(row.price_cents, percent)


def share_of(price_cents: int, percent: int) -> int:
    """A percentage of a price, half a cent up as on invoices."""
    return (price_cents * percent + 50) // 100


def must_be_as_shown(shown: int | None, fee: int) -> None:
    """Raises Refused when a page showed another fee than is due now: it was drawn before midnight, or before a change."""
    if shown not in (None, fee):
        raise Refused(_l("What it costs has changed since the page was drawn: look once more."))


def credit_is_lost(row: Enrolment, moment: dt.datetime | None = None) -> bool:
    """Whether withdrawing costs the seat credit: when the terms ask for the whole price."""
    return row.covered and share_due(row.terms, row.link.session.starts_at, moment) >= 100

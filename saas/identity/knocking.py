"""What is counted before anything is tried on a way in: by network, by firm, and by the address that is tried.

A browser that has signed in to this account before has counts of its own: whoever guesses elsewhere holds it up in nothing.
"""

from __future__ import annotations

from flask import render_template

from saas.identity import queries
from saas.identity.entering import safe_next, this_browser
from saas.kit import limits
from saas.kit.errors import Refused
from saas.kit.names import email_norm


def knock(address: str, next_page: str = "", *, guessed: bool = False) -> str:
    """Count a try for an address. Returns what tells this browser apart for it, "" for a stranger's. Raises Refused.

    One statement, for an address that is known and for one that is not.
    """
    limits.from_network(guessed=guessed)
    mark = this_browser().known_by
    known = mark if mark and queries.knows_address(email_norm(address), mark) else ""
    if not known:
        limits.for_firm(firm_in(next_page))
    return known


def firm_in(path: str | None) -> str:
    """The slug of the firm that a path of ours leads to, "" for the platform's own."""
    first = safe_next(path).lstrip("/").partition("/")[0]
    return "" if first == "-" else first[:48]


def shown_again(template: str, no: Refused, **context: object) -> tuple[str, int, dict[str, str]]:
    """The form once more, with everything typed and with why not; 429 and 503 say when to come back."""
    return render_template(template, **context), no.status, dict(no.headers)

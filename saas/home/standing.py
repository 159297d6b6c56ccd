"""In what state a client is, in one word: what home and the list say of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

# The most pressing first.
CODES = ("late", "steam", "requests", "starting", "ok", "archived")
NEEDS_ATTENTION = ("late", "steam", "requests")


def standing(late_cents: int, rhythm: Sequence[int], asked: int, people: int, sessions: int) -> str:
    """One of CODES: a late payment, a community that has gone quiet, requests to answer, a start, or nothing to do."""
    if late_cents:
        return "late"
    if sum(rhythm) and not sum(rhythm[-3:]):
        return "steam"
    if asked:
        return "requests"
    return "starting" if not people or not sessions else "ok"


def words(code: str) -> str:
    """The same, for the reader."""
    said = {
        "late": _("Late payment"), "steam": _("Losing steam"), "requests": _("Requests"), "starting": _("Starting"),
        "ok": _("On track"), "archived": _("Archived"),
    }  # fmt: skip
    return str(said[code])

"""How long things are kept, and what lets go of them when their time is over.

A feature declares a `Keep` for each kind of thing; the privacy page says what is declared here, and a job of every night
does it. What a law keeps longer is not purged by a `Keep` but named by a hold (see saas.kit.personal).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import ngettext
from sqlalchemy import func, select

from saas.kit.clock import now
from tenants.db import db
from tenants.scope import Kind

BATCH = 1000
# A month and a year of retention, in days: never shorter than the calendar's.
MONTH, YEAR = 31, 366
Purge = Callable[[dt.datetime, int], int]


@dataclass(frozen=True, slots=True)
class Keep:
    """How long one kind of thing is kept: `days`, `months` or `years`, and `why` (a law, or a plain reason).

    `purge` takes the moment before which things are to go, and how many at most; it returns how many went, and doing it
    again does nothing more. None: something else does it, which the docstring beside the declaration names. `scopes` are
    those it is called in: each firm's, the platform's, or both.
    """

    key: str
    label: Any
    why: Any
    days: int = 0
    months: int = 0
    years: int = 0
    since: Any = ""
    purge: Purge | None = None
    scopes: tuple[Kind, ...] = (Kind.FIRM,)

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(days=self.days + self.months * MONTH + self.years * YEAR)

    def before(self) -> dt.datetime:
        """What is older than this moment has been kept long enough."""
        return now() - self.length

    def said(self) -> str:
        """12 months; 1 day, in the reader's language."""
        if self.years:
            return str(ngettext("%(num)s year", "%(num)s years", self.years))
        if self.months:
            return str(ngettext("%(num)s month", "%(num)s months", self.months))
        return str(ngettext("%(num)s day", "%(num)s days", self.days))


KEPT: dict[str, Keep] = {}


def old(what: str) -> Purge:
    """The purge of a kind of row that no role of the product may delete: the database's own function does, within its limits."""
    return lambda before, most: db.session.scalar(select(func.forget_old(what, before, most))) or 0


def keep(entry: Keep) -> Keep:
    """Declare how long something is kept; features call this when they are imported."""
    KEPT.setdefault(entry.key, entry)
    return entry


def purged_in(kind: Kind) -> list[Keep]:
    """What the nightly job lets go of in a scope."""
    return [entry for entry in KEPT.values() if entry.purge and kind in entry.scopes]

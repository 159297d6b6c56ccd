"""What time it is, in one place, so that a test can say so."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> dt.datetime:
    """This moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today(zone: ZoneInfo = PARIS) -> dt.date:
    """The date it is for people."""
    return now().astimezone(zone).date()


def at(day: dt.date, hour: int, minute: int = 0, zone: ZoneInfo = PARIS) -> dt.datetime:
    """A wall-clock time of a zone as an aware moment in UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), zone).astimezone(dt.UTC)

"""What time it is, in one place, so that a test can say so."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

PARIS = ZoneInfo("Europe/Paris")
# What hours may be said in: where French firms teach.
ZONES = {
    "Europe/Paris": _l("Paris"),
    "Europe/London": _l("London"),
    "Africa/Casablanca": _l("Casablanca"),
    "Africa/Dakar": _l("Dakar"),
    "America/New_York": _l("New York, Montreal"),
    "America/Guadeloupe": _l("Guadeloupe, Martinique"),
    "America/Cayenne": _l("Cayenne"),
    "Indian/Reunion": _l("Réunion"),
    "Indian/Mayotte": _l("Mayotte"),
    "Pacific/Noumea": _l("Nouméa"),
    "Pacific/Tahiti": _l("Tahiti"),
}


def now() -> dt.datetime:
    """This moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today(zone: ZoneInfo = PARIS) -> dt.date:
    """The date it is for people."""
    return now().astimezone(zone).date()


def at(day: dt.date, hour: int, minute: int = 0, zone: ZoneInfo = PARIS) -> dt.datetime:
    """A wall-clock time of a zone as an aware moment in UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), zone).astimezone(dt.UTC)

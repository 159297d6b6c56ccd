"""A zone's VTIMEZONE (RFC 5545, 3.6.5): yearly rules where the zone follows some, each change by its date elsewhere.

icalendar writes one too, but with spring changes an hour late and a date for each year; Outlook wants one rule a season.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Change:
    """A moment (UTC) at which a zone's clocks go from one offset to another."""

    at: dt.datetime
    before: dt.timedelta
    after: dt.timedelta
    is_summer: bool
    name: str

    @property
    def onset(self) -> dt.datetime:
        """On the wall, by the offset before: what DTSTART says (RFC 5545, 3.6.5)."""
        return (self.at + self.before).replace(tzinfo=None)


def timezone(zone: ZoneInfo, first: int, last: int) -> Timezone:
    """The component of a zone that holds for the years `first` to `last`."""
    found = Timezone()
    found.add("tzid", zone.key)
    changes = _changes(zone, first - 1, last + 1)
    if not changes:
        start = dt.datetime(first - 1, 1, 1, tzinfo=dt.UTC)
        found.add_component(_part(_still(zone, start)))
    for summer in (False, True):
        season = [change for change in changes if change.is_summer is summer]
        rule = _rule(season, last - first + 3)
        if rule:
            found.add_component(_part(season[0], rule))
        else:
            for change in season:
                found.add_component(_part(change))
    if changes and not _rule([c for c in changes if c.is_summer], last - first + 3):
        found.add_component(_part(_still(zone, dt.datetime(first - 1, 1, 1, tzinfo=dt.UTC))))
    return found


def _still(zone: ZoneInfo, at: dt.datetime) -> Change:
    local = at.astimezone(zone)
    offset = local.utcoffset() or dt.timedelta()
    return Change(at, offset, offset, bool(local.dst()), local.tzname() or zone.key)


@lru_cache(maxsize=256)
def _changes(zone: ZoneInfo, first: int, last: int) -> tuple[Change, ...]:
    """Each change of offset of these years, to the minute; kept, as each day is looked at."""
    return tuple(_found(zone, first, last))


def _found(zone: ZoneInfo, first: int, last: int) -> Iterator[Change]:
    day, end = dt.datetime(first, 1, 1, tzinfo=dt.UTC), dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC)
    while day < end:
        following = day + dt.timedelta(days=1)
        if _offset(zone, day) != _offset(zone, following):
            low, high = day, following
            while high - low > dt.timedelta(minutes=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, day) else (low, middle)
            at = high.replace(second=0, microsecond=0)
            local = high.astimezone(zone)
            yield Change(at, _offset(zone, day), _offset(zone, following), bool(local.dst()), local.tzname() or zone.key)
        day = following


def _offset(zone: ZoneInfo, at: dt.datetime) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta()


def _rule(season: Sequence[Change], years: int) -> vRecur | None:
    """The yearly rule that all changes of a season follow: the last Sunday of a month, or its second."""
    if len(season) != years or len({(c.onset.month, c.onset.weekday(), c.onset.time(), c.before, c.after) for c in season}) != 1:
        return None
    shared = set.intersection(*(_places(change.onset) for change in season))
    if not shared:
        return None
    place = -1 if -1 in shared else shared.pop()
    return vRecur(FREQ="YEARLY", BYMONTH=season[0].onset.month, BYDAY=f"{place}{WEEKDAYS[season[0].onset.weekday()]}")


def _places(day: dt.datetime) -> set[int]:
    """Which of its weekdays of the month a day is, counted from the start, and -1 for the last."""
    is_last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    return {(day.day - 1) // 7 + 1} | ({-1} if is_last else set())


def _part(change: Change, rule: vRecur | None = None) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if change.is_summer else TimezoneStandard()
    part.add("dtstart", change.onset)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    if rule:
        part.add("rrule", rule)
    return part

"""Calendar entries (RFC 5545, 5546, 7986): one event a day, stable UID, growing SEQUENCE, wall-clock times with their VTIMEZONE."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDuration, vText

from saas.kit.clock import PARIS, now
from saas.kit.vtimezone import timezone

Times = tuple[dt.datetime, dt.datetime] | tuple[dt.datetime, dt.datetime, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: `uid` never changes, `sequence` grows with each change. Times are aware, shown on the wall of `zone`.

    `modified` is when what it says changed last: with it, the same entry gives the same bytes each time.
    """

    uid: str
    sequence: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str = ""
    text: str = ""
    url: str = ""
    zone: ZoneInfo = PARIS
    is_cancelled: bool = False
    modified: dt.datetime | None = None

    @property
    def number(self) -> int:
        """The number of this day's entry within its session, as its UID holds it."""
        return int(self.uid.removesuffix("@cordee").rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar that programs subscribe to says of itself; `colour` is a CSS3 name (RFC 7986, 5.9)."""

    name: str
    colour: str = "teal"
    refresh: dt.timedelta = dt.timedelta(hours=1)


def days(uid: str, sequence: int, title: str, slots: Sequence[Times], zone: ZoneInfo = PARIS, **more: Any) -> list[Entry]:
    """One entry a day from the half-days of a session: the first start to the last end.

    A half-day is (start, end, number): the number of its day's entry, which no other day of the session ever had, so that the
    UID stays when days are added, moved or taken away. Without numbers, days are counted.
    """
    by_day: dict[dt.date, list[Times]] = {}
    for slot in sorted(slots, key=lambda slot: slot[0]):
        by_day.setdefault(slot[0].astimezone(zone).date(), []).append(slot)
    return [
        Entry(
            f"{uid}-{number_of(halves[0], n)}@cordee", sequence, title, halves[0][0], max(h[1] for h in halves), zone=zone, **more
        )
        for n, halves in enumerate(by_day.values(), 1)
    ]


def number_of(slot: Times, counted: int) -> int:
    return slot[2] if len(slot) > 2 else counted


def method_of(content: bytes) -> str:
    """What an iCalendar file asks for: REQUEST, CANCEL or PUBLISH."""
    found = re.search(rb"^METHOD:([A-Z]+)", content, re.MULTILINE)
    return found[1].decode() if found else "PUBLISH"


def ics(
    entries: Sequence[Entry], method: str, organizer: tuple[str, str] | None = None,
    attendee: tuple[str, str] | None = None, feed: Feed | None = None,
) -> bytes:  # fmt: skip
    """An iCalendar file: REQUEST, CANCEL or PUBLISH. `organizer` and `attendee` are (name, address)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Cordée//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if feed:
        _about(calendar, feed)
    for entry in entries:
        event = _event(entry, method)
        _people(event, organizer, attendee)
        calendar.add_component(event)
    for zone, years in _years(entries).items():
        calendar.subcomponents.insert(0, timezone(ZoneInfo(zone), min(years), max(years)))
    return bytes(calendar.to_ical())


def _years(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """The zones of a calendar, each with the years it is needed for. A calendar holds one component at least (RFC 5545, 3.6)."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        found.setdefault(entry.zone.key, []).extend((entry.starts_at.year, entry.ends_at.year))
    return found or {PARIS.key: [now().year]}


def _about(calendar: Calendar, feed: Feed) -> None:
    """The name and pace of a feed, in the words of RFC 7986 and in those that older programs read."""
    calendar.add("name", vText(feed.name))  # a type that icalendar does not know: it would escape nothing
    calendar.add("x-wr-calname", vText(feed.name))
    calendar.add("color", feed.colour)
    calendar.add("refresh-interval", vDuration(feed.refresh), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(feed.refresh))


def _event(entry: Entry, method: str) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.modified or now())
    event.add("dtstart", entry.starts_at.astimezone(entry.zone))
    event.add("dtend", entry.ends_at.astimezone(entry.zone))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.is_cancelled or method == "CANCEL" else "CONFIRMED")
    if entry.modified:
        event.add("last-modified", entry.modified)
    for name, value in (("location", entry.place), ("description", entry.text), ("url", entry.url)):
        if value:
            event.add(name, value)
    return event


def _people(event: Event, organizer: tuple[str, str] | None, attendee: tuple[str, str] | None) -> None:
    if organizer:
        address = vCalAddress(f"MAILTO:{organizer[1]}")
        address.params["CN"] = vText(organizer[0])
        event["organizer"] = address
    if attendee:
        address = vCalAddress(f"MAILTO:{attendee[1]}")
        address.params["CN"] = vText(attendee[0])
        address.params["RSVP"] = vText("FALSE")
        address.params["PARTSTAT"] = vText("ACCEPTED")
        event.add("attendee", address, encode=False)

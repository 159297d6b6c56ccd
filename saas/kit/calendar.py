"""Calendar entries (RFC 5545, 5546): one event a day, stable UID, growing SEQUENCE, Europe/Paris with its VTIMEZONE."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from saas.kit.clock import PARIS, now


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: `uid` never changes, `sequence` grows with each change. Times are aware."""

    uid: str
    sequence: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str = ""
    text: str = ""
    url: str = ""


def days(uid: str, sequence: int, title: str, slots: Sequence[tuple[dt.datetime, dt.datetime]], **more: str) -> list[Entry]:
    """One entry a day from the half-days of a session: the first start to the last end."""
    by_day: dict[dt.date, list[tuple[dt.datetime, dt.datetime]]] = {}
    for start, end in slots:
        by_day.setdefault(start.astimezone(PARIS).date(), []).append((start, end))
    return [
        Entry(f"{uid}-{n}@cordee", sequence, title, min(s for s, _ in pairs), max(e for _, e in pairs), **more)
        for n, (_, pairs) in enumerate(sorted(by_day.items()), 1)
    ]


def method_of(content: bytes) -> str:
    """What an iCalendar file asks for: REQUEST, CANCEL or PUBLISH."""
    found = re.search(rb"^METHOD:([A-Z]+)", content, re.MULTILINE)
    return found[1].decode() if found else "PUBLISH"


def ics(
    entries: Sequence[Entry], method: str, organizer: tuple[str, str] | None = None,
    attendee: tuple[str, str] | None = None, zone: ZoneInfo = PARIS,
) -> bytes:  # fmt: skip
    """An iCalendar file: REQUEST, CANCEL or PUBLISH. `organizer` and `attendee` are (name, address)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Cordée//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("sequence", entry.sequence)
        event.add("dtstamp", now())
        event.add("dtstart", entry.starts_at.astimezone(zone))
        event.add("dtend", entry.ends_at.astimezone(zone))
        event.add("summary", entry.title)
        event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
        for name, value in (("location", entry.place), ("description", entry.text), ("url", entry.url)):
            if value:
                event.add(name, value)
        _people(event, organizer, attendee)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


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

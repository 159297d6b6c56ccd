"""A small, strict reader of iCalendar (RFC 5545), written apart from the library that writes it: what it does not expect fails.

Moments come out aware: VTIMEZONE's own rules are applied by hand, never the machine's time zones.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from dateutil.rrule import rrulestr

NAME = re.compile(r"[A-Z0-9-]+")
PARAM = re.compile(r';([A-Z0-9-]+)=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*)')
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")
ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "LAST-MODIFIED"}


@dataclass
class Property:
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """TEXT (3.3.11). An unescaped comma or semicolon, or a lone backslash, is no text."""
        plain = re.sub(r"\\[nN,;\\]", "", self.value)
        assert not re.search(r"[,;\\]", plain), self.value
        return re.sub(r"\\[nN,;\\]", lambda found: ESCAPES[found[0]], self.value)


@dataclass
class Component:
    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)

    def one(self, name: str) -> Property:
        (found,) = self.properties[name]
        return found

    def text(self, name: str) -> str:
        return self.one(name).text

    def named(self, name: str) -> list[Component]:
        return [part for part in self.parts if part.name == name]


def unfold(content: bytes) -> list[str]:
    """Content lines (3.1): CRLF, 75 octets at most, no character cut in two."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"") and b"\r" not in content.replace(b"\r\n", b"")
    lines: list[str] = []
    for raw in content.split(b"\r\n")[:-1]:
        assert 0 < len(raw) <= 75, (len(raw), raw)
        line = raw.decode("utf-8")
        if line.startswith((" ", "\t")):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def prop(line: str) -> tuple[str, Property]:
    name = NAME.match(line)
    assert name, line
    rest, params = line[name.end() :], dict[str, str]()
    while found := PARAM.match(rest):
        params[found[1]] = found[2].strip('"')
        rest = rest[found.end() :]
    assert rest.startswith(":"), line
    return name[0], Property(params, rest[1:])


def read(content: bytes) -> Component:
    """The calendar of a file. Fails on anything that is not as RFC 5545 says."""
    root = Component("")
    stack = [root]
    for line in unfold(content):
        name, found = prop(line)
        if name == "BEGIN":
            part = Component(found.value)
            stack[-1].parts.append(part)
            stack.append(part)
        elif name == "END":
            assert stack.pop().name == found.value, line
        else:
            stack[-1].properties.setdefault(name, []).append(found)
    assert len(stack) == 1 and len(root.parts) == 1, "one calendar, closed"
    calendar = root.parts[0]
    assert calendar.parts, "one component at least (3.6)"
    assert calendar.name == "VCALENDAR" and calendar.text("VERSION") == "2.0" and calendar.text("PRODID")
    for event in calendar.named("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART"} <= event.properties.keys()
        assert all(len(event.properties[name]) == 1 for name in ONCE & event.properties.keys()), event
    uids = [event.text("UID") for event in calendar.named("VEVENT")]
    assert len(set(uids)) == len(uids), "two events of one UID"
    return calendar


def events(calendar: Component) -> dict[str, Component]:
    return {event.text("UID"): event for event in calendar.named("VEVENT")}


def moment(calendar: Component, event: Component, name: str) -> dt.datetime:
    """DTSTART or DTEND as a moment in UTC, by the calendar's own VTIMEZONE."""
    found = event.one(name)
    if found.value.endswith("Z"):
        return dt.datetime.strptime(found.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    (zone,) = [z for z in calendar.named("VTIMEZONE") if z.text("TZID") == found.params["TZID"]]
    wall = dt.datetime.strptime(found.value, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return (wall - offset_at(zone, wall)).replace(tzinfo=dt.UTC)


def offset_at(zone: Component, wall: dt.datetime) -> dt.timedelta:
    """The offset in force at a time on the wall: that of the latest onset before it (3.6.5)."""
    onsets = []
    for part in zone.parts:
        assert part.name in ("STANDARD", "DAYLIGHT")
        before, after = (_offset(part.one(name).value) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        start = dt.datetime.strptime(part.one("DTSTART").value, "%Y%m%dT%H%M%S")  # noqa: DTZ007
        starts = [start]
        if "RRULE" in part.properties:
            rule = rrulestr(part.one("RRULE").value, dtstart=start)
            assert rule[0] == start, "the first onset follows its own rule"
            starts = list(rule.between(start, wall + dt.timedelta(days=2), inc=True))
        onsets += [(onset - before, after) for onset in starts]
    # On the wall, by each onset's own offset afterwards.
    past = [(utc, after) for utc, after in onsets if utc + after <= wall]
    assert past, "no onset before this time"
    return max(past)[1]


def _offset(text: str) -> dt.timedelta:
    found = OFFSET.fullmatch(text)
    assert found, text
    return (1 if found[1] == "+" else -1) * dt.timedelta(hours=int(found[2]), minutes=int(found[3]))

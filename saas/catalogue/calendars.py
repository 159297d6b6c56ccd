"""A session as calendar entries: one a day, each at its own place; days that were taken out, cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from saas.catalogue.models import Slot, TrainingSession
from saas.kit import calendar
from saas.kit.clock import now

KEPT = dt.timedelta(days=31)  # how long a calendar says that something is off


def place_line(session: TrainingSession, slot: Slot | None = None) -> str:
    """Where a session, or one half-day of it, happens: an address, else the link."""
    own = slot if slot is not None and (slot.venue or slot.video_url) else session
    return ", ".join(part for part in (own.venue, own.address) if part) or own.video_url


def entries(session: TrainingSession, uid: str, sequence: int, title: str, **more: str) -> list[calendar.Entry]:
    """The days of a session for one reader. `uid` is theirs: an enrolment's, never the session's, for a client's people.

    Numbers come from Slot.entry, so that each day keeps its UID whatever is added, moved or taken away around it.
    """
    zone = ZoneInfo(session.time_zone)
    slots = [(slot.starts_at, slot.ends_at, slot.entry) for slot in session.slots]
    first = {slot.entry: slot for slot in reversed(session.slots)}
    found = calendar.days(uid, sequence, title, slots, zone, **more)
    places = {f"{uid}-{number}@cordee": place_line(session, slot) for number, slot in first.items()}
    return [replace(entry, place=places[entry.uid]) for entry in found]


def former(session: TrainingSession, uid: str, title: str) -> list[calendar.Entry]:
    """The days that were taken out of a session less than a month ago, as cancelled entries."""
    zone = ZoneInfo(session.time_zone)
    return [
        calendar.Entry(
            f"{uid}-{day.entry}@cordee", day.sequence, title, day.starts_at, day.ends_at, zone=zone, is_cancelled=True,
            modified=day.gone_at,
        )
        for day in session.former_days
        if day.gone_at > now() - KEPT
    ]  # fmt: skip


def dated(found: Sequence[calendar.Entry], modified: dt.datetime, *, is_cancelled: bool = False) -> list[calendar.Entry]:
    """Entries with the moment at which what they say changed last."""
    return [replace(entry, modified=modified, is_cancelled=is_cancelled) for entry in found]

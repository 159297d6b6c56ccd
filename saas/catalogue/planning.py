"""What a session is planned to be, before it is written: its half-days, its place, who gives it, its seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from saas.catalogue.models import SessionTrainer, Slot, TrainingSession
from saas.kit.errors import Refused

MOST_SLOTS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session happens: a venue (a room of ours, or anybody's) or a link."""

    venue: str = ""
    address: str = ""
    access: str = ""
    video_url: str = ""
    accessibility: str = ""
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """One half-day or timed part, in aware moments. `id` is that of the slot it was; without `place`, the session's own."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    id: UUID | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that staff say of a session, whether new or changed."""

    halves: tuple[Half, ...]
    place: Place
    trainers: frozenset[UUID] = frozenset()
    language: str = "fr"
    time_zone: str = "Europe/Paris"
    capacity: int = 10
    minimum: int = 1
    decision_on: dt.date | None = None
    decider_id: UUID | None = None
    notes: str = ""
    cost_cents: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def rooms(self) -> list[tuple[UUID, Half]]:
        """Each half-day with the room it takes, where it takes one of ours."""
        taken = [(half.place.room_id if half.place else self.place.room_id, half) for half in self.halves]
        return [(room, half) for room, half in taken if room]


def checked(plan: Plan) -> Plan:
    """The plan with its half-days in order. Raises Refused for no half-day, too many, overlaps, or impossible numbers."""
    halves = sorted(plan.halves, key=lambda half: half.starts_at)
    if not halves:
        raise Refused(_l("Give at least one half-day."), "lines")
    if len(halves) > MOST_SLOTS:
        raise Refused(_l("A session has sixty half-days at most: open several."), "lines")
    overlap = any(a.ends_at > b.starts_at for a, b in zip(halves, halves[1:], strict=False))
    if overlap or any(half.ends_at <= half.starts_at for half in halves):
        raise Refused(_l("Two half-days overlap, or one ends before it starts."), "lines")
    if plan.minimum > plan.capacity:
        raise Refused(_l("The minimum is above the number of seats."), "minimum")
    if plan.decision_on and plan.decision_on > halves[0].starts_at.astimezone(plan.zone).date():
        raise Refused(_l("The decision is due before the session starts."), "decision_on")
    return replace(plan, halves=tuple(halves))


def planned(session: TrainingSession) -> Plan:
    """A session as it stands, as a plan."""
    seats = session.seats
    return Plan(
        halves=tuple(_half(slot) for slot in session.slots), place=place_of(session),
        trainers=frozenset(row.staff_id for row in session.trainers), language=session.language, time_zone=session.time_zone,
        capacity=seats.capacity, minimum=seats.minimum, decision_on=seats.decision_on, decider_id=seats.decider_id,
        notes=seats.notes, cost_cents=seats.cost_cents,
    )  # fmt: skip


def place_of(session: TrainingSession) -> Place:
    return Place(session.venue, session.address, session.access, session.video_url, session.accessibility, session.room_id)


def _half(slot: Slot) -> Half:
    own = Place(slot.venue, slot.address, "", slot.video_url, "", slot.room_id) if slot.venue or slot.video_url else None
    return Half(slot.starts_at, slot.ends_at, slot.id, own)


def shifted(plan: Plan, first_day: dt.date) -> Plan:
    """The same plan from another first day on, at the same hours on the wall, whatever the season."""
    start = plan.halves[0].starts_at.astimezone(plan.zone).date()
    days = first_day - start
    halves = tuple(
        Half(wall(half.starts_at, plan.zone, days), wall(half.ends_at, plan.zone, days), None, half.place) for half in plan.halves
    )
    return replace(plan, halves=halves, decision_on=plan.decision_on + days if plan.decision_on else None)


def wall(moment: dt.datetime, zone: ZoneInfo, later: dt.timedelta) -> dt.datetime:
    """A moment so many days later, at the same time on the wall of a zone."""
    local = moment.astimezone(zone).replace(tzinfo=None) + later
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a session and a plan. `told` names what people with a seat hear of."""

    before: Plan
    after: Plan
    told: frozenset[str] = field(default_factory=frozenset)

    @property
    def in_calendars(self) -> bool:
        """Whether calendar entries change: then their SEQUENCE grows."""
        return bool(self.told & {"dates", "place", "video"})


def changes(before: Plan, after: Plan) -> Changes:
    """Compare two plans of one session."""
    told = {
        "dates": _times(before) != _times(after) or before.time_zone != after.time_zone,
        "place": _venues(before) != _venues(after),
        "video": _links(before) != _links(after),
        "trainers": before.trainers != after.trainers,
    }
    return Changes(before, after, frozenset(name for name, differs in told.items() if differs))


def _times(plan: Plan) -> list[tuple[dt.datetime, dt.datetime]]:
    return sorted((half.starts_at, half.ends_at) for half in plan.halves)


def _venues(plan: Plan) -> object:
    own = {(half.starts_at, half.place.venue, half.place.address) for half in plan.halves if half.place and half.place.venue}
    return plan.place.venue, plan.place.address, plan.place.access, plan.place.accessibility, own


def _links(plan: Plan) -> object:
    own = {(half.starts_at, half.place.video_url) for half in plan.halves if half.place and half.place.video_url}
    return plan.place.video_url, own


def numbered(
    halves: Iterable[Half], zone: ZoneInfo, known: Mapping[dt.date, int], slots: Mapping[UUID, int], last: int
) -> tuple[dict[dt.date, int], int]:
    """The calendar entry of each day, and the last number ever given.

    `known` is the entry of each day as it was, `slots` that of each half-day. A day that stays keeps its entry; a day that
    moved takes it along; a new day has a number that no day had.
    """
    by_day: dict[dt.date, list[Half]] = {}
    for half in halves:
        by_day.setdefault(half.starts_at.astimezone(zone).date(), []).append(half)
    found = {day: known[day] for day in by_day if day in known}
    for day in sorted(by_day.keys() - found.keys()):
        had = sorted(slots[half.id] for half in by_day[day] if half.id and half.id in slots)
        free = [entry for entry in had if entry not in found.values()]
        if not free:
            last += 1
        found[day] = free[0] if free else last
    return found, last


def trainers_of(session: TrainingSession) -> dict[UUID, SessionTrainer]:
    return {row.staff_id: row for row in session.trainers}

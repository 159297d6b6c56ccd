"""The demo firm's venues, and sessions that show what planning can do: a series, a draft, a clash, another time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from saas.catalogue.commands import absences, moves, sessions, venues
from saas.catalogue.models import ProgrammeVersion, Room, SessionSeats, TrainingSession
from saas.catalogue.planning import Half, Place, Plan
from saas.kit.clock import now, today
from saas.sandbox.demo.plans import slots, working
from tenants.db import db

LONDON = ZoneInfo("Europe/London")
VENUES = (
    (
        venues.About(
            "Espace Lesdiguières", "12 rue Lesdiguières, 38000 Grenoble", "Tram A et B, arrêt Victor-Hugo, puis trois minutes à pied.",
            "Ascenseur jusqu’à la salle, boucle magnétique, toilettes adaptées ; prévenir pour une place de stationnement.",
        ),
        (("salle Belledonne", 14), ("salle Vercors", 10)),
    ),
    (
        venues.About(
            "Le Confluent", "5 quai Perrache, 69002 Lyon", "Métro A, arrêt Perrache.", "De plain-pied, stationnement devant l’entrée."
        ),
        (("salle Saône", 12),),
    ),
    (
        venues.About(
            "Harbour Rooms", "20 Wharf Road, London N1", "Northern line, Angel; ten minutes on foot.", "Step-free from the street."
        ),
        (("Canal room", 12),),
    ),
)  # fmt: skip
COST = 118_000


def furnish() -> dict[str, Room]:
    """Firm scope: the venues and their rooms, by the room's name."""
    found = {}
    for about, rooms in VENUES:
        venue = venues.add_venue(about)
        for name, seats in rooms:
            found[name] = venues.add_room(venue, name, seats)
    return found


def in_room(room: Room) -> Place:
    venue = room.venue
    return Place(f"{venue.name}, {room.name}", venue.address, venue.access, "", venue.accessibility, room.id)


def plan_ahead(
    versions: Sequence[ProgrammeVersion], staff: Sequence[UUID], clients: Sequence[UUID], rooms: dict[str, Room]
) -> None:  # fmt: skip
    """Firm scope: what is planned beside the sessions that have people already."""
    marc, ines, sofia, thomas = (staff[n] for n in (1, 3, 4, 5))
    monthly = Plan(
        halves=_halves(working(today() + dt.timedelta(days=26)), 1), place=in_room(rooms["salle Vercors"]), trainers=frozenset({thomas}),
        capacity=10, minimum=5, decision_on=today() + dt.timedelta(days=15), decider_id=marc, cost_cents=COST // 3,
    )  # fmt: skip
    first = sessions.plan_session(versions[7], "inter", monthly)
    for client in (clients[0], clients[2]):
        sessions.link(first, client, versions[7].price_seat_cents)
    sessions.duplicate(first, first.starts_at.date() + dt.timedelta(days=28), times=3, weeks=4, with_links=True, state="open")
    _draft(versions[3], sofia, ines, rooms)
    _in_london(versions[1], ines, marc, clients[3], rooms)
    _called_off(versions[6], sofia, clients[1], rooms)
    absences.add_absence(ines, today() + dt.timedelta(days=15), today() + dt.timedelta(days=17), "Formation de formateurs")
    absences.add_absence(sofia, today() + dt.timedelta(days=50), today() + dt.timedelta(days=61), "Tournée")
    held = select(TrainingSession.id).where(TrainingSession.ends_at > now(), TrainingSession.id != first.id)
    db.session.execute(
        update(SessionSeats)
        .where(SessionSeats.id.in_(held), SessionSeats.decider_id.is_(None))
        .values(decider_id=marc, cost_cents=COST)
    )


def _halves(day: dt.date, number: int) -> tuple[Half, ...]:
    return tuple(Half(start, end) for start, end in slots(day, number))


def _draft(version: ProgrammeVersion, sofia: UUID, ines: UUID, rooms: dict[str, Room]) -> None:
    """Two trainers, a last half-day by video: still to be opened."""
    halves = _halves(working(today() + dt.timedelta(days=37)), 4)
    video = Place(video_url="https://visio.equoranda.example/suivi")
    plan = Plan(
        (*halves[:3], replace(halves[3], place=video)), in_room(rooms["salle Saône"]), frozenset({sofia, ines}), capacity=12, minimum=6,
        notes="Attendre l’accord de la salle Saône pour la seconde journée.", cost_cents=2 * COST,
    )  # fmt: skip
    sessions.plan_session(version, "inter", plan, "draft")


def _in_london(version: ProgrammeVersion, ines: UUID, marc: UUID, client: UUID, rooms: dict[str, Room]) -> None:
    """In English, at London's hours."""
    day = working(today() + dt.timedelta(days=51))
    hours = ((dt.time(9, 30), dt.time(12, 30)), (dt.time(13, 30), dt.time(16, 30)))
    halves = tuple(Half(dt.datetime.combine(day, start, LONDON), dt.datetime.combine(day, end, LONDON)) for start, end in hours)
    plan = Plan(
        halves, in_room(rooms["Canal room"]), frozenset({ines}), "en", "Europe/London", 12, 5, decision_on=day - dt.timedelta(days=14),
        decider_id=marc, cost_cents=3 * COST,
    )  # fmt: skip
    sessions.link(sessions.plan_session(version, "intra", plan), client, version.price_group_cents, "group")


def _called_off(version: ProgrammeVersion, sofia: UUID, client: UUID, rooms: dict[str, Room]) -> None:
    halves = _halves(working(today() + dt.timedelta(days=19)), 2)
    plan = Plan(halves, in_room(rooms["salle Saône"]), frozenset({sofia}), capacity=12, minimum=6)
    session = sessions.plan_session(version, "intra", plan)
    sessions.link(session, client, version.price_seat_cents)
    moves.move(session, "cancelled", "Trop peu d’inscrits : une nouvelle date suit au printemps.")

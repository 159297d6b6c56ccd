"""Writes of venues and rooms, in firm scope. Sessions keep the words of the place they were given."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue.models import Room, Venue
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id


@dataclass(frozen=True, slots=True)
class About:
    """What staff say of a venue."""

    name: str
    address: str = ""
    access: str = ""
    accessibility: str = ""


def add_venue(about: About) -> Venue:
    """Raises Refused when another venue has this name."""
    venue = Venue(id=new_id(), name=about.name)
    _describe(venue, about)
    db.session.add(venue)
    db.session.flush()
    journal.note("venue.added", venue.name, venue.id)
    return venue


def change_venue(venue: Venue, about: About) -> None:
    """Raises Refused when another venue has this name."""
    _describe(venue, about)
    db.session.flush()
    journal.note("venue.changed", venue.name, venue.id)


def _describe(venue: Venue, about: About) -> None:
    if db.session.scalar(select(Venue.id).where(Venue.name == about.name, Venue.id != venue.id)):
        raise Refused(_l("Another venue has this name."), "name")
    venue.name, venue.address, venue.access, venue.accessibility = about.name, about.address, about.access, about.accessibility


def propose_venue(venue: Venue, *, wanted: bool) -> None:
    """Propose a venue in lists, or no longer. Sessions that are planned there stay."""
    venue.ended_at = None if wanted else now()
    journal.note("venue.changed", venue.name, venue.id)


def add_room(venue: Venue, name: str, seats: int) -> Room:
    """Add a room, or propose it again with other seats."""
    room = next((room for room in venue.rooms if room.name.casefold() == name.casefold()), None)
    if room is None:
        room = Room(id=new_id(), venue_id=venue.id, name=name)
        db.session.add(room)
    room.seats, room.ended_at = seats, None
    db.session.flush()
    journal.note("venue.changed", venue.name, venue.id)
    return room


def drop_room(room: Room) -> None:
    """A room is no longer proposed. Sessions that are planned there stay."""
    room.ended_at = now()
    journal.note("venue.changed", room.venue.name, room.venue_id)

"""Reads of venues and their rooms. In firm scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from saas.catalogue.models import Room, TrainingSession, Venue
from saas.kit.clock import now
from tenants.db import db


def venues(ended: bool = False) -> Sequence[Venue]:
    """Venues by name with their rooms: those proposed, or those that no longer are."""
    gone = Venue.ended_at.is_not(None) if ended else Venue.ended_at.is_(None)
    return db.session.scalars(select(Venue).where(gone).options(selectinload(Venue.rooms)).order_by(Venue.name).limit(500)).all()


def venue(venue_id: UUID) -> Venue:
    """One venue with its rooms. 404 when there is none."""
    found = db.session.scalar(select(Venue).where(Venue.id == venue_id).options(selectinload(Venue.rooms)))
    if found is None:
        abort(404)
    return found


def room(room_id: UUID) -> Room:
    """One room with its venue. 404 when there is none."""
    found = db.session.scalar(select(Room).where(Room.id == room_id).options(joinedload(Room.venue)))
    if found is None:
        abort(404)
    return found


def rooms() -> Sequence[Room]:
    """Every room that is proposed, with its venue, by venue and name: what the pick list of a session holds."""
    statement = (
        select(Room)
        .join(Room.venue)
        .where(Room.ended_at.is_(None), Venue.ended_at.is_(None))
        .options(contains_eager(Room.venue))
        .order_by(Venue.name, Room.name)
        .limit(500)
    )
    return db.session.scalars(statement).all()


def sessions_to_come(venue_id: UUID) -> int:
    """How many sessions that are not over take a room of a venue."""
    own = select(Room.id).where(Room.venue_id == venue_id)
    return (
        db.session.scalar(
            select(func.count(TrainingSession.id)).where(
                TrainingSession.room_id.in_(own), TrainingSession.ends_at > now(), TrainingSession.state != "cancelled"
            )
        )
        or 0
    )

"""Spaces, zones, and who reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import func, select, text

from saas.community.models import Space, Zone, ZoneMandate, ZoneMember
from saas.identity.sso.queries import directory_opens
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads what is written here, computed from the real rights: how many, and by name whoever is no peer."""

    people: int
    hr: tuple[str, ...]
    sponsors: tuple[str, ...]
    from_firm: tuple[str, ...]
    by_directory: bool  # the company's own directory signs its people in


def space() -> Space | None:
    """Any scope of the workspace: what everybody may know of its community."""
    return db.session.scalar(select(Space))


def spaces() -> Mapping[UUID, Space]:
    """Firm scope: the communities that are open, by workspace."""
    return {row.workspace_id: row for row in db.session.scalars(select(Space))}


def zones() -> Sequence[Zone]:
    """The zones this person is in."""
    return db.session.scalars(select(Zone).order_by(Zone.id)).all()


def zone(zone_id: UUID) -> Zone:
    """One zone this person is in. 404 otherwise."""
    found = db.session.scalar(select(Zone).where(Zone.id == zone_id))
    if found is None:
        abort(404)
    return found


def people(zone_id: UUID) -> Mapping[UUID, ZoneMember]:
    """Everybody who is or was in a zone, by account: writers keep their name after they leave."""
    rows = db.session.scalars(
        select(ZoneMember).where(ZoneMember.zone_id == zone_id).order_by(ZoneMember.left_at.is_(None), ZoneMember.joined_at)
    )
    return {row.account_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class ToJoin:
    """A zone that is there to join: what it is called, and its kind."""

    id: UUID
    name: str
    kind: str


def zones_to_join() -> list[ToJoin]:
    """What this person may come into and is not in yet."""
    return [ToJoin(*row) for row in db.session.execute(text("SELECT id, name, kind FROM zones_to_join()"))]


def numbers(zone_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many people are in each of these zones."""
    here = ZoneMember.zone_id.in_(zone_ids), ZoneMember.left_at.is_(None)
    rows = db.session.execute(select(ZoneMember.zone_id, func.count()).where(*here).group_by(ZoneMember.zone_id))
    return {row[0]: row[1] for row in rows}


def mandates(zone_id: UUID) -> Sequence[ZoneMandate]:
    """Who leads or carries a zone, and who did: the newest first."""
    given = select(ZoneMandate).where(ZoneMandate.zone_id == zone_id).order_by(ZoneMandate.from_at.desc(), ZoneMandate.id)
    return db.session.scalars(given.limit(50)).all()


def audience(members: Mapping[UUID, ZoneMember]) -> Audience:
    """The audience line's facts."""
    active = [m for m in members.values() if m.left_at is None]
    return Audience(
        len(active),
        tuple(m.name for m in active if "hr" in m.tags),
        tuple(m.name for m in active if "sponsor" in m.tags and "hr" not in m.tags),
        tuple(m.name for m in active if m.side == "firm"),
        directory_opens(),
    )

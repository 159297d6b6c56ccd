"""Opening a space, joining and leaving its zones."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from saas.community.commands.notices import tell
from saas.community.models import Zone, ZoneMember
from saas.kit import journal
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tenants.scope import current_scope


def open_space(purpose: str, zone_name: str, pilot: UUID, pilot_name: str, side: str) -> bool:
    """Workspace scope: open the client's community with its first zone and its named pilot. False when it is open."""
    opened = db.session.scalar(select(func.open_space(new_id(), new_id(), purpose.strip(), zone_name, pilot, pilot_name, side)))
    if opened:
        journal.note("space.opened", pilot_name)
    return bool(opened)


def join() -> None:
    """Become a member of the open zone, under one's own name; HR is shown as HR. Joining twice does nothing."""
    for zone_id, _name, kind in db.session.execute(text("SELECT * FROM zones_to_join()")).all():
        if kind == "open":
            db.session.scalar(select(func.join_zone(new_id(), zone_id)))
    journal.note("zone.joined")


def leave() -> None:
    """Leave every zone at once: nothing of them is readable from the next statement on, and mandates end."""
    for zone_id in db.session.scalars(select(Zone.id)).all():
        db.session.scalar(select(func.leave_zone(zone_id)))
    journal.note("zone.left")


def join_zone(zone_id: UUID) -> None:
    """Come into one more zone that is there to join. Raises Refused when it is not for this person."""
    if not db.session.scalar(select(func.join_zone(new_id(), zone_id))):
        raise Refused(_l("This zone is not open to you, or you are in it already."))
    journal.note("zone.joined")


def leave_zone(zone_id: UUID) -> None:
    """Leave one zone at once; doing it twice changes nothing."""
    if db.session.scalar(select(func.leave_zone(zone_id))):
        journal.note("zone.left")


def open_zone(from_zone: UUID, kind: str, name: str, people: Sequence[UUID] = ()) -> UUID:
    """Open a zone among peers, or a room with some people of the zone one is in. Raises Refused.

    A room keeps the people it was opened with: to speak with others, another one is opened.
    """
    name = name.strip()
    if not name:
        raise Refused(_l("Give it a name."), "name")
    if kind == "room" and not people:
        raise Refused(_l("Choose at least one person."), "people")
    zone_id, ids = new_id(), [new_id() for _ in range(len(people) + 1)]
    if not db.session.scalar(select(func.open_zone(zone_id, from_zone, kind, name[:80], list(people), ids))):
        raise Refused(_l("A zone among peers is opened by a pilot who is a peer; a room, by a manager."))
    journal.note("zone.opened")
    return zone_id


def appoint(zone_id: UUID, account_id: UUID, role: str, by: str) -> None:
    """Make somebody of the zone its pilot, deputy or ambassador, or an ordinary member again; the zone is told.

    Raises Refused for whoever does not lead it, and when nobody would.
    """
    if not db.session.scalar(select(func.appoint(zone_id, account_id, role, new_id(), by))):
        raise Refused(_l("Only a pilot or deputy appoints, among the members; one pilot stays."))
    tell(zone_id, members_of(zone_id), "appointed", "zone", zone_id)
    journal.note("zone.appointed")


def name_pilot(account_id: UUID, by: str) -> str:
    """Workspace scope: name a pilot from among the members when nobody leads the space; returns the name. Raises Refused."""
    name: str | None = db.session.scalar(select(func.name_pilot(account_id, new_id(), by)))
    if name is None:
        raise Refused(_l("Somebody leads this community: it is for them to hand it over. Or this person is not a member."))
    journal.note("zone.pilot_named", name)
    return name


def remove(zone_id: UUID, account_id: UUID) -> None:
    """End somebody's membership of a zone that one leads. Raises Refused."""
    if not db.session.scalar(select(func.remove_from_zone(zone_id, account_id))):
        raise Refused(_l("Only a pilot or deputy does this, and never to themselves."))
    journal.note("zone.removed")


def members_of(zone_id: UUID) -> Sequence[UUID]:
    """The accounts that are in a zone now."""
    here = ZoneMember.zone_id == zone_id, ZoneMember.left_at.is_(None)
    return db.session.scalars(select(ZoneMember.account_id).where(*here).order_by(ZoneMember.account_id)).all()


def me() -> UUID:
    account_id = current_scope().account_id
    if account_id is None:
        raise Refused(_l("Sign in first."))
    return account_id


def is_pilot(zone_id: UUID) -> bool:
    """Whether the person acting pilots a zone or stands in for its pilot."""
    role = db.session.scalar(
        select(ZoneMember.role).where(ZoneMember.zone_id == zone_id, ZoneMember.account_id == me(), ZoneMember.left_at.is_(None))
    )
    return role in ("pilot", "deputy")

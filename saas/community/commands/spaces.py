"""Opening a space, joining and leaving its zones."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from saas.community.models import ZoneMember
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
    """Leave at once: nothing of the zone is readable from the next statement on."""
    db.session.scalar(select(func.leave_zones()))
    journal.note("zone.left")


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

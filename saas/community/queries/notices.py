"""What somebody is told of. In community scope: the policies give one's own notices of one's own zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select, union_all

from saas.community.models import Notice, Occurrence, Ritual, Thread, Zone
from tenants.db import db
from tenants.scope import current_scope


def mine() -> Select[Notice]:
    """One's notices, newest first, as a statement to be paged."""
    own = Notice.account_id == current_scope().account_id
    return select(Notice).where(own).order_by(Notice.last_at.desc(), Notice.id)


def unread() -> int:
    """How many objects one has not looked at since something happened there."""
    own = Notice.account_id == current_scope().account_id, Notice.read_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(Notice).where(*own)) or 0


def zones_and_unread() -> tuple[list[Zone], int]:
    """The zones one is in, and how many objects are unread, in one statement."""
    own = Notice.account_id == current_scope().account_id, Notice.read_at.is_(None)
    number = select(func.count()).select_from(Notice).where(*own).scalar_subquery()
    rows = db.session.execute(select(Zone, number).order_by(Zone.id)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def titles(rows: Sequence[Notice]) -> Mapping[UUID, str]:
    """What the objects of these notices are called, in one statement."""
    ids = [row.object_id for row in rows]
    of_date = (Ritual.firm_id == Occurrence.firm_id) & (Ritual.workspace_id == Occurrence.workspace_id)
    named = union_all(
        select(Thread.id, Thread.title).where(Thread.id.in_(ids)),
        select(Zone.id, Zone.name).where(Zone.id.in_(ids)),
        select(Occurrence.id, Ritual.title)
        .join(Ritual, of_date & (Ritual.id == Occurrence.ritual_id))
        .where(Occurrence.id.in_(ids)),
    )
    return {row[0]: row[1] for row in db.session.execute(named)} if ids else {}

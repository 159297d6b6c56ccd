"""Telling people of an object of a zone. In community scope."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, update

from saas.community.models import Notice
from saas.kit.clock import now
from tenants.db import db, new_id
from tenants.scope import current_scope


def tell(zone_id: UUID, accounts: Collection[UUID], reason: str, kind: str, object_id: UUID) -> int:
    """Tell people of something; returns how many. The database leaves out whoever is not in the zone, and whoever acts.

    One row a person and object: it counts what happened since it was last read. `reason` is a key of REASONS in saas/community/words.py.
    """
    people = sorted(set(accounts))
    if not people:
        return 0
    ids = [new_id() for _ in people]
    told = db.session.scalar(select(func.notify(zone_id, people, reason, kind, object_id, ids)))
    return told or 0


def read_all() -> None:
    """Everything one is told of counts as read. Doing it twice changes nothing."""
    own = Notice.account_id == current_scope().account_id, Notice.read_at.is_(None)
    db.session.execute(update(Notice).where(*own).values(read_at=now()))

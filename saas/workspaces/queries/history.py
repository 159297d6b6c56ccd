"""What the journal says of people. In workspace scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort, g
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.journal import Journal
from tenants.db import db

# Acts on many people: one line each, which names them in its facts.
MANY = ("people.changed", "people.invited", "people.left")
UNDO = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Undoable:
    """A change of many people that can still be taken back."""

    id: UUID
    number: int
    at: dt.datetime


def of_person(person: Member, limit: int = 20) -> Sequence[Journal]:
    """The last acts that concern somebody, alone or with others."""
    with_others = and_(Journal.action.in_(MANY), Journal.facts["people"].has_key(str(person.id)))
    here = and_(Journal.firm_id == person.firm_id, Journal.workspace_id == person.workspace_id)
    rows = select(Journal).where(here, or_(Journal.subject_id == person.id, with_others))
    return db.session.scalars(rows.order_by(Journal.at.desc(), Journal.id.desc()).limit(limit)).all()


def _mine() -> tuple[object, ...]:
    viewer = g.viewer
    undone = aliased(Journal)
    taken_back = select(undone.id).where(
        undone.firm_id == viewer.firm_id, undone.workspace_id == viewer.workspace_id, undone.action == "people.undone",
        undone.subject_id == Journal.subject_id,
    )  # fmt: skip
    return (
        Journal.firm_id == viewer.firm_id, Journal.workspace_id == viewer.workspace_id, Journal.action == "people.changed",
        Journal.actor_id == viewer.account_id, Journal.at > now() - UNDO, ~taken_back.exists(),
    )  # fmt: skip


def undoable() -> Undoable | None:
    """The last change of many people by whoever looks, while it can be taken back."""
    columns = select(Journal.subject_id, Journal.subject, Journal.at).where(*_mine())  # type: ignore[arg-type]
    row = db.session.execute(columns.order_by(Journal.at.desc()).limit(1)).first()
    return Undoable(row.subject_id, int(row.subject), row.at) if row else None


def change(change_id: UUID) -> Journal:
    """One change of many people by whoever looks. 404 when there is none, when it is too old or taken back."""
    found = db.session.scalars(select(Journal).where(*_mine(), Journal.subject_id == change_id)).first()  # type: ignore[arg-type]
    if found is None:
        abort(404)
    return found

"""Lines of the journal as whoever looks may see them, narrowed and in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import ColumnElement, Select, any_, func, literal, or_, select

from saas.identity.models import Member
from saas.kit import words
from saas.kit.access import may
from saas.kit.clock import PARIS
from saas.kit.journal import Journal
from saas.kit.names import fold
from saas.kit.narrowing import Narrowing
from saas.workspaces.journal.families import FAMILIES, UNSHOWN, acts_of
from tenants.db import db
from tenants.models import Workspace

MOST_WORDS = 6
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Sought(Narrowing):
    """What a journal is narrowed to: words, a family of acts, who acted, from a day until a day (ISO 8601, in Paris)."""

    search: str = ""
    family: str = ""
    person: str = ""
    since: str = ""
    until: str = ""


def _visible() -> list[ColumnElement[bool]]:
    """In firm scope: an owner sees the firm's lines, an advisor those of their clients. In workspace scope: its own."""
    viewer = g.viewer
    conditions: list[ColumnElement[bool]] = [Journal.firm_id == viewer.firm_id, Journal.action.not_in(UNSHOWN)]
    if viewer.workspace_id is not None:
        conditions.append(Journal.workspace_id == viewer.workspace_id)
    elif not may("owner"):
        conditions.append(Journal.workspace_id.is_not(None))
    return conditions


def lines(sought: Sought) -> Select[Journal]:
    """Firm or workspace scope: the lines that fit, newest first; to be paged."""
    statement: Select[Journal] = select(Journal).where(*_visible())
    for word in fold(sought.search).split()[:MOST_WORDS]:
        meant = [key for key, said in words.ACTS.items() if word in fold(str(said).replace("%(what)s", ""))]
        statement = statement.where(or_(_has(Journal.subject, word), _has(Journal.actor, word), Journal.action.in_(meant)))
    for word in fold(sought.person).split()[:MOST_WORDS]:
        statement = statement.where(_has(Journal.actor, word))
    if sought.family in FAMILIES:
        statement = statement.where(Journal.action.in_(acts_of(sought.family)))
    if day := _day(sought.since):
        statement = statement.where(Journal.at >= dt.datetime.combine(day, dt.time(), PARIS))
    if day := _day(sought.until):
        statement = statement.where(Journal.at < dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), PARIS))
    return statement.order_by(Journal.at.desc(), Journal.id.desc())


def _has(column: Any, word: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(func.unaccent(column)).contains(word, autoescape=True)
    return found


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


def names() -> Sequence[str]:
    """Firm or workspace scope: who has acted, for the filter to suggest."""
    named = select(Journal.actor).where(*_visible()).distinct().order_by(Journal.actor).limit(MOST_NAMES)
    return db.session.scalars(named).all()


def client_names(rows: Sequence[Journal]) -> dict[UUID, tuple[str, str]]:
    """Firm scope: (name, slug) of the clients that these lines belong to."""
    ids = {row.workspace_id for row in rows if row.workspace_id}
    if not ids:
        return {}
    columns = select(Workspace.id, Workspace.name, Workspace.slug).where(Workspace.id.in_(ids))
    return {row.id: (row.name, row.slug) for row in db.session.execute(columns)}


def whose_network_shows(rows: Sequence[Journal]) -> frozenset[UUID] | None:
    """The accounts whose network address whoever looks may read; None for all.

    A participant's address tells where they are: the firm's owner reads it (they answer for security), HR only those of HR.
    """
    if may("owner"):
        return None
    own = {g.viewer.account_id}
    if g.viewer.workspace_id is None:
        return frozenset(own)
    ids = {row.actor_id for row in rows if row.actor_id}
    of_hr = select(Member.account_id).where(Member.account_id.in_(ids), literal("hr") == any_(Member.roles))
    return frozenset(own | {account for account in db.session.scalars(of_hr) if account})

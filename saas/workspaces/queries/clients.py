"""Reads of the firm's console."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import g
from sqlalchemy import func, select

from saas.identity.models import Member
from saas.kit.names import fold
from saas.workspaces.models import BillingParty
from tenants.db import db
from tenants.models import Workspace

PER_PAGE = 25


def own_workspace() -> Workspace:
    """The workspace of this scope."""
    return db.session.scalars(select(Workspace).where(Workspace.id == g.viewer.workspace_id)).one()


def workspace_names() -> dict[UUID, Workspace]:
    """Firm scope: every client, by id."""
    rows = db.session.scalars(select(Workspace).order_by(Workspace.name))
    return {row.id: row for row in rows}


def clients(search: str = "") -> Sequence[Workspace]:
    """Firm scope: the clients whose name holds what is searched, without accents."""
    rows = db.session.scalars(select(Workspace).where(Workspace.state == "active").order_by(Workspace.name)).all()
    return [row for row in rows if fold(search) in fold(f"{row.name} {row.city} {row.trade}")] if search else rows


def people_counts() -> dict[UUID, int]:
    """Firm scope: how many people are in each workspace today."""
    rows = db.session.execute(
        select(Member.workspace_id, func.count()).where(Member.left_at.is_(None)).group_by(Member.workspace_id)
    )
    return {row[0]: row[1] for row in rows}


def workspaces_with_people() -> list[tuple[Workspace, int]]:
    """Firm scope: every client by name, with how many people it has, in one statement."""
    people_ = (
        select(Member.workspace_id, func.count().label("people"))
        .where(Member.left_at.is_(None))
        .group_by(Member.workspace_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Workspace, func.coalesce(people_.c.people, 0))
        .outerjoin(people_, people_.c.workspace_id == Workspace.id)
        .order_by(Workspace.name)
    )
    return [(row[0], row[1]) for row in rows]


def billing_parties() -> Sequence[BillingParty]:
    """Workspace scope: who may be invoiced, the usual one first."""
    return db.session.scalars(select(BillingParty).order_by(BillingParty.is_default.desc(), BillingParty.name)).all()

"""Reads of the firm's console."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort, g
from sqlalchemy import Select, any_, func, select

from saas.identity.models import Member
from saas.kit.names import fold
from saas.workspaces.models import BillingParty
from tenants.db import db
from tenants.models import Firm, Workspace

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


def people(search: str = "", department: str = "", site: str = "", role: str = "") -> Select[Member]:
    """Workspace scope: the people who are here, by family name, filtered; the statement, to be paged."""
    statement = select(Member).where(Member.left_at.is_(None)).order_by(Member.name_folded, Member.id)
    if search:
        needle = fold(search)
        statement = statement.where(
            Member.name_folded.contains(needle, autoescape=True) | Member.email_norm.contains(needle, autoescape=True)
        )
    if department:
        statement = statement.where(Member.department == department)
    if site:
        statement = statement.where(Member.site == site)
    if role:
        statement = statement.where(any_(Member.roles) == role)
    return statement


def hr_people() -> Sequence[Member]:
    """Workspace scope: who is HR here."""
    return db.session.scalars(people(role="hr")).all()


def people_filters() -> tuple[list[str], list[str]]:
    """Workspace scope: the departments and the sites that people have."""
    rows = db.session.execute(select(Member.department, Member.site).where(Member.left_at.is_(None)).distinct()).all()
    return sorted({r[0] for r in rows if r[0]}, key=fold), sorted({r[1] for r in rows if r[1]}, key=fold)


def member(member_id: UUID) -> Member:
    """Workspace scope: one person. 404 when there is none here."""
    found = db.session.scalar(select(Member).where(Member.id == member_id, Member.left_at.is_(None)))
    if found is None:
        abort(404)
    return found


def own_firm() -> Firm:
    """The firm of this scope."""
    return db.session.scalars(select(Firm)).one()

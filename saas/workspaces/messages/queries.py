"""Reads of the conversation between a client and the firm."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from sqlalchemy import Select, any_, or_, select

from saas.identity.models import Member, Staff, StaffCard, StaffClient
from saas.kit.tables import count
from saas.workspaces.messages.models import DeskMessage
from saas.workspaces.queries.people import Wanted, people
from tenants.db import db
from tenants.models import Workspace


def conversation() -> Select[DeskMessage]:
    """Workspace scope: all messages, the newest first, as a statement to be paged."""
    return select(DeskMessage).order_by(DeskMessage.at.desc(), DeskMessage.id.desc())


def waiting() -> int:
    """Workspace scope: how many of the client's messages wait for an answer."""
    return count(select(DeskMessage).where(DeskMessage.side == "client", DeskMessage.settled_at.is_(None)))


def advisor() -> StaffCard | None:
    """Workspace scope: who of the firm this client writes to, when somebody is named."""
    return db.session.scalar(
        select(StaffCard)
        .join(Workspace, (Workspace.firm_id == StaffCard.firm_id) & (Workspace.advisor_id == StaffCard.id))
        .where(Workspace.id == g.viewer.workspace_id)
    )


def readers(workspace: Workspace) -> Sequence[Staff]:
    """Firm scope: who of the staff is told of a client's message: its advisor while there is one, else the owners."""
    named = select(Staff).where(Staff.id == workspace.advisor_id, Staff.left_at.is_(None))
    found = db.session.scalars(named).all()
    return found or db.session.scalars(select(Staff).where(any_(Staff.roles) == "owner", Staff.left_at.is_(None))).all()


def advisors(workspace: Workspace) -> Sequence[Staff]:
    """Firm scope: who may look after a client: owners and advisors who reach it, by name."""
    reaches = select(StaffClient.id).where(
        StaffClient.firm_id == Staff.firm_id, StaffClient.staff_id == Staff.id, StaffClient.workspace_id == workspace.id
    )
    rows = db.session.scalars(
        select(Staff)
        .join(StaffCard, (StaffCard.firm_id == Staff.firm_id) & (StaffCard.id == Staff.id))
        .where(
            Staff.left_at.is_(None),
            or_(any_(Staff.roles) == "owner", any_(Staff.roles) == "advisor"),
            ~Staff.limited | reaches.exists(),
        )
        .order_by(StaffCard.name)
    )
    return rows.all()


def hr_to_tell() -> Sequence[Member]:
    """Workspace scope: the HR of the whole client who have an address."""
    rows = db.session.scalars(people(Wanted(role="hr")))
    return [row for row in rows if row.email and not row.hr_sites and not row.hr_departments]

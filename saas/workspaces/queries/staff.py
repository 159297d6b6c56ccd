"""Reads of the firm's staff. In firm scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from saas.identity.models import Invitation, Staff, StaffCard, StaffClient
from saas.workspaces.models import FirmProfile
from tenants.db import db
from tenants.models import Workspace


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of the staff as the list shows them. state: see state()."""

    row: Staff
    state: str
    clients: Sequence[str]
    invited_at: dt.datetime | None = None
    has_factor: bool = False


def staff() -> Sequence[Staff]:
    """Everybody who is or was of the staff, those who are first, by name."""
    rows = db.session.scalars(
        select(Staff)
        .join(StaffCard, (StaffCard.firm_id == Staff.firm_id) & (StaffCard.id == Staff.id))
        .order_by(Staff.left_at.is_not(None), StaffCard.name, Staff.id)
        .options(joinedload(Staff.card))
    )
    return rows.all()


def colleagues() -> list[Colleague]:
    """The same with their state, clients they are limited to, second factor: four statements, whatever their number."""
    rows, invited, names, with_factor = staff(), open_invitations(), client_names(), with_second_factor()
    return [
        Colleague(row, state(row, invited), names.get(row.id, []), invited.get(row.id), row.id in with_factor) for row in rows
    ]


def with_second_factor() -> set[UUID]:
    """Who of the staff has an authenticator that works."""
    return set(db.session.scalars(select(func.staff_with_factor())))


def needs_second_factor() -> bool:
    """Whether the firm requires one of everybody."""
    return bool(db.session.scalar(select(FirmProfile.needs_second_factor)))


def state(row: Staff, invited: Collection[UUID]) -> str:
    """joined, invited, uninvited (no invitation is open), left, or withdrawn: left before they had joined."""
    if row.left_at is not None:
        return "left" if row.account_id else "withdrawn"
    if row.account_id is not None:
        return "joined"
    return "invited" if row.id in invited else "uninvited"


def open_invitations() -> Mapping[UUID, dt.datetime]:
    """When each person whose invitation still opens was invited."""
    rows = db.session.execute(
        select(Invitation.staff_id, Invitation.created_at).where(Invitation.staff_id.is_not(None), Invitation.still_opens())
    )
    return {row[0]: row[1] for row in rows if row[0]}


def client_names() -> Mapping[UUID, list[str]]:
    """The names of the clients that limited people may act for, by person."""
    found: dict[UUID, list[str]] = {}
    rows = db.session.execute(
        select(StaffClient.staff_id, Workspace.name)
        .join(Workspace, (Workspace.firm_id == StaffClient.firm_id) & (Workspace.id == StaffClient.workspace_id))
        .order_by(Workspace.name)
    )
    for staff_id, name in rows:
        found.setdefault(staff_id, []).append(name)
    return found


def person(staff_id: UUID) -> Staff:
    """One person, gone or not. 404 when there is none here."""
    found = db.session.scalar(select(Staff).where(Staff.id == staff_id).options(joinedload(Staff.card)))
    if found is None:
        abort(404)
    return found


def clients_of(staff_id: UUID) -> list[UUID]:
    """The clients somebody is limited to."""
    return list(db.session.scalars(select(StaffClient.workspace_id).where(StaffClient.staff_id == staff_id)))

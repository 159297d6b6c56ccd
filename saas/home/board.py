"""What the features above enrolments add to the home pages, gathered in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from sqlalchemy import func, select

from saas.catalogue.models import Offer, SessionLink, TrainingSession
from saas.enrolments import queries as enrolments
from saas.home.queries import ClientRow, ToDo, decisions
from saas.identity.models import Member
from saas.workspaces import queries as workspaces
from tenants.db import db
from tenants.models import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a client's launch; its state is computed, never ticked by hand."""

    label: str
    done: bool
    endpoint: str


@dataclass(frozen=True, slots=True)
class Money:
    """Cents incl. VAT: invoiced and not yet paid, and of these past their due date."""

    due_cents: int
    late_cents: int


def inbox(names: Mapping[UUID, Workspace], coming: Sequence[TrainingSession]) -> list[ToDo]:
    """Firm scope: everything that waits for staff."""
    return decisions(names, coming)


def clients(names: Mapping[UUID, Workspace], coming: Sequence[TrainingSession]) -> list[ClientRow]:
    """Firm scope: all clients side by side."""
    people, seats = workspaces.people_counts(), enrolments.seats_by_workspace()
    rows = [ClientRow(w, people.get(w.id, 0), seats=seats.get(w.id, {})) for w in names.values() if w.state == "active"]
    for row in rows:
        row.sessions = sum(1 for s in coming for link in s.links if link.workspace_id == row.workspace.id)
    return rows


def money() -> Money:
    """Firm scope: what is owed."""
    return Money(0, 0)


def launch_steps() -> list[Step]:
    """Workspace scope: how far this client's launch has come."""
    participants = select(func.count()).where(Member.left_at.is_(None), Member.roles.any("participant"))  # type: ignore[arg-type]
    hr_joined = select(func.count()).where(Member.roles.any("hr"), Member.account_id.is_not(None))  # type: ignore[arg-type]
    counts = db.session.execute(
        select(
            hr_joined.select_from(Member).scalar_subquery(),
            select(func.count(Offer.id)).scalar_subquery(),
            participants.select_from(Member).scalar_subquery(),
            select(func.count(SessionLink.id)).scalar_subquery(),
        )
    ).one()
    labels = [
        (_("HR has joined"), "clients.settings" if g.viewer.is_staff else "home.workspace"),
        (_("Programmes offered"), "offers.index"),
        (_("Managers imported"), "people.import_file"),
        (_("A session is open"), "links.index"),
    ]
    return [Step(label, bool(count), endpoint) for (label, endpoint), count in zip(labels, counts, strict=True)]


def manager_extras() -> dict[str, Any]:
    """Workspace scope: what else waits for a manager."""
    return {}

"""What the features above enrolments add to the home pages, gathered in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from sqlalchemy import any_, func, select

from saas.billing import queries as billing
from saas.catalogue.models import Offer, SessionLink, TrainingSession
from saas.community import queries as community
from saas.enrolments import queries as enrolments
from saas.home.queries import ClientRow, ToDo, decisions
from saas.identity.models import Member
from saas.kit.i18n import pick
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
    late = [
        ToDo("late", row.number or "", names[row.workspace_id].name, "invoices.show", {"invoice_id": row.id}, row.due_on)
        for row in billing.late()
    ]
    questions = [
        ToDo("question", "", names[i].name, "home.workspace", {"workspace": names[i].slug}, since, number)
        for i, number, since in community.unanswered()
        if i in names
    ]
    ready = [
        ToDo(
            "invoice",
            pick(session.version.title),
            names[i].name,
            "rosters.show",
            {"session_id": session.id},
            session.ends_at,
        )
        for session, i in billing.to_invoice()
    ]
    return [*decisions(names, coming), *late, *questions, *ready]


def clients(names: Mapping[UUID, Workspace], coming: Sequence[TrainingSession]) -> list[ClientRow]:
    """Firm scope: all clients side by side."""
    people, seats = workspaces.people_counts(), enrolments.seats_by_workspace()
    rows = [ClientRow(w, people.get(w.id, 0), seats=seats.get(w.id, {})) for w in names.values() if w.state == "active"]
    owed, rhythm = billing.owed(), community.rhythm()
    for row in rows:
        row.due_cents, row.late_cents = owed.get(row.workspace.id, (0, 0))
        row.rhythm = rhythm.get(row.workspace.id, ())
        row.sessions = sum(1 for s in coming for link in s.links if link.workspace_id == row.workspace.id)
    return rows


def money(rows: Sequence[ClientRow]) -> Money:
    """What all clients together owe."""
    return Money(sum(row.due_cents for row in rows), sum(row.late_cents for row in rows))


def launch_steps() -> list[Step]:
    """Workspace scope: how far this client's launch has come."""
    participants = select(func.count()).where(Member.left_at.is_(None), any_(Member.roles) == "participant")
    hr_joined = select(func.count()).where(any_(Member.roles) == "hr", Member.account_id.is_not(None))
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

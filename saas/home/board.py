"""What the features above enrolments add to the home pages, gathered in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from sqlalchemy import any_, func, select

from saas.billing import queries as billing
from saas.catalogue.models import Offer, SessionLink, TrainingSession
from saas.community import queries as community
from saas.enrolments import queries as enrolments
from saas.home.queries import ClientRow, ToDo, under_minimum
from saas.identity.models import Member
from saas.kit.access import may
from saas.kit.clock import now
from saas.kit.i18n import pick
from saas.workspaces.queries import clients as workspaces
from saas.workspaces.queries import trainers
from saas.workspaces.queries.people import within
from tenants.db import db
from tenants.models import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a client's launch; its state is computed, never ticked by hand."""

    label: str
    done: bool
    endpoint: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Staff's home: what to decide, all clients side by side, and the figures above them."""

    todo: list[ToDo]
    rows: list[ClientRow]
    names: dict[UUID, Workspace]
    enrolled: int
    enrolled_before: int
    taken: int
    capacity: int
    due_cents: int
    late_cents: int


def overview(coming: Sequence[TrainingSession]) -> Overview:
    """Firm scope: seven statements, whatever the number of clients."""
    clients = workspaces.workspaces_with_people()
    names = {client.id: client for client, _people in clients}
    seats, life, unpaid = enrolments.board(), community.life(), billing.unpaid()
    rows = [ClientRow(client, people) for client, people in clients if client.state == "active"]
    for row in rows:
        own = row.workspace.id
        row.seats, row.rhythm = seats.seats.get(own, {}), life.rhythm.get(own, ())
        row.sessions = sum(1 for session in coming for link in session.links if link.workspace_id == own)
        row.due_cents = sum(invoice.cents for invoice in unpaid if invoice.workspace_id == own)
        row.late_cents = sum(invoice.cents for invoice in unpaid if invoice.workspace_id == own and invoice.is_late)
    month = [s for s in coming if s.state in ("open", "confirmed") and s.starts_at < now() + dt.timedelta(days=30)]
    return Overview(
        [*under_minimum(names, coming), *_waiting(names, seats, life), *_money(names, unpaid), *_papers()], rows, names,
        seats.this_month, seats.last_month, sum(s.seats.taken for s in month), sum(s.seats.capacity for s in month),
        sum(row.due_cents for row in rows), sum(row.late_cents for row in rows),
    )  # fmt: skip


def _waiting(names: dict[UUID, Workspace], seats: enrolments.Board, life: community.Life) -> list[ToDo]:
    """Requests that HR has left for three days, questions that nobody has answered for two."""
    old = now() - dt.timedelta(days=3)
    requests = [(i, at, seats.seats[i]["requested"]) for i, at in seats.oldest_request.items() if at < old]
    questions = [(i, at, number) for i, (number, at) in life.unanswered.items()]
    return [
        ToDo(kind, "", names[i].name, "home.workspace", {"workspace": names[i].slug}, at, number)
        for kind, found in (("requests", requests), ("question", questions))
        for i, at, number in found
        if i in names
    ]


def _money(names: dict[UUID, Workspace], unpaid: Sequence[billing.Unpaid]) -> list[ToDo]:
    late = [
        ToDo("late", row.number, names[row.workspace_id].name, "invoices.show", {"invoice_id": row.id}, row.due_on)
        for row in unpaid
        if row.is_late
    ]
    ready = [
        ToDo("invoice", pick(s.version.title), names[i].name, "rosters.show", {"session_id": s.id}, s.ends_at)
        for s, i in billing.to_invoice()
    ]
    return [*late, *ready]


def _papers() -> list[ToDo]:
    """Documents of trainers that ended, or end within thirty days."""
    return [
        ToDo("paper", paper.label, name, "trainers.show", {"staff_id": paper.staff_id}, paper.expires_on)
        for paper, name in (trainers.ending() if may("owner", "advisor") else ())
    ]


def launch_steps() -> list[Step]:
    """Workspace scope: how far this client's launch has come."""
    participants = within(select(func.count()).where(Member.left_at.is_(None), any_(Member.roles) == "participant"))
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
        (_("Managers imported"), "imports.new"),
        (_("A session is open"), "links.index"),
    ]
    return [Step(label, bool(count), endpoint) for (label, endpoint), count in zip(labels, counts, strict=True)]

"""What the features above enrolments add to the home pages, gathered in one place."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from saas.billing import queries as billing
from saas.catalogue.models import TrainingSession
from saas.community.queries import figures as figures_queries
from saas.enrolments.queries import figures as enrolments
from saas.home import figures, inbox, launch
from saas.home.queries import ClientRow, ToDo
from saas.home.standing import CODES
from saas.kit.clock import now
from saas.kit.i18n import pick
from tenants.models import Workspace

SIDE_BY_SIDE = 12


@dataclass(frozen=True, slots=True)
class Overview:
    """Staff's home: what to decide, all clients side by side, and the figures above them."""

    todo: list[ToDo]
    rows: list[ClientRow]  # the most pressing ones
    clients: int
    people: int
    names: dict[UUID, Workspace]
    enrolled: int
    enrolled_before: int
    taken: int
    capacity: int
    due_cents: int
    late_cents: int
    launch: launch.Launch | None


def overview(coming: Sequence[TrainingSession]) -> Overview:
    """Firm scope: six statements, whatever the number of clients."""
    clients = figures.of_every_client(*launch.of_newest())
    names = {client.id: client for client, *_ in clients}
    seats, life, unpaid = enrolments.board(), figures_queries.life(), billing.unpaid()
    rows = [ClientRow(client, people, sessions) for client, people, sessions, *_ in clients if client.state == "active"]
    due, late = Counter[UUID](), Counter[UUID]()
    for invoice in unpaid:
        due[invoice.workspace_id] += invoice.cents
        late[invoice.workspace_id] += invoice.cents if invoice.is_late else 0
    for row in rows:
        own = row.workspace.id
        row.seats, row.rhythm = seats.seats.get(own, {}), life.rhythm.get(own, ())
        row.due_cents, row.late_cents = due[own], late[own]
    rows.sort(key=lambda row: CODES.index(row.standing))  # and by name, as they come
    month = [s for s in coming if s.state in ("open", "confirmed") and s.starts_at < now() + dt.timedelta(days=30)]
    return Overview(
        [*inbox.of_staff(names), *_waiting(names, seats, life), *_money(names, unpaid)],
        rows[:SIDE_BY_SIDE], len(rows), sum(row.people for row in rows), names,
        seats.this_month, seats.last_month, sum(s.seats.taken for s in month), sum(s.seats.capacity for s in month),
        due.total(), late.total(), launch.furthest_from_done(clients),
    )  # fmt: skip


def todo(names: dict[UUID, Workspace]) -> list[ToDo]:
    """Firm scope: all that waits for a decision, in five statements."""
    found = [*_waiting(names, enrolments.board(), figures_queries.life()), *_money(names, billing.unpaid())]
    return [*inbox.of_staff(names), *found]


def _waiting(names: dict[UUID, Workspace], seats: enrolments.Board, life: figures_queries.Life) -> list[ToDo]:
    """Requests that HR has left for three days, questions that nobody has answered for two."""
    old = now() - dt.timedelta(days=3)
    requests = [(i, at, seats.seats[i]["requested"]) for i, at in seats.oldest_request.items() if at < old]
    questions = [(i, at, number) for i, (number, at) in life.unanswered.items()]
    return [
        ToDo(kind, "", names[i].name, "home.workspace", {"workspace": names[i].slug}, at, number)
        for kind, found in (("requests", requests), ("question", questions))
        for i, at, number in found
        if i in names and names[i].state == "active"
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

"""The firm's clients with how each is doing: sorted and filtered by PostgreSQL, 25 at a time.

A page asks four statements whatever the number of clients: how many there are, which ones stand on it, their figures, and
what the filters offer. Only the figure that a page is sorted or filtered by is reckoned for all clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Select, Subquery, case, cast, func, select

from saas.home.figures import FIGURES, WEEKS
from saas.home.standing import CODES, NEEDS_ATTENTION, standing
from saas.kit.names import fold
from saas.kit.paging import Page
from tenants.db import db
from tenants.models import Workspace

PER_PAGE = 25
MOST_EXPORTED = 10_000
# What each column needs; the state of a client is made of nearly everything.
NEEDS: Mapping[str, frozenset[str]] = {
    "name": frozenset(), "city": frozenset(), "people": frozenset({"people"}), "sessions": frozenset({"sessions"}),
    "fill": frozenset({"sessions"}), "rhythm": frozenset({"rhythm"}), "to_invoice": frozenset({"to_invoice"}),
    "due": frozenset({"owed"}), "state": frozenset({"people", "sessions", "rhythm", "asked", "owed"}),
}  # fmt: skip
EVERYTHING = frozenset().union(*NEEDS.values())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks of the list. `sort` is a column of NEEDS, downwards after a dash."""

    search: str = ""
    state: str = "active"
    city: str = ""
    trade: str = ""
    attention: bool = False
    sort: str = "name"

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.city or self.trade or self.attention)


@dataclass(frozen=True, slots=True)
class Client:
    """One client and how it is doing. Cents: to invoice excl. VAT, due and late incl. VAT."""

    workspace: Workspace
    people: int = 0
    sessions: int = 0
    taken: int = 0
    capacity: int = 0
    asked: int = 0
    to_invoice: int = 0
    due: int = 0
    late: int = 0
    rhythm: Sequence[int] = field(default_factory=tuple)

    @property
    def standing(self) -> str:
        if self.workspace.state == "archived":
            return "archived"
        return standing(self.late, self.rhythm, self.asked, self.people, self.sessions)


def wanted(args: Mapping[str, str]) -> Wanted:
    """What an address asks for; what makes no sense is left aside."""
    sort = args.get("sort", "")
    return Wanted(
        args.get("q", "").strip()[:80], "archived" if args.get("state") == "archived" else "active", args.get("city", ""),
        args.get("trade", ""), args.get("attention") == "1", sort if sort.removeprefix("-") in NEEDS else "name",
    )  # fmt: skip


def page(asked: Wanted, number: int) -> Page[Client]:
    """Firm scope: one page of the list. Three statements."""
    statement = _chosen(asked)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    ids = db.session.scalars(statement.limit(PER_PAGE + 1).offset((max(number, 1) - 1) * PER_PAGE)).all()
    return Page(_clients(ids[:PER_PAGE]), max(number, 1), len(ids) > PER_PAGE, total, PER_PAGE)


def everything(asked: Wanted) -> list[Client]:
    """Firm scope: the whole list, for a workbook; at most ten thousand. Two statements."""
    return _clients(db.session.scalars(_chosen(asked).limit(MOST_EXPORTED)).all())


def choices() -> tuple[list[str], list[str]]:
    """Firm scope: the cities and the trades that clients have, for the filters."""
    rows = db.session.execute(select(Workspace.city, Workspace.trade).where(Workspace.state != "suspended").distinct()).all()
    return sorted({r[0] for r in rows if r[0]}, key=fold), sorted({r[1] for r in rows if r[1]}, key=fold)


def matches(column: Any, search: str) -> list[ColumnElement[bool]]:
    """A stored folded text holds each word of what is searched."""
    return [column.contains(word, autoescape=True) for word in fold(search).split()]


def _chosen(asked: Wanted) -> Select[Any]:
    """The ids of the clients that an address asks for, in its order."""
    needs = NEEDS[asked.column] | (NEEDS["state"] if asked.attention else frozenset())
    figures = {name: FIGURES[name](None) for name in sorted(needs)}
    statement: Select[Any] = select(Workspace.id).where(
        Workspace.state == asked.state, *matches(Workspace.searched, asked.search)
    )
    for figure in figures.values():
        statement = statement.outerjoin(figure, figure.c.workspace_id == Workspace.id)
    if asked.city:
        statement = statement.where(Workspace.city == asked.city)
    if asked.trade:
        statement = statement.where(Workspace.trade == asked.trade)
    if asked.attention:
        statement = statement.where(_rank(figures) <= len(NEEDS_ATTENTION) - 1)
    key = _key(asked.column, figures)
    order = key.desc().nulls_last() if asked.sort.startswith("-") else key.asc().nulls_first()
    return statement.order_by(order, Workspace.name_folded, Workspace.id)


def _key(column: str, figures: Mapping[str, Subquery]) -> Any:
    if column == "name":
        return Workspace.name_folded
    if column == "city":
        return Workspace.city
    if column == "state":
        return _rank(figures)
    if column == "fill":
        return cast(figures["sessions"].c.taken, Float) / func.nullif(figures["sessions"].c.capacity, 0)
    if column == "due":
        return func.coalesce(figures["owed"].c.due, 0)
    if column == "rhythm":
        return func.coalesce(figures["rhythm"].c.messages, 0)
    return func.coalesce(figures[column].c.number, 0)


def _rank(figures: Mapping[str, Subquery]) -> Any:
    """The place of a client's state in standing.CODES, as standing() says it."""
    rhythm = figures["rhythm"].c
    return case(
        (figures["owed"].c.late > 0, CODES.index("late")),
        ((rhythm.messages > 0) & (rhythm.lately == 0), CODES.index("steam")),
        (figures["asked"].c.number > 0, CODES.index("requests")),
        (figures["people"].c.number.is_(None) | figures["sessions"].c.number.is_(None), CODES.index("starting")),
        else_=CODES.index("ok"),
    )


def _clients(ids: Sequence[UUID]) -> list[Client]:
    """These clients with all their figures, in the order given. One statement."""
    if not ids:
        return []
    figures = {name: FIGURES[name](ids) for name in sorted(EVERYTHING)}
    columns = [figures[n].c.number for n in ("people", "sessions")] + [
        figures["sessions"].c.taken,
        figures["sessions"].c.capacity,
    ]
    columns += [figures[n].c.number for n in ("asked", "to_invoice")] + [figures["owed"].c.due, figures["owed"].c.late]
    statement: Any = select(Workspace, *(func.coalesce(c, 0) for c in columns), figures["rhythm"].c.weeks)
    for figure in figures.values():
        statement = statement.outerjoin(figure, figure.c.workspace_id == Workspace.id)
    rows = db.session.execute(statement.where(Workspace.id.in_(ids)))
    found = {row[0].id: _client(*row) for row in rows}
    return [found[i] for i in ids if i in found]


def _client(workspace: Workspace, *figures: Any) -> Client:
    """`figures` as the statement gives them: sums of bigint come as decimals."""
    people, sessions, taken, capacity, asked, to_invoice, due, late = map(int, figures[:8])
    return Client(workspace, people, sessions, taken, capacity, asked, to_invoice, due, late, _weeks(figures[8]))


def _weeks(said: Mapping[str, int] | None) -> list[int]:
    """Messages a week, the oldest first; empty where fewer than five people are in."""
    return [said.get(str(WEEKS - 1 - n), 0) for n in range(WEEKS)] if said else []

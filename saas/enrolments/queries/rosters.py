"""Everybody in a session: one light row a person, for what is counted; whole rows for the page that is shown.

Two statements, and a page of the same size, whether a session has ten people or a thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink
from saas.enrolments.models import HOLDING, SHOWN, Enrolment, EnrolmentBatch
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.paging import Page
from saas.workspaces.queries.people import within
from tenants.db import db

ORDER = {"offered": 0, "seated": 1, "requested": 2, "waiting": 3}
PER_PAGE = 50
MOST_REFUSED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """What is counted of everybody: state, price in cents excl. VAT, one's own act that can still be undone."""

    id: UUID
    link_id: UUID
    member_id: UUID
    state: str
    price_cents: int
    batch_id: UUID | None
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody's lines in order, the page of whole rows that the address asks for, and whole rows wanted besides, by id."""

    lines: Sequence[Line]
    page: Page[Enrolment]
    rows: dict[UUID, Enrolment]

    @property
    def counts(self) -> Counter[str]:
        """How many people are in each state."""
        return Counter(line.state for line in self.lines)

    @property
    def refused(self) -> list[Enrolment]:
        """Those whose address came back, twenty at most."""
        return [self.rows[line.id] for line in self._refused()]

    @property
    def undoable(self) -> tuple[EnrolmentBatch, int] | None:
        """One's own last act of enrolling that can still be undone, and how many of these people it holds."""
        acts = Counter(line.batch_id for line in self.lines if line.batch_id)
        if not acts:
            return None
        last = max(batch_id for batch_id in acts if batch_id)  # ids are in the order of time
        batch = next(row.batch for row in self.rows.values() if row.batch_id == last)
        return (batch, acts[last]) if batch else None

    def of_member(self, member_id: UUID | None) -> list[Enrolment]:
        """The whole rows of one person, who was wanted."""
        return [row for row in self.rows.values() if row.member_id == member_id]

    def _refused(self) -> list[Line]:
        return [line for line in self.lines if line.is_refused][:MOST_REFUSED]


def of_link(link_id: UUID, member_id: UUID | None) -> Roster:
    """Workspace scope: this client's people in a session, of those that whoever looks answers for; with `member_id`'s own row."""

    def besides(roster: Roster) -> Iterable[Line]:
        last = max((line.batch_id for line in roster.lines if line.batch_id), default=None)
        yield from roster._refused()
        yield from [line for line in roster.lines if line.batch_id and line.batch_id == last][:1]
        yield from [line for line in roster.lines if line.member_id == member_id]

    return _roster(within(_lines().where(Enrolment.link_id == link_id)), besides)


def of_session(session_id: UUID) -> Roster:
    """Firm scope: everybody in a session, whatever client sent them."""
    return _roster(_lines().join(Enrolment.link).where(SessionLink.session_id == session_id), lambda _: ())


def _lines() -> Select[*tuple[Any, ...]]:
    mine = (EnrolmentBatch.account_id == g.viewer.account_id) & EnrolmentBatch.undone_at.is_(None)
    return (
        select(
            Enrolment.id, Enrolment.link_id, Enrolment.member_id, Enrolment.state, Enrolment.price_cents, EnrolmentBatch.id,
            func.coalesce(Member.refused_email == func.nullif(Member.email_norm, ""), False),
        )
        .join(Enrolment.member)
        .outerjoin(Enrolment.batch.and_(mine, EnrolmentBatch.undo_until > now()))
        .where(Enrolment.state.in_(SHOWN))
        .order_by(case(ORDER, value=Enrolment.state, else_=4), Enrolment.queued_at, Member.name_folded, Enrolment.id)
    )  # fmt: skip


def _roster(statement: Select[*tuple[Any, ...]], besides: Callable[[Roster], Iterable[Line]]) -> Roster:
    lines = [Line(*row) for row in db.session.execute(statement)]
    number = max(request.args.get("page", 1, type=int), 1)
    shown = lines[(number - 1) * PER_PAGE : number * PER_PAGE]
    page: Page[Enrolment] = Page([], number, number * PER_PAGE < len(lines), len(lines), PER_PAGE)
    found = Roster(lines, page, {})
    wanted = {line.id for line in (*shown, *besides(found))}
    if wanted:
        whole = select(Enrolment).where(Enrolment.id.in_(wanted))
        rows = db.session.scalars(whole.options(joinedload(Enrolment.member), joinedload(Enrolment.batch)))
        found.rows.update((row.id, row) for row in rows)
    page.items.extend(found.rows[line.id] for line in shown)
    return found


def sold(session_links: Iterable[SessionLink], lines: Sequence[Line]) -> int:
    """Cents excl. VAT of the seats held: each at its price, or the group's price once."""
    held = [line for line in lines if line.state in (*HOLDING, "attended", "absent")]
    groups = {link.id: link.price_cents for link in session_links if link.basis == "group"}
    by_seat = sum(line.price_cents for line in held if line.link_id not in groups)
    return by_seat + sum(groups[link_id] for link_id in {line.link_id for line in held} & groups.keys())

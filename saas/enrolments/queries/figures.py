"""Figures of seats: a client's year, and what staff's home says of all clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Select, Uuid, and_, case, cast, false, func, literal, null, select, union_all
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import LIVE, Enrolment, Placeholder, SeatBudget
from saas.enrolments.queries.seats import of_own_people
from saas.identity.models import Member
from saas.kit.clock import PARIS, now, today
from saas.workspaces.queries.people import perimeter, within
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Year:
    """Cents excl. VAT of one client and year, and what was meant to be spent (None: nothing was said).

    `committed`: seats to come and seats held for a name, and groups' prices. `delivered`: seats of sessions that have begun, and
    fees. `prepaid`: how many seats were paid by credits; they cost nothing more.
    """

    year: int
    committed: int
    delivered: int
    seats: int
    prepaid: int
    amount: int | None

    @property
    def spent(self) -> int:
        return self.committed + self.delivered

    @property
    def left(self) -> int | None:
        """What remains; less than nothing when the budget is exceeded."""
        return None if self.amount is None else self.amount - self.spent


def year_of(moment: dt.datetime) -> int:
    return moment.astimezone(PARIS).year


def year(number: int) -> Year:
    """Workspace scope: the seats of sessions that start in a year, for those of the people that whoever looks answers for.

    What concerns the whole client (the budget, groups' prices, seats without a name) is left out for a limited HR. One
    statement.
    """
    start, end = (dt.datetime(y, 1, 1, tzinfo=PARIS) for y in (number, number + 1))
    in_year = and_(TrainingSession.starts_at >= start, TrainingSession.starts_at < end)
    coming = TrainingSession.starts_at > now()
    due = case((Enrolment.covered, 0), else_=Enrolment.price_cents)
    named = of_own_people(
        _sums(HELD & coming, HELD & ~coming, due, Enrolment.fee_cents, func.count().filter(HELD & Enrolment.covered), HELD)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(in_year)
    )
    parts = [named] if perimeter() else [named, *_of_the_whole(in_year, coming, number)]
    rows = db.session.execute(union_all(*parts)).all()
    committed, delivered, seats, prepaid = (int(sum(row[n] or 0 for row in rows)) for n in range(4))
    return Year(number, committed, delivered, seats, prepaid, next((row[4] for row in rows if row[4] is not None), None))


HELD = Enrolment.state.in_(("seated", "attended", "absent"))
NOTHING = cast(null(), BigInteger)


def _sums(to_come: Any, over: Any, price: Any, fee: Any, prepaid: Any, counted: Any) -> Select[Any]:
    """What one kind of row adds to a year: (committed, delivered, seats, prepaid, budget)."""
    committed = func.sum(case((to_come, price), else_=0))
    delivered = func.sum(case((over, price), else_=fee))
    return select(committed, delivered, func.count().filter(counted), prepaid, NOTHING)


def _of_the_whole(in_year: Any, coming: Any, number: int) -> list[Select[Any]]:
    """Prices of groups somebody of which has a seat, seats without a name, the budget."""
    used = (
        select(Enrolment.id)
        .where(Enrolment.firm_id == SessionLink.firm_id, Enrolment.workspace_id == SessionLink.workspace_id)
        .where(Enrolment.link_id == SessionLink.id, HELD)
        .correlate(SessionLink)
        .exists()
    )
    is_held = Placeholder.state == "held"
    price = SessionLink.price_cents
    groups = _sums(coming, ~coming, price, 0, literal(0), false()).select_from(SessionLink).join(SessionLink.session)
    unnamed = _sums(
        is_held & coming, is_held & ~coming, Placeholder.price_cents, Placeholder.fee_cents, literal(0), is_held
    )  # fmt: skip
    budget = select(NOTHING, NOTHING, NOTHING, NOTHING, SeatBudget.amount_cents).where(SeatBudget.year == number)
    return [
        groups.where(in_year, SessionLink.basis == "group", used),
        unnamed.join(Placeholder.link).join(SessionLink.session).where(in_year),
        budget,
    ]


def by_department(number: int) -> Sequence[tuple[str, int, int]]:
    """Workspace scope: (department, seats, cents excl. VAT) of a year's named seats, the dearest first."""
    start, end = (dt.datetime(y, 1, 1, tzinfo=PARIS) for y in (number, number + 1))
    cost = func.sum(case((HELD & ~Enrolment.covered, Enrolment.price_cents), else_=Enrolment.fee_cents))
    statement = (
        select(Member.department, func.count().filter(HELD), cost)
        .select_from(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(Enrolment.member)
        .where(TrainingSession.starts_at >= start, TrainingSession.starts_at < end)
        .where(HELD | (Enrolment.fee_cents > 0))
        .group_by(Member.department)
        .order_by(cost.desc(), Member.department)
        .limit(40)
    )
    return [(row[0], row[1], int(row[2])) for row in db.session.execute(within(statement))]


@dataclass(frozen=True, slots=True)
class Board:
    """Firm scope: per client and state, how many in sessions to come and since when; enrolments of two months."""

    seats: Mapping[UUID, dict[str, int]]
    oldest_request: Mapping[UUID, dt.datetime]
    this_month: int
    last_month: int


def board() -> Board:
    """Firm scope: what staff's home says of seats, in one statement."""
    first = dt.datetime.combine(today().replace(day=1), dt.time(), PARIS)
    before = (first - dt.timedelta(days=1)).replace(day=1)
    live = (
        select(Enrolment.workspace_id, Enrolment.state, func.count(), func.min(Enrolment.requested_at))
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(TrainingSession.starts_at > now(), Enrolment.state.in_(LIVE))
        .group_by(Enrolment.workspace_id, Enrolment.state)
    )
    month = case((Enrolment.seated_at >= first, "this month"), else_="last month")
    since = select(cast(null(), Uuid), month, func.count(), cast(null(), DateTime(timezone=True)))
    seats: dict[UUID, dict[str, int]] = {}
    oldest: dict[UUID, dt.datetime] = {}
    months: dict[str, int] = {}
    for workspace_id, state, number, at in db.session.execute(
        union_all(live, since.where(Enrolment.seated_at >= before).group_by(month))
    ):
        if workspace_id is None:
            months[state] = number
            continue
        seats.setdefault(workspace_id, {})[state] = number
        if state == "requested":
            oldest[workspace_id] = at
    return Board(seats, oldest, months.get("this month", 0), months.get("last month", 0))


def overdue_offers() -> Sequence[Enrolment]:
    """Firm scope: offers whose deadline has passed."""
    late = (Enrolment.state == "offered") & (Enrolment.offer_until <= now())
    statement = select(Enrolment).where(late).options(joinedload(Enrolment.link)).order_by(Enrolment.offer_until, Enrolment.id)
    return db.session.scalars(statement.limit(200)).all()

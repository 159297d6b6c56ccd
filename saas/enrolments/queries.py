"""Reads of seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import DateTime, Select, Uuid, case, cast, func, null, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import SessionLink, SessionTrainer, TrainingSession
from saas.enrolments.models import LIVE, Enrolment
from saas.identity.models import Member
from saas.kit.clock import PARIS, now, today
from saas.workspaces.queries.people import people
from tenants.db import db

SHOWN = ("requested", "waiting", "offered", "seated", "attended", "absent")
ORDER = {"offered": 0, "seated": 1, "requested": 2, "waiting": 3}


def roster(link_id: UUID) -> Sequence[Enrolment]:
    """Workspace scope: this client's people in a session: offered, seated, asked, waiting, by name."""
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.member)
        .where(Enrolment.link_id == link_id, Enrolment.state.in_(SHOWN))
        .options(joinedload(Enrolment.member))
        .order_by(case(ORDER, value=Enrolment.state, else_=4), Enrolment.queued_at, Member.name_folded)
    )
    return rows.all()


def firm_roster(session_id: UUID) -> Sequence[Enrolment]:
    """Firm scope: everybody in a session, whatever client sent them."""
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .join(Enrolment.member)
        .where(SessionLink.session_id == session_id, Enrolment.state.in_(SHOWN))
        .options(joinedload(Enrolment.member))
        .order_by(case(ORDER, value=Enrolment.state, else_=4), Enrolment.queued_at, Member.name_folded)
    )
    return rows.all()


def enrolment(enrolment_id: UUID, member_id: UUID | None = None) -> Enrolment:
    """Workspace scope: one enrolment with its session; with member_id, only that person's own. 404 otherwise."""
    found = db.session.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
            joinedload(Enrolment.link)
            .joinedload(SessionLink.session)
            .selectinload(TrainingSession.trainers)
            .joinedload(SessionTrainer.card),
            selectinload(Enrolment.events),
        )
    )
    if found is None or (member_id is not None and found.member_id != member_id):
        abort(404)
    return found


def enrollable(link_id: UUID, search: str = "") -> Select[Member]:
    """Workspace scope: the people not in this session yet, by name, as a statement to be paged."""
    taken = select(Enrolment.member_id).where(Enrolment.link_id == link_id, Enrolment.state.in_(SHOWN))
    return people(search, role="participant").where(Member.id.not_in(taken))


def members(member_ids: Sequence[UUID]) -> list[Member]:
    """Workspace scope: these people, in the order given; ids that are not here are left out."""
    rows = {m.id: m for m in db.session.scalars(select(Member).where(Member.id.in_(member_ids), Member.left_at.is_(None)))}
    return [rows[i] for i in dict.fromkeys(member_ids) if i in rows]


def own(member_id: UUID) -> Sequence[Enrolment]:
    """Workspace scope: what one person has asked for, waits for and goes to, the next date first."""
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.member_id == member_id, Enrolment.state.in_((*LIVE, "attended")))
        .options(
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
        )
        .order_by(TrainingSession.starts_at)
    )
    return rows.all()


def requests() -> Sequence[Enrolment]:
    """Workspace scope: requests that HR has not answered, the oldest first."""
    rows = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.state == "requested")
        .options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
        )
        .order_by(Enrolment.requested_at)
        .limit(50)
    )
    return rows.all()


@dataclass(frozen=True, slots=True)
class Budget:
    """Cents excl. VAT of one workspace and year: what seats to come cost, and what has been delivered."""

    committed: int
    delivered: int
    seats: int


def budget(year: int) -> Budget:
    """Workspace scope: this year's seats, to come and delivered."""
    start, end = (dt.datetime(y, 1, 1, tzinfo=PARIS) for y in (year, year + 1))
    coming = TrainingSession.starts_at > now()
    held = Enrolment.state.in_(("seated", "attended"))
    row = db.session.execute(
        select(
            func.coalesce(func.sum(case((held & coming, Enrolment.price_cents), else_=0)), 0),
            func.coalesce(func.sum(case((held & ~coming, Enrolment.price_cents), else_=Enrolment.fee_cents)), 0),
            func.count().filter(held),
        )
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(TrainingSession.starts_at >= start, TrainingSession.starts_at < end)
    ).one()
    return Budget(int(row[0]), int(row[1]), row[2])


def counts_by_link(link_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, int]]:
    """Workspace scope: how many of one's own people are in each state, by link."""
    found: dict[UUID, dict[str, int]] = {}
    rows = db.session.execute(
        select(Enrolment.link_id, Enrolment.state, func.count())
        .where(Enrolment.link_id.in_(link_ids), Enrolment.state.in_(SHOWN))
        .group_by(Enrolment.link_id, Enrolment.state)
    )
    for link_id, state, number in rows:
        found.setdefault(link_id, {})[state] = number
    return found


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
    return db.session.scalars(select(Enrolment).where(late).limit(200)).all()

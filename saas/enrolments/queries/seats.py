"""Reads of seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, g
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import SessionLink, SessionTrainer, TrainingSession
from saas.enrolments.models import LIVE, SHOWN, Enrolment
from saas.enrolments.queries.rosters import ORDER
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.tables import count
from saas.workspaces.queries.people import Wanted, people, perimeter, within
from tenants.db import db

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


def of_own_people(statement: Statement) -> Statement:
    """A statement over enrolments, for those of the people that whoever looks answers for."""
    return within(statement.join(Enrolment.member)) if perimeter() else statement


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
    """Workspace scope: one enrolment with its session; with member_id, only that person's own. 404 otherwise.

    A limited HR finds those of the people they answer for, and their own.
    """
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
    limits = perimeter()
    if limits and found.member_id != g.viewer.member_id and not limits.holds(found.member.site, found.member.department):
        abort(404)
    return found


def enrollable(link_id: UUID, search: str = "") -> Select[Member]:
    """Workspace scope: the people not in this session yet, by name, as a statement to be paged."""
    taken = select(Enrolment.member_id).where(Enrolment.link_id == link_id, Enrolment.state.in_(SHOWN))
    return people(Wanted(search, role="participant")).where(Member.id.not_in(taken))


def members(member_ids: Sequence[UUID]) -> list[Member]:
    """Workspace scope: these people, in the order given; ids that are not here are left out."""
    here = within(select(Member).where(Member.id.in_(member_ids), Member.left_at.is_(None)))
    rows = {m.id: m for m in db.session.scalars(here)}
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


def of_person(member_id: UUID) -> Sequence[Enrolment]:
    """Workspace scope: whatever somebody asked for, has and had, the last date first; a hundred at most."""
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.member_id == member_id)
        .options(joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version))
        .order_by(TrainingSession.starts_at.desc(), Enrolment.id)
        .limit(100)
    )
    return rows.all()


def seats_to_come(who: Select[Member]) -> tuple[Sequence[Enrolment], int]:
    """Workspace scope: seats in sessions to come of some people: the first thirty, and how many there are."""
    ids = who.order_by(None).where(Member.left_at.is_(None)).with_only_columns(Member.id)
    held = (
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.member_id.in_(ids), Enrolment.state == "seated", TrainingSession.starts_at > now())
    )
    rows = db.session.scalars(
        held.options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
        )
        .order_by(TrainingSession.starts_at, Enrolment.id)
        .limit(30)
    ).all()
    return rows, len(rows) if len(rows) < 30 else count(held)


def requests() -> Sequence[Enrolment]:
    """Workspace scope: requests that HR has not answered, the oldest first."""
    statement = (
        select(Enrolment)
        .where(Enrolment.state == "requested")
        .options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
        )
        .order_by(Enrolment.requested_at)
        .limit(50)
    )
    return db.session.scalars(of_own_people(statement)).all()


def own_counts() -> list[Any]:
    """Columns for a statement over links: how many of one's own people have a seat, and wait."""
    counted = []
    for states in (("seated", "attended"), ("waiting",)):
        own = select(func.count(Enrolment.id)).where(Enrolment.link_id == SessionLink.id, Enrolment.state.in_(states))
        counted.append(of_own_people(own).correlate(SessionLink).scalar_subquery())
    return counted


def counts_by_link(link_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, int]]:
    """Workspace scope: how many of one's own people are in each state, by link."""
    found: dict[UUID, dict[str, int]] = {}
    statement = (
        select(Enrolment.link_id, Enrolment.state, func.count())
        .where(Enrolment.link_id.in_(link_ids), Enrolment.state.in_(SHOWN))
        .group_by(Enrolment.link_id, Enrolment.state)
    )
    for link_id, state, number in db.session.execute(of_own_people(statement)):
        found.setdefault(link_id, {})[state] = number
    return found

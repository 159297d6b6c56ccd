"""Reads of the people of a client company. In workspace scope.

A limited HR reads the people of their sites and departments, through `within` alone: everything here goes through it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, g, has_request_context
from sqlalchemy import ColumnElement, Select, and_, any_, exists, false, func, or_, select

from saas.identity.models import Invitation, Member
from saas.identity.viewer import Perimeter
from saas.kit.names import email_norm, fold
from saas.kit.narrowing import Narrowing
from tenants.db import db

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])
STATES = ("joined", "invited", "to-invite", "no-address", "left")
SORTS = ("name", "department", "site", "entered", "joined")
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Wanted(Narrowing):
    """What a list of people is narrowed to and sorted by. `sort` is one of SORTS, after a minus when descending."""

    search: str = ""
    department: str = ""
    site: str = ""
    role: str = ""
    state: str = ""
    language: str = ""
    sort: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, but for the state, which its own links show."""
        return {name: value for name, value in self.args().items() if name not in ("sort", "state")}


def perimeter() -> Perimeter | None:
    """The limits of the HR who looks; None for staff, for an HR of everybody, and for jobs."""
    limits: Perimeter | None = g.viewer.perimeter if has_request_context() else None
    return limits


def within(statement: Statement) -> Statement:
    """A statement that reads members, for those of the people that whoever looks answers for."""
    limits = perimeter()
    if limits and limits.sites:
        statement = statement.where(Member.site.in_(sorted(limits.sites)))
    if limits and limits.departments:
        statement = statement.where(Member.department.in_(sorted(limits.departments)))
    return statement


def open_invitation() -> ColumnElement[bool]:
    """Whether a member has an invitation that still opens."""
    return exists(
        select(Invitation.id).where(
            Invitation.firm_id == Member.firm_id, Invitation.workspace_id == Member.workspace_id,
            Invitation.member_id == Member.id, Invitation.still_opens(),
        )
    )  # fmt: skip


def in_state(state: str) -> ColumnElement[bool]:
    """Who is in one of STATES; without one, everybody who is here."""
    return _states(open_invitation()).get(state, false())


def _states(is_invited: ColumnElement[bool]) -> dict[str, ColumnElement[bool]]:
    """What each state is made of, and being here at all (""); `is_invited`: whether an invitation still opens."""
    here = Member.left_at.is_(None)
    waiting = and_(here, Member.account_id.is_(None), Member.email_norm.is_not(None))
    return {
        "": here,
        "joined": and_(here, Member.account_id.is_not(None)),
        "invited": and_(waiting, is_invited),
        "to-invite": and_(waiting, ~is_invited),
        "no-address": and_(here, Member.email_norm.is_(None)),
        "left": and_(Member.left_at.is_not(None), Member.erased_at.is_(None)),
    }


def people(wanted: Wanted = Wanted()) -> Select[Member]:
    """The people who fit, sorted; the statement, to be paged or narrowed further."""
    return _narrowed(select(Member), wanted).where(in_state(wanted.state)).order_by(*_order(wanted.sort))


def _narrowed(statement: Statement, wanted: Wanted) -> Statement:
    for word in fold(wanted.search).split()[:MOST_WORDS]:
        hit = Member.name_folded.contains(word, autoescape=True) | Member.email_norm.contains(word, autoescape=True)
        number = func.lower(func.coalesce(Member.employee_number, "")).contains(word, autoescape=True)
        statement = statement.where(hit | number)
    for column, value in (
        (Member.department, wanted.department), (Member.site, wanted.site), (Member.language, wanted.language),
    ):  # fmt: skip
        if value:
            statement = statement.where(column == value)
    if wanted.role:
        statement = statement.where(any_(Member.roles) == wanted.role)
    return within(statement)


def _order(sort: str) -> list[Any]:
    columns: dict[str, Any] = {
        "department": func.lower(Member.department), "site": func.lower(Member.site), "entered": Member.entered_on,
        "joined": Member.account_id.is_(None),
    }  # fmt: skip
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name not in columns:
        return [Member.name_folded.desc() if down else Member.name_folded.asc(), Member.id]
    first = columns[name].desc() if down else columns[name].asc()
    return [first.nulls_last(), Member.name_folded, Member.id]


def counts(wanted: Wanted) -> Mapping[str, int]:
    """How many people fit in each state, and in all who are here (""), in one statement."""
    invited = (
        select(Invitation.member_id).where(Invitation.member_id.is_not(None), Invitation.still_opens()).distinct().subquery()
    )
    conditions = _states(invited.c.member_id.is_not(None))
    counted = select(*[func.count().filter(condition) for condition in conditions.values()]).select_from(Member)
    row = db.session.execute(_narrowed(counted.outerjoin(invited, invited.c.member_id == Member.id), wanted)).one()
    return dict(zip(conditions, row, strict=True))


def chosen(ids: Sequence[UUID] | None, wanted: Wanted) -> Select[Member]:
    """The people ticked, or everybody who fits when `ids` is None; only those that whoever looks answers for."""
    if ids is None:
        return people(wanted)
    return within(select(Member).where(Member.id.in_(ids))).order_by(Member.name_folded, Member.id)


def hr_people() -> Sequence[Member]:
    """Who is HR here."""
    return db.session.scalars(people(Wanted(role="hr"))).all()


def people_filters() -> tuple[list[str], list[str]]:
    """The departments and the sites that people have."""
    rows = db.session.execute(within(select(Member.department, Member.site).where(Member.left_at.is_(None)).distinct())).all()
    return sorted({r[0] for r in rows if r[0]}, key=fold), sorted({r[1] for r in rows if r[1]}, key=fold)


def member(member_id: UUID, *, even_left: bool = False) -> Member:
    """One person. 404 when there is none here, or when they are outside the limits of who looks."""
    found = db.session.scalar(within(select(Member).where(Member.id == member_id)))
    if found is None or (found.left_at is not None and not even_left):
        abort(404)
    return found


def own_member() -> Member:
    """Whoever looks, as a person of this company: one's own limits as HR do not hide oneself. 404 for nobody."""
    found = db.session.scalar(select(Member).where(Member.id == g.viewer.member_id, Member.left_at.is_(None)))
    if found is None:
        abort(404)
    return found


def called(said: str) -> Sequence[Member]:
    """The people whom an employee number, an address or a whole name means, three at most."""
    words = fold(said).split()
    names = [" ".join(words[i:] + words[:i]) for i in range(len(words))]
    meant = or_(Member.employee_number == said.strip(), Member.email_norm == email_norm(said), Member.name_folded.in_(names))
    return db.session.scalars(within(select(Member).where(meant, Member.left_at.is_(None))).limit(3)).all()


def line_manager(person: Member) -> Member | None:
    """Who leads somebody, as far as whoever looks may know."""
    if not person.line_manager:
        return None
    said = person.line_manager
    meant = or_(Member.employee_number == said, Member.email_norm == email_norm(said))
    return db.session.scalars(within(select(Member).where(meant, Member.id != person.id)).limit(1)).first()


def reports(person: Member) -> Sequence[Member]:
    """Whom somebody leads, by name."""
    names = [name for name in (person.employee_number, person.email_norm) if name]
    if not names:
        return []
    led = within(select(Member).where(Member.line_manager.in_(names), Member.left_at.is_(None), Member.id != person.id))
    return db.session.scalars(led.order_by(Member.name_folded).limit(200)).all()


def invitations(member_ids: Sequence[UUID]) -> Mapping[UUID, Invitation]:
    """The last invitation of each of these people."""
    if not member_ids:
        return {}
    rows = db.session.scalars(
        select(Invitation).where(Invitation.member_id.in_(member_ids)).order_by(Invitation.created_at, Invitation.id)
    )
    return {row.member_id: row for row in rows if row.member_id}

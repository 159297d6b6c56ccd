"""Reads about personal data: what is held of a person, and requests about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from flask import g
from sqlalchemy import func, select

from saas.identity import queries as identity
from saas.identity.models import Member, StaffCard
from saas.identity.viewer import Viewer, cookie_token, viewer_at
from saas.kit.personal import Hold, Part, Person, Row, parts_of, parts_of_account
from saas.kit.tokens import hashed
from saas.privacy.models import Correction, Erasure
from tenants.db import db
from tenants.scope import Kind, Scope, inside


@dataclass(slots=True)
class Held:
    """A kind of data with a person's rows of it, and their own files."""

    part: Part
    rows: Sequence[Row]
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(slots=True)
class Place:
    """One membership that the sign-in opens: where, and what is held there. The first one is the account itself."""

    person: Person | None
    firm: str = ""
    firm_slug: str = ""
    workspace: str = ""
    workspace_slug: str = ""
    held: list[Held] = field(default_factory=list)


def mine(*, with_files: bool = False) -> Iterator[Place]:
    """Platform scope: everything that is held of whoever looks, in the places that this sign-in opens.

    A sign-in through a company's own provider opens that company alone, so it shows that alone.
    """
    viewer: Viewer = g.viewer
    if viewer.is_whole and not viewer.lacks_factor and viewer.account_id:
        own = Person(viewer.account_id, None, None, None, viewer.account_id, viewer.name, viewer.email)
        yield Place(None, held=[Held(part, part.read(own)) for part in parts_of_account()])
    token = cookie_token()
    for membership in identity.memberships_of(viewer.sign_in_id) if viewer.sign_in_id else ():
        there = viewer_at(token, membership.firm_slug, membership.workspace_slug)
        person = _person(there, membership.email or "", hashed(token or ""), of_staff=membership.workspace_slug is None)
        if person is None:
            continue  # it does not open yet: the second factor, or the company's own provider
        place = Place(
            person, membership.firm_name, membership.firm_slug, membership.workspace_name or "", membership.workspace_slug or ""
        )
        place.held = list(held(person, with_files=with_files))
        yield place


def _person(viewer: Viewer, email: str, token: str, *, of_staff: bool) -> Person | None:
    if viewer.firm_id is None or (viewer.staff_id if of_staff else viewer.member_id) is None:
        return None
    return Person(
        viewer.firm_id, None if of_staff else viewer.workspace_id, None if of_staff else viewer.member_id,
        viewer.staff_id if of_staff else None, viewer.account_id, viewer.name, email.lower(), token,
    )  # fmt: skip


@contextmanager
def beside(scope: Scope) -> Iterator[None]:
    """Work in another scope within a request, still as whoever looks: in their language, under their name."""
    viewer = g.viewer
    with inside(scope):
        g.viewer = viewer
        yield


def held(person: Person, *, with_files: bool = False) -> Iterator[Held]:
    """What is held of a person in one place, part by part, each kind of scope opened once."""
    wanted = parts_of(person)
    found: dict[str, Held] = {}
    for kind in dict.fromkeys(part.within for part in wanted):
        scope = person.scope(kind)
        if scope is None:
            continue
        with beside(scope):
            for part in wanted:
                if part.within is kind:
                    files = list(part.files(person)) if with_files and part.files else ()
                    found[part.key] = Held(part, list(part.read(person)), files)
    for part in wanted:
        if part.key in found:
            yield found[part.key]


def as_person(row: Member) -> Person:
    """A member as the parts know them, for others than the person: what the database gives to the person alone stays closed."""
    return Person(row.firm_id, row.workspace_id, row.id, None, row.account_id, row.name, row.email_norm or "")


def holds(person: Person) -> list[Hold]:
    """Workspace scope: every document of a person that the law keeps, the longest first."""
    found = [hold for part in parts_of(person) if part.holds and part.within is Kind.WORKSPACE for hold in part.holds(person)]
    return sorted(found, key=lambda hold: hold.until, reverse=True)


def is_nobody_elses(row: Member) -> bool:
    """Workspace scope: whether a name is borne by one person here alone, and says both first and last name."""
    others = select(Member.id).where(Member.name_folded == row.name_folded, Member.id != row.id)
    staff = select(StaffCard.id).where(func.lower(StaffCard.name) == row.name.lower())
    return " " in row.name and not db.session.scalar(others.limit(1)) and not db.session.scalar(staff.limit(1))


def open_erasure(member_id: UUID, *, lock: bool = False) -> Erasure | None:
    """Workspace scope: the erasure of a person that is asked for, or accepted and under way."""
    statement = select(Erasure).where(Erasure.member_id == member_id, Erasure.state.in_(("asked", "accepted")))
    return db.session.scalar(statement.with_for_update() if lock else statement, execution_options={"populate_existing": lock})


def erasures_of(member_id: UUID) -> Sequence[Erasure]:
    """Workspace scope: every request, the newest first."""
    return db.session.scalars(select(Erasure).where(Erasure.member_id == member_id).order_by(Erasure.at.desc()).limit(5)).all()


def corrections_of(member_id: UUID, limit: int = 5) -> Sequence[Correction]:
    """Workspace scope: what a person asked HR to correct, the newest first."""
    rows = select(Correction).where(Correction.member_id == member_id).order_by(Correction.at.desc()).limit(limit)
    return db.session.scalars(rows).all()


def open_correction(member_id: UUID) -> Correction | None:
    """Workspace scope: what waits for HR's answer."""
    return db.session.scalar(select(Correction).where(Correction.member_id == member_id, Correction.state == "open"))


def controller() -> dict[str, object]:
    """Public or workspace scope: what the privacy page says of the firm, whether its catalogue is open or not."""
    row = db.session.execute(select(func.controller().table_valued(*CONTROLLER))).one()
    return dict(row._mapping)


CONTROLLER = ("legal_name", "legal_form", "siret", "street", "postcode", "city", "contact", "evidence_years", "has_catalogue")


def waiting_of(member_id: UUID) -> tuple[Correction | None, Erasure | None]:
    """Workspace scope, one statement: a person's open correction, and their erasure that is asked for or under way."""
    row = db.session.execute(
        select(Correction, Erasure)
        .select_from(Member)
        .outerjoin(
            Correction,
            (Correction.firm_id == Member.firm_id) & (Correction.workspace_id == Member.workspace_id)
            & (Correction.member_id == Member.id) & (Correction.state == "open"),
        )
        .outerjoin(
            Erasure,
            (Erasure.firm_id == Member.firm_id) & (Erasure.workspace_id == Member.workspace_id)
            & (Erasure.member_id == Member.id) & Erasure.state.in_(("asked", "accepted")),
        )
        .where(Member.id == member_id)
    ).first()  # fmt: skip
    return (row[0], row[1]) if row else (None, None)

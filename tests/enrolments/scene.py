"""What tests of seats are played with: a session open to both companies of firm alpha, people, and what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import select

from saas.catalogue.commands import sessions as catalogue
from saas.catalogue.models import ProgrammeVersion, SessionLink
from saas.enrolments.commands import enrolling
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, World, a_session, add_person

Connection = psycopg.Connection[tuple[object, ...]]


def open_for(world: World, capacity: int, **more: object) -> dict[str, SessionLink]:
    """A new session of firm alpha for both its companies: their link ids, by company."""
    firm = world.firms[0]
    with inside(firm.scope):
        version = db.session.scalars(select(ProgrammeVersion)).one()
        # Not at the hours of the cast's own session, where one of its people has a seat.
        session = a_session(version, **{"capacity": capacity, "starts": dt.timedelta(days=40), **more})  # type: ignore[arg-type]
        found = {company.slug: catalogue.link(session, company.id, 100_000) for company in firm.companies}
        db.session.expunge_all()
    return found


def enrol(company: Company, link: SessionLink, role: str) -> tuple[int, int]:
    """Enrol one of a company's people: (seated, waiting)."""
    with inside(company.scope):
        member = db.session.scalars(select(Member).where(Member.id == company.ids[f"member-{role}"])).one()
        own = db.session.scalars(select(SessionLink).where(SessionLink.id == link.id)).one()
        done = enrolling.enrol(own, [member])
        return len(done.seated), len(done.waiting)


def states(superuser: Connection, session_id: object) -> dict[str, int]:
    rows = superuser.execute(
        "SELECT e.state, count(*) FROM enrolment e JOIN session_link l ON l.id = e.link_id WHERE l.session_id = %s GROUP BY 1",
        (session_id,),
    ).fetchall()
    return {str(state): int(str(number)) for state, number in rows}


def crowd(company: Company, number: int, name: str = "p") -> list[UUID]:
    """So many more people of a company: their ids."""
    with inside(company.scope):
        return [add_person(company, f"{name}{n}").id for n in range(number)]


class Seat(NamedTuple):
    """An enrolment, after its scope was left."""

    id: UUID
    member_id: UUID


class Done(NamedTuple):
    seated: list[Seat]
    waiting: list[Seat]
    clashing: list[UUID]
    already: list[UUID]
    batch_id: UUID | None


def enrol_all(company: Company, link: SessionLink, ids: Sequence[UUID], **more: Any) -> Done:
    """Enrol these people, in this order, in one act."""
    with inside(company.scope):
        rows = {m.id: m for m in db.session.scalars(select(Member).where(Member.id.in_(ids)))}
        done = enrolling.enrol(own_link(link), [rows[i] for i in ids], **more)
        return Done(
            [Seat(row.id, row.member_id) for row in done.seated], [Seat(row.id, row.member_id) for row in done.waiting],
            [m.id for m in done.clashing], [m.id for m in done.already], done.batch.id if done.batch else None,
        )  # fmt: skip


def own_link(link: SessionLink) -> SessionLink:
    return db.session.scalars(select(SessionLink).where(SessionLink.id == link.id)).one()


def row_of(link: SessionLink, member_id: UUID) -> Enrolment:
    """The last enrolment of somebody in a session, inside the company's scope."""
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.link_id == link.id, Enrolment.member_id == member_id)
        .order_by(Enrolment.id.desc())
        .limit(1)
    ).one()


def person(member_id: UUID) -> Member:
    return db.session.scalars(select(Member).where(Member.id == member_id)).one()


def taken(superuser: Connection, link: SessionLink) -> int:
    row = superuser.execute("SELECT taken FROM session_seats WHERE id = %s", (link.session_id,)).fetchone()
    assert row is not None
    return int(str(row[0]))


def state_of(superuser: Connection, enrolment_id: UUID) -> str:
    row = superuser.execute("SELECT state FROM enrolment WHERE id = %s", (enrolment_id,)).fetchone()
    assert row is not None
    return str(row[0])

"""Two clients in one session, each with people in every state: what the inter-company tests look at from one side."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import select

from saas.catalogue.models import SessionLink
from saas.enrolments.absences import commands as absences
from saas.enrolments.commands import ceilings, credits, enrolling, leaving, placeholders, swapping
from saas.enrolments.models import Enrolment
from tenants.db import db, new_id
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import crowd, enrol_all, open_for, own_link, person

Superuser = psycopg.Connection[tuple[object, ...]]
# Two clients at their ceilings of six fill it.
CAPACITY = 12


@dataclass
class Meeting:
    """The session, each client's link to it by slug, and a later one for transfers."""

    a: Company
    b: Company
    session_id: UUID
    links: dict[str, SessionLink]
    elsewhere: dict[str, SessionLink]

    def seats(self, company: Company) -> dict[str, UUID]:
        """One enrolment of this client in each state that one of its people has reached, by state. Opens a scope."""
        with inside(company.scope):
            rows = db.session.execute(select(Enrolment.state, Enrolment.id).order_by(Enrolment.id))
            return {row.state: row.id for row in rows}


def meet(world: World, superuser: Superuser) -> Meeting:
    """Inside an application context. Each client: requested, waiting, offered, seated, replaced, moved, absent, seats unnamed."""
    a, b = world.firms[0].companies
    links, elsewhere = open_for(world, CAPACITY), open_for(world, 30, starts=dt.timedelta(days=60))
    found = Meeting(a, b, links[a.slug].session_id, links, elsewhere)
    for company in (a, b):
        _settle(found, company, world)
    queued = {company.slug: _queue(found, company) for company in (a, b)}
    for company in (a, b):  # a seat given back is offered to the first in line
        with inside(company.scope):
            leaving.withdraw(_row(queued[company.slug]), f"{company.canary} gives it back")
        drain()
    for company in (a, b):
        _touch(company, superuser)
    return found


def _row(enrolment_id: UUID) -> Enrolment:
    return db.session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id)).one()


def _settle(meeting: Meeting, company: Company, world: World) -> None:
    """Six seats of twelve, and what becomes of them."""
    link, canary = meeting.links[company.slug], company.canary
    with inside(world.firms[0].scope):
        credits.buy(company.id, 3, canary, None)
        own = db.session.scalars(
            select(SessionLink).where(SessionLink.id == link.id, SessionLink.workspace_id == company.id)
        ).one()
        ceilings.set_ceiling(own, 6)
    people = crowd(company, 7, f"inter-{company.slug}-")
    seats = enrol_all(company, link, people[:5]).seated
    with inside(company.scope):
        swapping.substitute(_row(seats[0].id), person(people[5]))
        swapping.transfer(_row(seats[1].id), own_link(meeting.elsewhere[company.slug]))
        start = _row(seats[2].id).link.session.starts_at
        absences.announce(_row(seats[2].id), [start], "late", f"{canary} train")
        enrolling.request(own_link(link), person(people[6]))
        placeholders.hold(own_link(link), 2, canary)


def _queue(meeting: Meeting, company: Company) -> UUID:
    """Three more, of whom some wait; the seat that is given back later."""
    link = meeting.links[company.slug]
    enrol_all(company, link, crowd(company, 3, f"late-{company.slug}-"))
    with inside(company.scope):
        here = select(Enrolment.id).where(Enrolment.link_id == link.id, Enrolment.state == "seated")
        return db.session.scalars(here.order_by(Enrolment.id)).first() or UUID(int=0)


def _touch(company: Company, superuser: Superuser) -> None:
    """What only a server, or a person's own sign-in, writes: a mail that came back, a need."""
    superuser.execute(
        "UPDATE mail_log SET state = 'bounced', bounced_at = now(), bounce = '5.1.1' WHERE workspace_id = %s", (company.id,)
    )
    superuser.execute("UPDATE member SET refused_email = email_norm WHERE workspace_id = %s", (company.id,))
    superuser.execute(
        "INSERT INTO seat_need (firm_id, workspace_id, id, enrolment_id, diet_words, access_words)"
        " SELECT firm_id, workspace_id, %s, id, %s, %s FROM enrolment WHERE workspace_id = %s AND state = 'seated' LIMIT 1"
        " ON CONFLICT DO NOTHING",
        (new_id(), f"{company.canary} eats", f"{company.canary} ramp", company.id),
    )


def secrets(company: Company, superuser: Superuser) -> set[str]:
    """Whatever would name a client or one of its things: canary, slug, and the id of every row it owns."""
    found = {company.canary, company.slug, str(company.id)}
    for name, table in sorted(db.metadata.tables.items()):
        if "workspace_id" in table.c and "id" in table.c:
            rows = superuser.execute(f"SELECT id::text FROM {name} WHERE workspace_id = %s", (company.id,)).fetchall()  # type: ignore[arg-type]
            found |= {str(row[0]) for row in rows}
    return found


def of_the_firm(firm_id: UUID, superuser: Superuser) -> set[str]:
    """Ids that the clients of one session would have in common: the session's, its half-days', its room's."""
    found: set[str] = set()
    for table in ("training_session", "slot", "session_trainer", "venue", "room", "former_day"):
        rows = superuser.execute(f"SELECT id::text FROM {table} WHERE firm_id = %s", (firm_id,)).fetchall()  # type: ignore[arg-type]  # noqa: S608
        found |= {str(row[0]) for row in rows}
    return found


def shown(text: str, needles: set[str]) -> set[str]:
    """Which of these a text holds, dashes or not."""
    plain = text.lower().replace("-", "")
    return {needle for needle in needles if needle.lower() in text.lower() or _hex(needle) in plain}


def _hex(needle: str) -> str:
    """An id without its dashes; words are looked for as they are."""
    try:
        return UUID(needle).hex
    except ValueError:
        return needle.lower()

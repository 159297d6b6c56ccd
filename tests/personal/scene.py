"""One person with a trace in every table, whose words carry a canary of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import select

from saas.catalogue.commands import feeds, sessions
from saas.catalogue.models import Offer, ProgrammeVersion, SessionLink, Slot, TrainingSession
from saas.community.commands import spaces as spaces_commands
from saas.community.commands import threads as threads_commands
from saas.community.models import Occurrence, Rsvp, Thread, Zone
from saas.delivery import commands as delivery
from saas.enrolments.absences.models import Absence
from saas.enrolments.commands import enrolling, placeholders
from saas.enrolments.models import Enrolment
from saas.enrolments.wishes import commands as wishes
from saas.identity.commands.inviting import invite_member
from saas.identity.commands.people import add_member
from saas.identity.models import Member, StaffCard
from saas.kit import journal
from saas.kit.clock import now
from saas.privacy.commands import corrections
from saas.workspaces.imports import commands as imports
from saas.workspaces.imports import pasted
from saas.workspaces.messages import commands as messages
from tenants.db import db, new_id
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import Company, World, account_of

FIRST, LAST, ADDRESS = "Zyxcanary", "Qwvperson", "zyxcanary.qwvperson@alpha-a.example"
NAME = f"{FIRST} {LAST}"
# Any of these in a row is a trace of the person.
CANARIES = (FIRST.lower(), LAST.lower(), ADDRESS, "zyxnumber", "zyxsaid", "zyxdevice")
SIGNED = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAYAAACzzX7wAAAAEklEQVR42mNgS235jw8z0F4BALxFPcEGkYFvAAAAAElFTkSuQmCC"
)


@dataclass
class Canary:
    company: Company
    member_id: UUID
    account_id: UUID
    past_id: UUID
    coming_id: UUID


def person(company: Company) -> Member:
    """Their row, in the scope at hand."""
    return db.session.scalars(select(Member).where(Member.first_name == FIRST)).one()


def make(app: Flask, world: World, superuser: psycopg.Connection[tuple[object, ...]]) -> Canary:
    """They joined, were trained and certified, have a seat to come, wrote, wished, missed, asked; HR named them in words."""
    company, firm = world.companies[0], world.firms[0]
    with app.app_context():
        with inside(company.scope):
            member = add_member(
                FIRST, LAST, ADDRESS, roles=["participant", "hr"], language="en", employee_number="ZYXNUMBER",
                job_title="zyxsaid job", department="zyxsaid department", site="zyxsaid site",
            )  # fmt: skip
            member_id = member.id
            add_member("Led", "By them", "led@alpha-a.example", roles=["participant"], language="en", line_manager="ZYXNUMBER")
            invite_member(member, NAME)
            _desk(company, member)
        account_id = account_of(ADDRESS)
        with inside(Scope.platform()):
            _sign_ins(account_id)
        coming = _seat_to_come(company, member_id)
        past = _trained(world, company, member_id, superuser)
        _talk(company, account_id)
        with inside(firm.scope):
            journal.note("session.changed", f"{NAME} is told", None, words=f"{NAME} {ADDRESS}")
        drain()
    return Canary(company, member_id, account_id, past, coming)


def _desk(company: Company, member: Member) -> None:
    messages.write(company.id, f"{NAME} said nothing; write to {ADDRESS}", company.ids["member-hr"])
    draft = imports.stage(pasted.read(f"{NAME} <{ADDRESS}>"), "list.csv", "en", NAME)
    assert draft.id
    offer = db.session.scalars(select(Offer)).one()
    wishes.wish(offer, member, "zyxsaid wish")
    corrections.ask(member, "zyxsaid correction")
    feeds.renew_member(member.id)
    journal.note("member.changed", NAME, member.id, fields=["email"])
    journal.note("letter.again", NAME, new_id())


def _sign_ins(account_id: UUID) -> None:
    from saas.identity.commands.links import ask_for_code
    from saas.identity.commands.signing import Browser, Opens, sign_in

    sign_in(account_id, Opens("email"), Browser("zyxdevice"))
    ask_for_code(ADDRESS, "en", "")


def _seat_to_come(company: Company, member_id: UUID) -> UUID:
    with inside(company.scope):
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["link_id"])).one()
        member = db.session.scalars(select(Member).where(Member.id == member_id)).one()
        seat = enrolling.enrol(link, [member]).seated[0]
        placeholders.hold(link, 1, f"instead of {NAME}")
        db.session.add(Absence(enrolment_id=seat.id, starts_at=link.session.starts_at, kind="late", reason="zyxsaid reason"))
        return seat.id


def _trained(world: World, company: Company, member_id: UUID, superuser: psycopg.Connection[tuple[object, ...]]) -> UUID:
    """A session that was: signed, counter-signed, certified, invoiced."""
    from saas.billing import commands as billing

    firm = world.firms[0]
    with inside(firm.scope):
        version = db.session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id == firm.ids["version_id"])).one()
        start = (now() + dt.timedelta(days=60)).replace(hour=8, minute=0, second=0, microsecond=0)
        session = sessions.open_session(
            version, kind="inter", slots=[(start, start + dt.timedelta(hours=3))], place=sessions.Place("Salle 2", "Grenoble"), capacity=5,
            minimum=1, trainers=[firm.ids["trainer"]],
        )  # fmt: skip
        link_id, session_id = sessions.link(session, company.id, 100_000).id, session.id
    with inside(company.scope):
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == link_id)).one()
        member = db.session.scalars(select(Member).where(Member.id == member_id)).one()
        seat_id = enrolling.enrol(link, [member]).seated[0].id
    hour = now() - dt.timedelta(hours=1)
    superuser.execute("UPDATE slot SET starts_at = %s, ends_at = %s WHERE session_id = %s", (hour, now(), session_id))
    superuser.execute("UPDATE training_session SET starts_at = %s, ends_at = %s WHERE id = %s", (hour, now(), session_id))
    with inside(company.scope):
        row = db.session.scalars(select(Enrolment).where(Enrolment.id == seat_id)).one()
        delivery.sign(row, row.link.session.slots[0], NAME, SIGNED)
    with inside(firm.scope):
        session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()
        slot = db.session.scalars(select(Slot).where(Slot.session_id == session_id)).one()
        card = db.session.scalars(select(StaffCard).where(StaffCard.id == firm.ids["trainer"])).one()
        delivery.countersign(session, slot, card.id, card.name)
        delivery.certify(session)
        billing.issue(billing.prepare(session, company.id))
    return seat_id


def _talk(company: Company, account_id: UUID) -> None:
    with inside(Scope.community(company.firm_id, company.id, account_id)):
        spaces_commands.join()
    with inside(Scope.community(company.firm_id, company.id, account_id)):
        zone = db.session.scalars(select(Zone)).one()
        thread = db.session.scalars(select(Thread).where(Thread.zone_id == zone.id)).first()
        assert thread is not None
        threads_commands.start_thread(zone.id, "question", "zyxkept title", "zyxkept body")
        threads_commands.reply(thread, "zyxkept reply")
        occurrence = db.session.scalars(select(Occurrence)).first()
        assert occurrence is not None
        db.session.add(Rsvp(zone_id=zone.id, occurrence_id=occurrence.id, author_id=account_id, answer="yes"))


def rows_with(superuser: psycopg.Connection[tuple[object, ...]], words: tuple[str, ...]) -> dict[str, list[str]]:
    """Every row of every table that says one of these words, looked at from behind the policies."""
    found: dict[str, list[str]] = {}
    for name in db.metadata.tables:
        for (row,) in superuser.execute(f'SELECT to_jsonb(t)::text FROM "{name}" t').fetchall():  # type: ignore[arg-type]
            if any(word in str(row).lower() for word in words):
                found.setdefault(name, []).append(str(row))
    return found

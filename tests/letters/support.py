"""What the tests of mails lean on: one seat, its letters, a change of its session."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import psycopg
from icalendar import Calendar
from sqlalchemy import select

from saas.catalogue.commands import sessions as catalogue
from saas.catalogue.models import ProgrammeVersion, SessionLink, TrainingSession
from saas.enrolments.commands import enrolling
from saas.enrolments.letters.kinds import job_of
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit import mail
from saas.kit.clock import at, today
from tenants.db import db
from tenants.queue import drain, later
from tenants.scope import Scope, inside
from tests.cast import Company, FirmCast

Superuser = psycopg.Connection[tuple[object, ...]]


def arrived(to: str = "") -> list[EmailMessage]:
    """Mails in the box, the oldest first; those to one address. Inside an application context."""
    found = []
    for path in sorted(mail.mailbox().glob("*.eml"), key=lambda p: p.stat().st_mtime_ns):
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        if to in str(message["To"]):
            found.append(message)
    return found


def empty_box() -> None:
    for path in mail.mailbox().glob("*.eml"):
        path.unlink()


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u00a0", " ").replace("\u202f", " ")


def entries(message: EmailMessage) -> list[tuple[str, str, int, dt.datetime]]:
    """(METHOD, UID, SEQUENCE, DTSTART) of each calendar entry, as another parser than ours would read them."""
    found = []
    for part in message.iter_attachments():
        calendar = Calendar.from_ical(part.get_payload(decode=True))
        assert part.get_param("method") == calendar["METHOD"]
        for event in calendar.walk("VEVENT"):
            found.append((str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event["DTSTART"].dt))
    return found


def a_session(
    firm: FirmCast, companies: list[Company], *, days: int = 45, state: str = "open", capacity: int = 10, length: int = 1
) -> tuple[UUID, dict[str, UUID]]:
    """A session of so many days, morning and afternoon, open to these companies: its id, and their link ids by company."""
    with inside(firm.scope):
        version = db.session.scalars(select(ProgrammeVersion)).one()
        halves = []
        for n in range(length):
            day = today() + dt.timedelta(days=days + n)
            halves += [(at(day, 9), at(day, 12, 30)), (at(day, 14), at(day, 17, 30))]
        session = catalogue.open_session(
            version, kind="inter", slots=halves, place=catalogue.Place("Salle Belledonne", "Grenoble", "Tram A", ""), capacity=capacity,
            minimum=1, trainers=[firm.ids["trainer"]], state=state,
        )  # fmt: skip
        links = {company.slug: catalogue.link(session, company.id, 100_000).id for company in companies}
        return session.id, links


def member(company: Company, role: str) -> Member:
    return db.session.scalars(select(Member).where(Member.id == company.ids[f"member-{role}"])).one()


def enrol(company: Company, link_id: UUID, *roles: str) -> list[UUID]:
    with inside(company.scope):
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == link_id)).one()
        done = enrolling.enrol(link, [member(company, role) for role in roles])
        return [row.id for row in (*done.seated, *done.waiting)]


def ask(scope: Scope, code: str, **ids: object) -> None:
    """Have one kind of mail sent, now."""
    with inside(scope):
        later(job_of(code), **ids)
    drain()


def state(company: Company, enrolment_id: UUID, name: str, **more: object) -> None:
    """Put a seat into a state, as the engine would."""
    with inside(company.scope):
        row = db.session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id)).one()
        row.state = name
        for column, value in more.items():
            setattr(row, column, value)


def session_row(session_id: UUID) -> TrainingSession:
    return db.session.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()


def hurry(superuser: Superuser) -> None:
    """What waits for its time is due now."""
    superuser.execute("UPDATE outbox SET due_at = now() WHERE done_at IS NULL")
    drain()

"""What enrolments add to the pages of a person, a seat, a session and a client's session, and to the question who leaves."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy import Select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.absences import queries as absences
from saas.enrolments.letters import queries as letters
from saas.enrolments.models import Enrolment
from saas.enrolments.queries import seats as queries
from saas.enrolments.queries.rosters import Roster
from saas.identity.models import Member
from saas.identity.viewer import cookie_token
from saas.kit.access import may
from saas.kit.clock import now
from saas.kit.panels import panel
from saas.kit.tokens import hashed


@panel("person")
def of_person(person: Member, **_: Any) -> str:
    return render_template("enrolments/_person.html", person=person, rows=queries.of_person(person.id), now=now())


@panel("leaving")
def seats_to_come(who: Select[Member], **_: Any) -> str:
    """The seats that stay when these people leave, each with its page, where it is given back."""
    rows, number = queries.seats_to_come(who)
    return render_template("enrolments/_leaving.html", rows=rows, number=number) if rows else ""


@panel("seat")
def before_the_day(row: Enrolment, session: TrainingSession, is_own: bool, **_: Any) -> str:
    """Absences and needs to say, and, for HR and staff, the mails that were sent. One statement."""
    return render_template(
        "enrolments/_seat_facts.html", row=row, session=session, is_own=is_own, now=now(),
        facts=letters.of_seat(row, hashed(cookie_token() or "")), ends={slot.starts_at: slot.ends_at for slot in session.slots},
    )  # fmt: skip


@panel("person")
def mails_of_person(person: Member, **_: Any) -> str:
    return render_template("enrolments/_person_mails.html", person=person, rows=letters.log_of_person(person))


@panel("session")
def around_the_day(session: TrainingSession, **_: Any) -> str:
    """Where absences, needs and mails are: pages of their own, so no statement here."""
    return render_template("enrolments/_session_pages.html", session=session)


@panel("link")
def of_own_people(link: SessionLink, session: TrainingSession, roster: Roster | None, **_: Any) -> str:
    """For HR: who has announced an absence, and whose address came back. One statement."""
    if roster is None or not roster.lines or not may("hr", "owner", "advisor"):
        return ""
    found = absences.of_link(link.id)
    if not found and not roster.refused:
        return ""
    return render_template("enrolments/_link_facts.html", roster=roster, absences=found, session=session)

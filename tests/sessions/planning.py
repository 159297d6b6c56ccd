"""What tests of sessions are made of: plans, forms as browsers send them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import select

from saas.catalogue.commands import sessions
from saas.catalogue.models import ProgrammeVersion, SessionLink, TrainingSession
from saas.catalogue.planning import Half, Place, Plan
from saas.catalogue.queries.sessions import session as load
from saas.enrolments.commands import enrolling as enrolments
from saas.identity.models import Member
from saas.kit.clock import PARIS, today
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, FirmCast

Superuser = psycopg.Connection[tuple[object, ...]]


def half(day: dt.date, start: int = 9, end: int = 12, zone: ZoneInfo = PARIS, **more: Any) -> Half:
    return Half(dt.datetime.combine(day, dt.time(start), zone), dt.datetime.combine(day, dt.time(end), zone), **more)


def plan(*halves: Half, place: Place | None = None, **more: Any) -> Plan:
    return Plan(halves or (half(soon()),), place or Place("Salle 1", "Grenoble"), **more)


def soon(days: int = 60) -> dt.date:
    return today() + dt.timedelta(days=days)


def given(firm: FirmCast, wanted: Plan, kind: str = "inter", state: str = "open", links: tuple[Company, ...] = ()) -> UUID:
    """A session of a firm, open to some clients; its id."""
    with inside(firm.scope):
        version = db.session.scalars(select(ProgrammeVersion)).one()
        made = sessions.plan_session(version, kind, wanted, state)
        for company in links:
            company.ids["own_link"] = sessions.link(made, company.id, 100_000).id
        return made.id


def loaded(session_id: UUID) -> TrainingSession:
    """In firm scope."""
    return load(session_id)


def seat(company: Company, role: str) -> UUID:
    """Enrol somebody of a company by its own link; the enrolment's id."""
    with inside(company.scope):
        member = db.session.scalars(select(Member).where(Member.id == company.ids[f"member-{role}"])).one()
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["own_link"])).one()
        done = enrolments.enrol(link, [member])
        return [*done.seated, *done.waiting][0].id


def typed(lines: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    """What a browser sends of the form of a session."""
    fields: dict[str, Any] = {
        "kind": "inter", "language": "fr", "time_zone": "Europe/Paris", "morning_from": "09:00", "morning_to": "12:30",
        "afternoon_from": "14:00", "afternoon_to": "17:30", "times": "4", "weeks": "2", "venue": "Salle 1", "address": "Grenoble",
        "capacity": "10", "minimum": "2",
    }  # fmt: skip
    for n, line in enumerate(lines):
        fields |= {f"lines-{n}-{name}": value for name, value in {"part": "day", **line}.items()}
    return {**fields, **more}


def slots_of(superuser: Superuser, session_id: object) -> list[tuple[Any, ...]]:
    return superuser.execute(
        "SELECT (starts_at AT TIME ZONE 'Europe/Paris'), (ends_at AT TIME ZONE 'Europe/Paris'), entry, venue, video_url FROM slot"
        " WHERE session_id = %s ORDER BY starts_at", (session_id,)
    ).fetchall()  # fmt: skip


def newest(superuser: Superuser) -> UUID:
    row = superuser.execute("SELECT id FROM training_session ORDER BY created_at DESC, id DESC LIMIT 1").fetchone()
    assert row and isinstance(row[0], UUID)
    return row[0]


def planned_ones(superuser: Superuser) -> int:
    row = superuser.execute("SELECT count(*) FROM training_session").fetchone()
    return int(str(row and row[0]))


def mark(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" type="hidden" value="([^"]*)"', answer.get_data(as_text=True))
    assert found, name
    return found[1]

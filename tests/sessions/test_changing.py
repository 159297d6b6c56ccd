"""Changing a session: shown before it is told, told once, never under what is taken, never over what somebody else wrote."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import changing
from saas.catalogue.models import SessionLink, Slot, TrainingSession
from saas.catalogue.planning import Place, planned
from saas.catalogue.signals import session_moved
from saas.enrolments.commands import enrolling as enrolments
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.errors import Refused
from saas.workspaces.commands import staff
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import FirmCast, World, add_person
from tests.sessions.planning import given, half, loaded, mark, plan, seat, slots_of, soon, typed

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


@pytest.fixture
def heard() -> Iterator[list[set[str]]]:
    """What session_moved told, in order."""
    told: list[set[str]] = []

    def note(_sender: Any, session: TrainingSession, changed: set[str]) -> None:
        told.append(changed)

    with session_moved.connected_to(note):
        yield told


def test_a_change_is_shown_before_it_is_told_and_told_once(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser, heard: list[set[str]]
) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), half(soon(41))), links=(a, b))
        for company in (a, b):
            seat(company, "participant")
    browser, address = signed_in(OWNER), f"/alpha/sessions/{session_id}/change"
    page = browser.get(address)
    slots = re.findall(r'name="lines-\d-slot" type="hidden" value="([^"]+)"', page.get_data(as_text=True))
    lines = [{"slot": slots[n], "day": str(soon(d)), "start": "09:00", "end": "12:00"} for n, d in enumerate((50, 41))]
    form = typed(lines, seen=mark(page, "seen"))
    answer = browser.post(address, data=form)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "2 people hear of it, once." in said and not heard
    assert browser.post(address, data={**form, "reviewed": mark(answer, "reviewed")}).status_code == 303
    assert heard == [{"dates"}]
    assert [(s.date(), entry) for s, _e, entry, *_ in slots_of(superuser, session_id)] == [(soon(41), 2), (soon(50), 1)]
    row = superuser.execute(
        "SELECT sequence, (starts_at AT TIME ZONE 'Europe/Paris')::date FROM training_session WHERE id = %s", (session_id,)
    ).fetchone()
    assert row == (1, soon(41))
    # Somebody else's form was drawn before: it does not write over this.
    late = browser.post(
        address,
        data={**form, "venue": "Salle 9", "reviewed": mark(browser.post(address, data={**form, "venue": "Salle 9"}), "reviewed")},
    )
    assert late.status_code == 422 and "Somebody changed this session" in late.get_data(as_text=True)
    assert "Salle 9" in late.get_data(as_text=True)


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        ({"place": Place("Salle 2", "Lyon")}, {"place"}), ({"place": Place("Salle 1", "Grenoble", video_url="https://v.example")}, {"video"}),
        ({"language": "en", "capacity": 12, "notes": "x", "cost_cents": 5}, None),
    ],
)  # fmt: skip
def test_what_is_told_of_a_change(
    app: Flask, alpha: FirmCast, heard: list[set[str]], turn: dict[str, Any], told: set[str] | None
) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))))
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), **turn))
            assert session.sequence == (1 if told else 0)
    assert heard == ([told] if told else [])


def test_a_drafts_changes_are_nobodys_news(app: Flask, alpha: FirmCast, heard: list[set[str]]) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))), state="draft")
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), place=Place("Elsewhere")))
    assert heard == []


def test_what_has_begun_stays(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), half(soon(41))))
        superuser.execute(
            "UPDATE slot SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' WHERE session_id = %s AND entry = 1",
            (session_id,),
        )
        with inside(alpha.scope):
            session = loaded(session_id)
            was = planned(session)
            with pytest.raises(Refused) as no:
                changing.change(session, replace(was, halves=was.halves[1:]))
            assert no.value.field == "lines"
            changing.change(session, replace(was, halves=(was.halves[0], half(soon(45)))))
            assert db.session.scalars(select(Slot).where(Slot.session_id == session_id)).all()


def test_seats_never_go_under_what_is_taken_whoever_comes_meanwhile(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    """Ten people want seats while somebody lowers the number of seats to three, over and over."""
    a = alpha.companies[0]
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=10), links=(a,))
        with inside(a.scope):
            people = [add_person(a, f"p{n}").id for n in range(10)]
    start = threading.Barrier(11)

    def enrol(member_id: UUID) -> None:
        start.wait()
        with app.app_context(), inside(a.scope):
            link = db.session.scalars(select(SessionLink).where(SessionLink.id == a.ids["own_link"])).one()
            enrolments.enrol(link, db.session.scalars(select(Member).where(Member.id == member_id)).all())

    def lower(_: UUID | None) -> None:
        start.wait()
        for seats in (3, 3, 3, 3):
            try:
                with app.app_context(), inside(alpha.scope):
                    session = loaded(session_id)
                    changing.change(session, replace(planned(session), capacity=seats))
            except Refused as no:
                assert no.field == "capacity"  # noqa: PT017

    with ThreadPoolExecutor(11) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(lower, None), *((enrol, i) for i in people)]))
    row = superuser.execute("SELECT taken, capacity FROM session_seats WHERE id = %s", (session_id,)).fetchone()
    seated = superuser.execute(
        "SELECT count(*) FROM enrolment WHERE state = 'seated' AND link_id = %s", (a.ids["own_link"],)
    ).fetchone()
    assert row and seated and int(str(row[0])) <= int(str(row[1])) and row[0] == seated[0]


def test_more_seats_go_to_whoever_waits(app: Flask, alpha: FirmCast) -> None:
    a = alpha.companies[0]
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=1), links=(a,))
        seat(a, "participant")
        waiting = seat(a, "second")
        drain()
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), capacity=2))
        drain()
        with inside(a.scope):
            row = db.session.scalars(select(Enrolment).where(Enrolment.id == waiting)).one()
            assert row.state == "offered"


def test_a_change_takes_somebody_who_sees_every_client(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))), links=(a, b))
        with inside(alpha.scope):
            from saas.identity.models import Staff

            staff.limit(db.session.scalars(select(Staff).where(Staff.id == alpha.ids["advisor"])).one(), [a.id])
    browser, address = signed_in("advisor@alpha.example"), f"/alpha/sessions/{session_id}"
    form = typed([{"day": str(soon(50))}], seen="")
    answer = browser.post(f"{address}/change", data=form)
    form["reviewed"] = mark(answer, "reviewed")
    assert "clients you do not look after" in browser.post(f"{address}/change", data=form).get_data(as_text=True)
    browser.post(f"{address}/cancel", data={"reason": "ill"})
    rows = superuser.execute("SELECT state FROM training_session WHERE id = %s", (session_id,)).fetchone()
    assert rows == ("open",) and slots_of(superuser, session_id)[0][0].date() == soon(40)

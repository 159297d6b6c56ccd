"""An absence announced beforehand: whose, which half-day, told once, taken back; never a withdrawal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.queue import drain
from tests.cast import World
from tests.letters.support import Superuser, a_session, arrived, empty_box, enrol, hurry, text_of

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def seat(app: Flask, world: World) -> UUID:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        company.ids["abs-session"], links = a_session(firm, [company], days=10)
        company.ids["abs-link"] = links[company.slug]
        (found,) = enrol(company, links[company.slug], "participant")
        drain()
        empty_box()
    return found


def halves(superuser: Superuser, world: World) -> list[dt.datetime]:
    rows = superuser.execute(
        "SELECT starts_at FROM slot WHERE session_id = %s ORDER BY 1", (world.companies[0].ids["abs-session"],)
    ).fetchall()
    return [row[0].astimezone(dt.UTC) for row in rows]  # type: ignore[attr-defined]


def announce(browser: FlaskClient, seat: UUID, *starts: dt.datetime, kind: str = "absent", reason: str = "Train") -> TestResponse:
    said = {"slots": [start.isoformat() for start in starts], "kind": kind, "reason": reason}
    return browser.post(f"/alpha/w/alpha-a/seats/{seat}/absences", data=said)


def test_it_is_told_once_to_hr_and_trainer_and_the_seat_is_kept(
    app: Flask, world: World, seat: UUID, signed_in: Browser, superuser: Superuser
) -> None:
    company, (morning, afternoon) = world.companies[0], halves(superuser, world)
    person = signed_in(company.address("participant"))
    assert announce(person, seat, morning).status_code == 303
    assert announce(person, seat, morning, afternoon).status_code == 303
    with app.app_context():
        hurry(superuser)
        hurry(superuser)
        for address in (company.address("hr"), "trainer@alpha.example"):
            (mail,) = [m for m in arrived(address) if "bsence" in str(m["Subject"])]
            said = text_of(mail)
            assert "9:00 – 12:30" in said and "14:00 – 17:30" in said and "Train" in said, said
        assert arrived("@alpha-b.example") == []
    assert superuser.execute("SELECT state FROM enrolment WHERE id = %s", (seat,)).fetchone() == ("seated",)


def test_it_shows_where_it_matters(world: World, seat: UUID, signed_in: Browser, superuser: Superuser) -> None:
    company, (morning, _afternoon) = world.companies[0], halves(superuser, world)
    announce(signed_in(company.address("participant")), seat, morning, kind="late", reason="zz-train")
    session = company.ids["abs-session"]
    for address, page in (
        (company.address("participant"), f"w/alpha-a/seats/{seat}"), (company.address("hr"), f"w/alpha-a/seats/{seat}"),
        (company.address("hr"), f"w/alpha-a/sessions/{company.ids['abs-link']}"), ("trainer@alpha.example", f"sessions/{session}/practical"),
    ):  # fmt: skip
        assert "zz-train" in signed_in(address).get(f"/alpha/{page}").text, (address, page)
    for address in ("hr@alpha-b.example", company.address("sponsor")):
        assert signed_in(address).get(f"/alpha/w/alpha-a/seats/{seat}/absences").status_code == 404


def test_it_can_be_taken_back_and_that_is_told_if_it_was(
    app: Flask, world: World, seat: UUID, signed_in: Browser, superuser: Superuser
) -> None:
    company, (morning, _afternoon) = world.companies[0], halves(superuser, world)
    person = signed_in(company.address("participant"))
    announce(person, seat, morning)
    announce(person, seat)
    with app.app_context():
        hurry(superuser)
        assert arrived(company.address("hr")) == [], "nobody had heard of it: nothing to take back"
        announce(person, seat, morning)
        hurry(superuser)
        announce(person, seat)
        hurry(superuser)
        first, second = arrived(company.address("hr"))
    assert "Absent:" in text_of(first) and "they come to everything" in text_of(second)


def test_what_cannot_be_announced_is_refused_with_a_sentence(
    world: World, seat: UUID, signed_in: Browser, superuser: Superuser
) -> None:
    company, (morning, _afternoon) = world.companies[0], halves(superuser, world)
    person = signed_in(company.address("participant"))
    elsewhere = morning + dt.timedelta(days=1)
    assert announce(person, seat, elsewhere).status_code == 422
    silent = person.post(
        f"/alpha/w/alpha-a/seats/{seat}/absences", data={"slots": [morning.isoformat()], "reason": "Kept as typed"}
    )
    assert silent.status_code == 422 and "absent or late" in silent.text and "Kept as typed" in silent.text
    superuser.execute("UPDATE slot SET starts_at = now() - interval '1 hour' WHERE starts_at = %s", (morning,))
    assert announce(person, seat, morning).status_code == 422
    superuser.execute("UPDATE enrolment SET state = 'waiting' WHERE id = %s", (seat,))
    said = person.post(f"/alpha/w/alpha-a/seats/{seat}/absences", data={}, follow_redirects=True)
    assert "Only somebody with a seat" in said.text
    assert superuser.execute("SELECT count(*) FROM absence WHERE enrolment_id = %s", (seat,)).fetchone() == (0,)


def test_the_page_says_what_giving_the_seat_back_would_cost(app: Flask, world: World, seat: UUID, signed_in: Browser) -> None:
    page = signed_in(world.companies[0].address("participant")).get(f"/alpha/w/alpha-a/seats/{seat}/absences").text
    assert "this seat costs €500.00" in page and f"/alpha/w/alpha-a/seats/{seat}" in page
    assert str(world.companies[0].ids["abs-session"]) not in page

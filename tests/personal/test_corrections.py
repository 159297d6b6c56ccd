"""What one corrects oneself, and what one asks HR to correct."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
ME = "/alpha/w/alpha-a/me"
OWN = {"first_name": "Anew", "last_name": "Called", "job_title": "Head of all", "language": "fr"}


def member(superuser: Connection, email: str, *columns: str) -> tuple[object, ...]:
    row = superuser.execute(f"SELECT {', '.join(columns)} FROM member WHERE email = %s", (email,)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row


@pytest.mark.parametrize("role", ["participant", "sponsor", "hr"])
def test_everybody_corrects_their_own_name_title_and_language(
    world: World, signed_in: SignedIn, superuser: Connection, role: str
) -> None:
    address = f"{role}@alpha-a.example"
    sent = {**OWN, "email": "other@evil.example", "roles": "hr", "department": "mine", "employee_number": "1"}
    assert signed_in(address).post(ME, data=sent).status_code == 303
    columns = ("first_name", "last_name", "job_title", "language", "name_folded", "email", "department", "employee_number")
    assert member(superuser, address, *columns) == (
        "Anew",
        "Called",
        "Head of all",
        "fr",
        "called anew",
        address,
        "zq-alpha-a",
        None,
    )
    row = superuser.execute("SELECT actor, action, subject_id FROM journal WHERE action = 'member.corrected'").fetchone()
    assert row and row[2] == world.companies[0].ids[f"member-{role}"]


def test_hr_reads_it_in_the_history(world: World, signed_in: SignedIn) -> None:
    signed_in("participant@alpha-a.example").post(ME, data=OWN)
    page = signed_in("hr@alpha-a.example").get(f"/alpha/w/alpha-a/people/{world.companies[0].ids['member-participant']}")
    assert "corrected their own details" in page.get_data(as_text=True)


def test_nothing_changed_is_said_and_not_journalled(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in("participant@alpha-a.example")
    browser.post(ME, data=OWN)
    browser.post(ME, data=OWN)
    assert superuser.execute("SELECT count(*) FROM journal WHERE action = 'member.corrected'").fetchone() == (1,)


@pytest.mark.parametrize(
    ("field", "value"), [("first_name", ""), ("last_name", "x" * 81), ("job_title", "x" * 121), ("language", "de")]
)
def test_what_is_wrong_is_said_and_kept(world: World, signed_in: SignedIn, field: str, value: str) -> None:
    answer = signed_in("participant@alpha-a.example").post(ME, data={**OWN, field: value})
    assert answer.status_code == 422 and "Head of all" in answer.get_data(as_text=True) or field == "job_title"


def test_a_correction_is_asked_for_answered_and_read(app: Flask, world: World, signed_in: SignedIn) -> None:
    person, hr = signed_in("participant@alpha-a.example"), signed_in("hr@alpha-a.example")
    member_id = world.companies[0].ids["member-participant"]
    assert person.post(f"{ME}/correction", data={"text": "My site is Lyon"}).status_code == 303
    assert person.post(f"{ME}/correction", data={"text": "Again"}).status_code == 422, "one at a time"
    assert "asks for a correction" in hr.get("/alpha/w/alpha-a/").get_data(as_text=True)
    assert "My site is Lyon" in hr.get(f"/alpha/w/alpha-a/people/{member_id}").get_data(as_text=True)
    page = f"/alpha/w/alpha-a/people/{member_id}/correction"
    assert hr.post(page, data={"state": "refused", "answer": ""}).status_code == 422
    assert hr.post(page, data={"state": "refused", "answer": "You are in Paris"}).status_code == 303
    assert hr.post(page, data={"state": "done"}).status_code == 404, "settled already"
    seen = person.get(ME).get_data(as_text=True)
    assert "You are in Paris" in seen and "Refused" in seen
    assert person.post(f"{ME}/correction", data={"text": "Again"}).status_code == 303


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_an_empty_or_endless_correction_is_refused(world: World, signed_in: SignedIn, text: str) -> None:
    assert signed_in("participant@alpha-a.example").post(f"{ME}/correction", data={"text": text}).status_code == 422


def test_it_can_be_taken_back(world: World, signed_in: SignedIn) -> None:
    person = signed_in("participant@alpha-a.example")
    person.post(f"{ME}/correction", data={"text": "My site is Lyon"})
    assert person.post(f"{ME}/correction/withdraw").status_code == 303
    member_id = world.companies[0].ids["member-participant"]
    assert (
        signed_in("hr@alpha-a.example")
        .post(f"/alpha/w/alpha-a/people/{member_id}/correction", data={"state": "done"})
        .status_code
        == 404
    )
    assert person.post(f"{ME}/correction/withdraw").status_code == 303, "twice does no harm"


def test_a_limited_hr_answers_for_their_own_people_alone(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    superuser.execute("UPDATE member SET hr_sites = '{elsewhere}' WHERE email = 'hr@alpha-a.example'")
    member_id = world.companies[0].ids["second"] if "second" in world.companies[0].ids else world.companies[0].ids["member_id"]
    hr = signed_in("hr@alpha-a.example")
    assert hr.get(f"/alpha/w/alpha-a/people/{member_id}/correction").status_code == 404
    assert hr.get(f"/alpha/w/alpha-a/people/{member_id}/erasure").status_code == 404
    assert "asks for a correction" not in hr.get("/alpha/w/alpha-a/").get_data(as_text=True)


def test_staff_correct_their_own_card(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in("trainer@alpha.example")
    assert browser.post("/alpha/me", data={"name": "", "language": "fr"}).status_code == 422
    sent = {"name": "Anew Trainer", "phone": "04 76 00 00 00", "language": "en", "email": "x@evil.example", "roles": "owner"}
    assert browser.post("/alpha/me", data=sent).status_code == 303
    row = superuser.execute(
        "SELECT c.name, c.phone, s.language, s.email, s.roles FROM staff s JOIN staff_card c ON c.id = s.id WHERE s.email = 'trainer@alpha.example'"
    ).fetchone()
    assert row == ("Anew Trainer", "04 76 00 00 00", "en", "trainer@alpha.example", ["trainer"])

"""Needs: said by the person alone, read by who must act on them alone, and gone when they serve no more."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from saas.enrolments.commands import leaving
from saas.enrolments.models import Enrolment
from saas.enrolments.needs import commands as needs
from saas.identity.commands import signing
from saas.identity.commands.signing import Opens, sign_in
from saas.kit.errors import Refused
from saas.kit.tokens import hashed
from tenants.db import db
from tenants.queue import drain, tick
from tenants.scope import Scope, inside
from tests.cast import World, account_of
from tests.isolation.test_stranger import PLATFORM, path_of, values_for
from tests.letters.support import Superuser, arrived, ask

Browser = Callable[[str], FlaskClient]
SECRET = "zz-hazelnut"


@pytest.fixture
def seat(app: Flask, world: World, signed_in: Browser) -> UUID:
    """The second participant of alpha-a has said what they need."""
    company = world.companies[0]
    page = f"/alpha/w/alpha-a/seats/{company.ids['enrolment_id']}/needs"
    said = {"diet": ["vegan"], "diet_words": SECRET, "access": ["step-free"], "access_words": f"{SECRET}-door"}
    assert signed_in(company.address("second")).post(page, data=said).status_code == 303
    return company.ids["enrolment_id"]


def kept(superuser: Superuser) -> int:
    row = superuser.execute("SELECT count(*) FROM seat_need").fetchone()
    return int(str(row[0])) if row else -1


def token_of(address: str) -> str:
    account = account_of(address)
    with inside(Scope.platform()):
        return hashed(sign_in(account, Opens("email"), signing.Browser("tests")).token)


def test_the_person_says_changes_and_erases(world: World, seat: UUID, signed_in: Browser, superuser: Superuser) -> None:
    browser, page = signed_in(world.companies[0].address("second")), f"/alpha/w/alpha-a/seats/{seat}/needs"
    shown = browser.get(page).text
    assert SECRET in shown and "never a diagnosis" in shown
    browser.post(page, data={"diet": ["no-nuts"]})
    assert SECRET not in browser.get(page).text and kept(superuser) == 1
    browser.post(page, data={})
    assert kept(superuser) == 0, "nothing said is nothing kept"
    browser.post(page, data={"diet_words": SECRET})
    browser.post(f"{page}/forget")
    assert kept(superuser) == 0
    assert browser.post(page, data={"diet": ["a-diagnosis"]}).status_code == 422


def test_no_role_of_the_client_reads_them_in_sql(app: Flask, world: World, seat: UUID) -> None:
    """Not the table, and not the function with anybody's token but the person's."""
    company = world.companies[0]
    for statement in ("SELECT * FROM seat_need", "DELETE FROM seat_need", "UPDATE seat_need SET diet_words = ''"):
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(company.scope):
            db.session.execute(text(statement))
    with app.app_context():
        tokens = {role: token_of(company.address(role)) for role in ("hr", "sponsor", "participant", "second")}
        with inside(company.scope):
            found = {role: bool(needs.mine(seat, token)) for role, token in tokens.items()}
            assert found == {"hr": False, "sponsor": False, "participant": False, "second": True}
            assert not needs.mine(seat, "") and not needs.mine(seat, "x" * 64)
            with pytest.raises(Refused):
                needs.say(seat, tokens["hr"], needs.Need(["vegan"]))
            needs.forget(seat, tokens["hr"])
            assert needs.mine(seat, tokens["second"])
        with inside(world.companies[1].scope):
            assert not needs.mine(seat, tokens["second"]), "another client's scope"


def test_a_sign_in_that_ended_reads_nothing(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        token = token_of(company.address("second"))
        superuser.execute("UPDATE sign_in SET revoked_at = now()")
        with inside(company.scope):
            assert not needs.mine(seat, token)


@pytest.mark.parametrize(
    "address", ["hr@alpha-a.example", "sponsor@alpha-a.example", "participant@alpha-a.example", "accountant@alpha.example"]
)
def test_no_page_shows_them_to_whoever_need_not_act(
    app: Flask, world: World, seat: UUID, signed_in: Browser, address: str
) -> None:
    """Every page of the product that they may open: people, exports, search, journal, seats, sessions."""
    firm, company = world.firms[0], world.companies[0]
    browser, seen = signed_in(address), 0
    extra = [f"/alpha/w/alpha-a/people?search={SECRET[:7]}", "/alpha/w/alpha-a/people/export.xlsx"]
    paths = [
        path_of(app, rule, "alpha", values_for(rule, firm, company))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(PLATFORM)
    ]
    for path in paths + extra:
        answer = browser.get(path)
        body = answer.get_data()
        answer.close()
        seen += answer.status_code == 200
        assert SECRET.encode() not in body, path
        assert b"A way in without steps" not in body, path
    assert seen > 6
    assert signed_in(address).get(f"/alpha/sessions/{firm.ids['session_id']}/practical/needs").status_code in (403, 404)


def test_who_acts_on_them_reads_them_and_it_is_written_down(
    world: World, seat: UUID, signed_in: Browser, superuser: Superuser
) -> None:
    firm = world.firms[0]
    page = f"/alpha/sessions/{firm.ids['session_id']}/practical"
    trainer = signed_in("trainer@alpha.example")
    counts = trainer.get(page).text
    assert "Vegan" in counts and "Show by name" in counts and f"{SECRET}-door" not in counts
    assert superuser.execute("SELECT count(*) FROM journal WHERE action = 'needs.read'").fetchone() == (0,)
    for number, address in enumerate(("trainer@alpha.example", "owner@alpha.example", "advisor@alpha.example"), 1):
        assert f"{SECRET}-door" in signed_in(address).get(f"{page}/needs").text
        rows = superuser.execute(
            "SELECT actor, subject, facts::text, workspace_id FROM journal WHERE action = 'needs.read'"
        ).fetchall()
        assert len(rows) == number and SECRET not in str(rows) and all(row[3] is None for row in rows)


def test_a_trainer_of_another_session_reads_nothing(world: World, seat: UUID, signed_in: Browser, superuser: Superuser) -> None:
    superuser.execute("DELETE FROM session_trainer")
    for act in ("", "/needs"):
        assert (
            signed_in("trainer@alpha.example")
            .get(f"/alpha/sessions/{world.firms[0].ids['session_id']}/practical{act}")
            .status_code
            == 404
        )


@pytest.mark.parametrize("end", ["withdrawn", "substituted", "transferred", "cancelled", "lapsed", "refused"])
def test_they_go_with_the_seat_in_the_same_statement(
    app: Flask, world: World, seat: UUID, superuser: Superuser, end: str
) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        db.session.execute(text("UPDATE enrolment SET state = :state WHERE id = :id"), {"state": end, "id": seat})
    assert kept(superuser) == 0


def test_they_stay_through_the_day_and_go_when_the_name_changes(
    app: Flask, world: World, seat: UUID, superuser: Superuser
) -> None:
    company = world.companies[0]
    with app.app_context(), inside(company.scope):
        db.session.execute(text("UPDATE enrolment SET state = 'attended' WHERE id = :id"), {"id": seat})
    assert kept(superuser) == 1
    with app.app_context(), inside(company.scope):
        other = {"id": seat, "member": company.ids["member-participant"]}
        db.session.execute(text("UPDATE enrolment SET member_id = :member WHERE id = :id"), other)
    assert kept(superuser) == 0


def test_giving_the_seat_back_on_its_page_erases_them(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        leaving.withdraw(db.session.scalars(select(Enrolment).where(Enrolment.id == seat)).one(), "")
    assert kept(superuser) == 0


def test_the_clock_erases_them_the_day_after(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    midnight = "date_trunc('day', now() AT TIME ZONE 'Europe/Paris') AT TIME ZONE 'Europe/Paris'"
    for moved, left in ((f"{midnight} + interval '1 minute'", 1), (f"{midnight} - interval '1 minute'", 0)):
        superuser.execute(f"UPDATE training_session SET starts_at = now() - interval '9 days', ends_at = {moved}")  # type: ignore[arg-type]
        superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'enrolments.sweep_needs'")
        with app.app_context():
            tick()
            drain()
        assert kept(superuser) == left


def test_a_suspended_firm_keeps_no_needs_either(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    superuser.execute("UPDATE firm SET state = 'suspended'")
    superuser.execute("UPDATE training_session SET starts_at = now() - interval '9 days', ends_at = now() - interval '2 days'")
    superuser.execute("UPDATE schedule SET next_at = now()")
    with app.app_context():
        tick()
        drain()
    assert kept(superuser) == 0


def test_they_are_in_no_mail_no_job_and_no_log(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        superuser.execute("UPDATE training_session SET state = 'confirmed', starts_at = now() + interval '2 days'")
        for code in ("seated", "convocation", "moved"):
            ask(company.scope, code, enrolment_id=seat)
        letters = arrived(company.address("second"))
        assert letters and not any(SECRET in mail.as_string() for mail in letters)
    for table in ("outbox", "journal", "mail_log", "enrolment_event", "enrolment_told"):
        assert SECRET not in str(superuser.execute(f"SELECT t::text FROM {table} t").fetchall()), table  # type: ignore[arg-type]


def test_nothing_is_said_about_a_seat_that_is_no_more(app: Flask, world: World, seat: UUID, superuser: Superuser) -> None:
    superuser.execute("UPDATE enrolment SET state = 'withdrawn' WHERE id = %s", (seat,))
    company = world.companies[0]
    with app.app_context():
        token = token_of(company.address("second"))
        with inside(company.scope), pytest.raises(Refused):
            needs.say(seat, token, needs.Need(["vegan"]))
    assert kept(superuser) == 0

"""A manager asks for a programme; HR answers in words; a seat meets the wish. And what HR and the firm write to each other."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.models import Offer
from saas.enrolments.wishes import commands
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import Connection, enrol_all, open_for, person
from tests.enrolments.test_races import at_once

Browser = Callable[[str], FlaskClient]


def state(superuser: Connection, company: Company, who: str) -> list[tuple[object, ...]]:
    return superuser.execute(
        "SELECT state, why, answer FROM programme_wish WHERE member_id = %s", (company.ids[f"member-{who}"],)
    ).fetchall()


def offer_id(superuser: Connection, company: Company) -> str:
    row = superuser.execute("SELECT id FROM offer WHERE workspace_id = %s", (company.id,)).fetchone()
    assert row
    return str(row[0])


def test_a_wish_is_asked_answered_and_told(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    manager, hr = signed_in(a.address("participant")), signed_in(a.address("hr"))
    base = f"/alpha/w/{a.slug}/wishes"
    wish = {"offer": offer_id(superuser, a), "why": "My team grows"}
    assert manager.post(f"{base}/mine", data=wish).status_code == 303
    manager.post(f"{base}/mine", data={**wish, "why": "My team grows fast"})  # again: the words alone change
    assert state(superuser, a, "participant") == [("open", "My team grows fast", "")]
    assert "My team grows fast" in hr.get(base).text
    wish_id = superuser.execute("SELECT id FROM programme_wish WHERE member_id = %s", (a.ids["member-participant"],)).fetchone()[
        0
    ]  # type: ignore[index]
    refused = hr.post(f"{base}/{wish_id}/answer", data={"state": "declined", "words": " "})
    assert refused.status_code == 422 and "Say why" in refused.text
    assert hr.post(f"{base}/{wish_id}/answer", data={"state": "planned", "words": "In spring"}).status_code == 303
    with app.app_context():
        drain()
        told = [m for m in letters(a.address("participant")) if "wish" in m.subject]
    assert len(told) == 1 and "In spring" in told[0].text
    assert "In spring" in manager.get(f"{base}/mine").text
    assert signed_in(a.address("second")).post(f"{base}/{wish_id}/withdraw").status_code == 404  # somebody else's
    assert manager.post(f"{base}/{wish_id}/withdraw").status_code == 303
    assert state(superuser, a, "participant")[0][0] == "withdrawn"


def test_a_seat_meets_the_wish(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        with inside(a.scope):
            commands.wish(db.session.scalars(select(Offer)).one(), person(a.ids["member-participant"]), "")
        enrol_all(a, link, [a.ids["member-participant"]])
    assert state(superuser, a, "participant")[0][0] == "met"


def test_two_clicks_are_one_wish(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]

    def wish() -> str:
        with inside(a.scope):
            return commands.wish(db.session.scalars(select(Offer)).one(), person(a.ids["member-sponsor"]), "").state

    assert at_once(app, wish, wish, wish) == ["open"] * 3
    assert len(state(superuser, a, "sponsor")) == 1


def test_hr_writes_and_the_firm_answers(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    """The mail says that there is a message, never what it says; an answer settles what waited."""
    a, b = world.firms[0].companies
    hr, owner, path = signed_in(a.address("hr")), signed_in("owner@alpha.example"), f"/alpha/w/{a.slug}/messages"
    with app.app_context():
        drain()
        before = len(letters("owner@alpha.example"))
    assert hr.post(path, data={"text": "<b>Twelve seats</b> more?"}).status_code == 303
    assert hr.post(path, data={"text": "  "}).status_code == 422
    with app.app_context():
        drain()
        told = letters("owner@alpha.example")
    assert len(told) == before + 1
    assert not any("Twelve seats" in m.text for m in told)
    page = owner.get(path).text
    assert "&lt;b&gt;Twelve seats&lt;/b&gt; more?" in page and "No answer needed" in page
    assert owner.post(path, data={"text": "Yes."}).status_code == 303
    assert "No answer needed" not in owner.get(path).text
    with app.app_context():
        drain()
        assert [m for m in letters(a.address("hr")) if "message" in m.subject]
        assert not [m for m in letters(b.address("hr")) if "message" in m.subject]


def test_a_named_advisor_is_told_and_shown(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    owner = signed_in("owner@alpha.example")
    staff = superuser.execute("SELECT id FROM staff WHERE email = 'advisor@alpha.example'").fetchone()
    assert staff
    page = owner.get(f"/alpha/clients/{a.id}/advisor").text
    assert str(staff[0]) in page
    answer = owner.post(f"/alpha/clients/{a.id}/advisor", data={"advisor": str(staff[0])})
    assert answer.status_code == 303
    hr, path = signed_in(a.address("hr")), f"/alpha/w/{a.slug}/messages"
    assert "advisor@alpha.example" in hr.get(path).text
    hr.post(path, data={"text": "Hello"})
    with app.app_context():
        drain()
        assert [m for m in letters("advisor@alpha.example") if "message" in m.subject]


def test_a_workspace_sends_nothing_up_but_its_own_message(app: Flask, world: World) -> None:
    from sqlalchemy import func

    from tenants.db import new_id

    a, b = world.firms[0].companies
    with app.app_context():
        with inside(b.scope):
            from saas.workspaces.messages.models import DeskMessage

            theirs = db.session.scalars(select(DeskMessage.id)).first()
        with inside(a.scope):
            assert db.session.scalar(select(func.upward("workspaces.message_mail", theirs, new_id()))) is None
            assert db.session.scalar(select(func.upward("identity.invitation", theirs, new_id()))) is None

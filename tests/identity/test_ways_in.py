"""Every way in, and no other: links used once, invitations bound to an address, nothing told about who exists."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.identity.commands.inviting import invitation_token, invite_member, join
from saas.identity.commands.links import prove
from saas.identity.commands.passwords import set_password
from saas.identity.entering import safe_next
from saas.identity.models import Invitation, Member
from saas.kit.errors import Refused
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]


def ask(client: FlaskClient, address: str) -> str:
    answer = client.post("/-/sign-in", data={"email": address}, follow_redirects=True)
    assert answer.status_code == 200
    # The form's token carries the second it was made in.
    return re.sub(r'(csrf[-_]token" (?:content|value))="[^"]+"', r"\1", answer.get_data(as_text=True).replace(address, "X"))


def link_in_mail(app: Flask, address: str) -> str:
    with app.app_context():
        drain()
        found = letters(address)
    links = (re.search(r"http://localhost(/-/sign-in/link/\S+)", letter.text) for letter in found)
    return next(link[1] for link in links if link)


def test_a_link_signs_in_once_and_a_get_never_uses_it(app: Flask, world: World, client: FlaskClient) -> None:
    ask(client, "hr@alpha-a.example")
    link = link_in_mail(app, "hr@alpha-a.example")
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert client.post(link).status_code == 303
    assert client.get("/alpha/w/alpha-a/people").status_code == 200
    assert app.test_client().post(link).status_code == 422


def test_the_answer_is_the_same_for_nobody(app: Flask, world: World, client: FlaskClient) -> None:
    assert ask(client, "hr@alpha-a.example") == ask(client, "nobody@nowhere.example")
    with app.app_context():
        drain()
        assert letters("nobody@nowhere.example") == []


def test_an_old_link_is_refused(app: Flask, world: World, client: FlaskClient, superuser: Connection) -> None:
    ask(client, "hr@alpha-a.example")
    link = link_in_mail(app, "hr@alpha-a.example")
    superuser.execute("UPDATE sign_in_code SET expires_at = now() - interval '1 second'")
    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 422


def test_fifty_redemptions_of_an_invitation_give_one(app: Flask, world: World) -> None:
    company = world.companies[0]
    with app.app_context(), inside(company.scope):
        invitation = db.session.get_one(Invitation, company.ids["invitation"])
        token = invitation_token(invitation)

    def redeem(_: int) -> bool:
        with app.app_context():
            try:
                with inside(Scope.platform()):
                    join(token)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(redeem, range(50))) == 1


def test_a_sign_out_ends_the_cookie_for_good(app: Flask, world: World, client: FlaskClient) -> None:
    ask(client, "hr@alpha-a.example")
    client.post(link_in_mail(app, "hr@alpha-a.example"))
    cookie = client.get_cookie(app.config["SIGN_IN_COOKIE"])
    client.post("/-/sign-out")
    other = app.test_client()
    other.set_cookie(app.config["SIGN_IN_COOKIE"], cookie.value if cookie else "")
    assert other.get("/alpha/w/alpha-a/people").status_code == 303


def test_a_password_opens_what_its_owner_may_enter(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context(), inside(Scope.platform()):
        account = prove("hr@alpha-a.example")
        assert account
        set_password(account, "a long sentence of mine")
    wrong = client.post("/-/sign-in/password", data={"email": "hr@alpha-a.example", "password": "not this one"})
    nobody = client.post("/-/sign-in/password", data={"email": "no@alpha-a.example", "password": "not this one"})
    assert (wrong.status_code, nobody.status_code) == (422, 422)
    right = client.post("/-/sign-in/password", data={"email": "hr@alpha-a.example", "password": "a long sentence of mine"})
    assert right.status_code == 303 and right.location == "/alpha/w/alpha-a/"


def test_the_door_to_personae_needs_a_demo_firm(app: Flask, world: World, client: FlaskClient) -> None:
    """The setting alone opens nothing: no firm of this database is a demo."""
    app.config["CORDEE_DEMO"] = True
    try:
        assert client.get("/-/personae").status_code == 404
        assert client.post("/-/personae", data={"email": "owner@alpha.example"}).status_code == 404
    finally:
        app.config["CORDEE_DEMO"] = False


@pytest.mark.parametrize(
    "bad", ["", "//evil.example", "/\\evil.example", "https://evil.example", "evil", "javascript:alert(1)", "/x\r\ny", "\t//evil"]
)
def test_we_never_go_on_to_another_site(bad: str) -> None:
    assert safe_next(bad) == ""


def test_we_go_on_to_our_own_pages() -> None:
    assert safe_next("/alpha/w/a/?x=1") == "/alpha/w/a/?x=1"


def invitation_link(app: Flask, address: str) -> str:
    with app.app_context():
        drain()
        found = {
            link for letter in letters(address) for link in re.findall(r"http://localhost(/-/invitation/[\w-]+)", letter.text)
        }
    (link,) = found  # the mail about a seat carries the same one
    return link


@pytest.mark.parametrize("asked", ["before the change", "after it"])
def test_an_invitation_mailed_under_a_new_key_opens(app: Flask, world: World, client: FlaskClient, asked: str) -> None:
    """The row was made under the old SECRET_KEY; the mail is written, or the person is invited again, under the new one."""
    company, before = world.companies[0], app.config["SECRET_KEY"]

    def ask_again() -> None:
        with app.app_context(), inside(company.scope):
            invitation = db.session.get_one(Invitation, company.ids["invitation"])
            member = db.session.scalars(select(Member).where(Member.id == invitation.member_id)).one()
            invite_member(member, "HR")

    if asked == "before the change":
        ask_again()
    app.config["SECRET_KEY"] = "another-0123456789abcdef0123456789abcdef"
    try:
        if asked == "after it":
            ask_again()
        link = invitation_link(app, company.address("second"))
        assert client.get(link).status_code == 200
        assert client.post(link).status_code == 303
    finally:
        app.config["SECRET_KEY"] = before

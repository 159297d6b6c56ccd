"""The firm's staff: who comes, who leaves, who owns; and that an owner is always left."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saas.identity.commands.people import add_staff
from saas.sandbox.mailbox import letters
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import FirmCast, World
from tests.house.test_pages import counted

Superuser = psycopg.Connection[tuple[object, ...]]
OWNER = "owner@alpha.example"
ADA = {"name": "Ada Roux", "email": "ada@alpha.example", "roles": ["advisor", "accountant"], "language": "en"}
Post = Callable[..., TestResponse]


@pytest.fixture
def alpha(world: World) -> FirmCast:
    return world.firms[0]


@pytest.fixture
def post(alpha: FirmCast, signed_in: Callable[[str], FlaskClient]) -> Post:
    browser = signed_in(OWNER)

    def send(path: str, data: dict[str, Any] | None = None, **changed: Any) -> TestResponse:
        return browser.post(f"/alpha/staff{path}", data={**(data or {}), **changed})

    return send


def row(superuser: Superuser, email: str, columns: str) -> tuple[object, ...]:
    query = f"SELECT {columns} FROM staff s JOIN staff_card c ON c.firm_id = s.firm_id AND c.id = s.id WHERE s.email_norm = %s"
    found = superuser.execute(query, (email,)).fetchone()  # type: ignore[arg-type]
    assert found
    return found


def the_id(superuser: Superuser, email: str) -> UUID:
    (found,) = row(superuser, email, "s.id")
    assert isinstance(found, UUID)
    return found


def invitation_of(app: Flask, email: str) -> str:
    with app.app_context():
        drain()
        found = [re.search(r"http://localhost(/-/invitation/\S+)", letter.text) for letter in letters(email)]
    return next(link[1] for link in found if link)


def test_whoever_is_invited_comes_in_with_their_roles(
    app: Flask, post: Post, superuser: Superuser, client: FlaskClient, signed_in: Callable[[str], FlaskClient]
) -> None:
    answer = post("/new", ADA)
    assert answer.status_code == 303
    assert row(superuser, "ada@alpha.example", "roles, language, name, trains") == (
        ["advisor", "accountant"],
        "en",
        "Ada Roux",
        False,
    )
    page = signed_in(OWNER).get("/alpha/staff").get_data(as_text=True)
    assert "Ada Roux" in page and "Invited" in page and "advisor, accountant" in page
    assert client.post(invitation_of(app, "ada@alpha.example")).location == "/alpha/"
    assert client.get("/alpha/clients").status_code == 200 and client.get("/alpha/staff").status_code == 403
    assert "Invited" not in signed_in(OWNER).get("/alpha/staff").get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": ""}, "name", "Enter a name"), ({"email": "ada"}, "email", "such as"), ({"roles": []}, "roles", "at least one role"),
        ({"roles": ["king"]}, "roles", "not a valid choice"), ({"email": "Advisor@Alpha.example"}, "email", "has this address already"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_its_field_and_kept(
    post: Post, superuser: Superuser, changed: dict[str, Any], field: str, said: str
) -> None:
    answer = post("/new", ADA, **changed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert "Ada Roux" in page or field == "name"
    assert superuser.execute("SELECT count(*) FROM staff WHERE email = 'ada@alpha.example'").fetchone() == (0,)


def test_an_invitation_twice_is_said_and_sent_again_works_once(
    app: Flask, post: Post, superuser: Superuser, client: FlaskClient
) -> None:
    post("/new", ADA)
    assert post("/new", ADA).status_code == 422
    assert post(f"/{the_id(superuser, 'ada@alpha.example')}/invite").status_code == 303
    assert superuser.execute("SELECT count(*) FROM invitation WHERE email_norm = 'ada@alpha.example'").fetchone() == (1,)
    link = invitation_of(app, "ada@alpha.example")
    assert client.post(link).location == "/alpha/"
    assert app.test_client().post(link).location != "/alpha/"


def test_a_double_click_invites_once(alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]) -> None:
    browsers = [signed_in(OWNER) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda browser: browser.post("/alpha/staff/new", data=ADA).status_code, browsers))
    assert sorted(codes) == [303, 422, 422, 422]
    assert superuser.execute("SELECT count(*) FROM invitation WHERE email_norm = 'ada@alpha.example'").fetchone() == (1,)


def test_a_withdrawn_invitation_lets_nobody_in_by_any_door(
    app: Flask, post: Post, superuser: Superuser, client: FlaskClient
) -> None:
    """Neither the link, nor a sign-in link to the same address."""
    post("/new", ADA)
    link, ada = invitation_of(app, "ada@alpha.example"), the_id(superuser, "ada@alpha.example")
    for _ in range(2):
        assert post(f"/{ada}/revoke").status_code == 303
    assert client.get(link).status_code == 410
    client.post(link)
    client.post("/-/sign-in", data={"email": "ada@alpha.example"})
    with app.app_context():
        drain()
        assert not [letter for letter in letters("ada@alpha.example") if "/-/sign-in/link/" in letter.text]
    assert client.get("/alpha/").status_code == 303 and row(superuser, "ada@alpha.example", "account_id") == (None,)
    assert post("/new", ADA, roles=["trainer"]).status_code == 303
    assert row(superuser, "ada@alpha.example", "s.id, roles, left_at") == (ada, ["trainer"], None), (
        "invited anew, the same person"
    )
    assert client.post(invitation_of(app, "ada@alpha.example")).location == "/alpha/"


def test_somebody_removed_is_refused_everywhere_at_their_next_page(
    post: Post, alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    browser, ada = signed_in("advisor@alpha.example"), alpha.ids["advisor"]
    pages = (
        "/alpha/",
        "/alpha/clients",
        f"/alpha/w/{alpha.companies[0].slug}/",
        "/alpha/logo",
        f"/alpha/trainers/{alpha.ids['trainer']}",
    )
    assert {browser.get(path).status_code for path in pages} == {200}
    for _ in range(2):
        assert post(f"/{ada}/remove").location == "/alpha/staff"
    assert {browser.get(path).status_code for path in pages} == {404}
    assert superuser.execute("SELECT count(*) FROM journal WHERE action = 'staff.removed'").fetchone() == (1,)
    assert "Has left" in signed_in(OWNER).get("/alpha/staff").get_data(as_text=True)
    assert post(f"/{ada}/restore").status_code == 303
    assert {browser.get(path).status_code for path in pages} == {200}, "the account is theirs: no invitation is needed"


def test_a_trainer_who_left_is_offered_for_no_session(
    post: Post, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]
) -> None:
    trainer, browser = str(alpha.ids["trainer"]), signed_in(OWNER)
    assert trainer in browser.get("/alpha/sessions/new").get_data(as_text=True)
    post(f"/{trainer}/remove")
    assert trainer not in browser.get("/alpha/sessions/new").get_data(as_text=True)
    post(f"/{trainer}/restore")
    assert trainer in browser.get("/alpha/sessions/new").get_data(as_text=True)


def test_roles_and_card_change_at_the_next_page(
    post: Post, alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    browser = signed_in("accountant@alpha.example")
    assert browser.get("/alpha/trainers").status_code == 403
    card = {
        "name": "Nadia",
        "roles": ["trainer", "accountant"],
        "language": "en",
        "phone": "04",
        "bio_fr": "Compte.",
        "bio_en": "",
    }
    assert post(f"/{alpha.ids['accountant']}", card).status_code == 303
    assert browser.get("/alpha/trainers").status_code == 303, "on to their own page"
    found = row(superuser, "accountant@alpha.example", "roles, language, name, phone, bio, trains")
    assert found == (["trainer", "accountant"], "en", "Nadia", "04", {"fr": "Compte."}, True)


def as_owner(email: str) -> dict[str, Any]:
    return {"name": email, "roles": ["owner"], "language": "fr"}


def test_the_last_owner_who_has_joined_stays_one(post: Post, alpha: FirmCast, superuser: Superuser) -> None:
    """Somebody invited as owner is none to count on yet: their address may be mistyped."""
    post("/new", ADA, roles=["owner"])
    me = alpha.ids["owner"]
    answer = post(f"/{me}", as_owner("Me"), roles=["advisor"])
    assert answer.status_code == 422 and "needs an owner who has joined" in answer.get_data(as_text=True)
    post(f"/{me}/remove")
    assert row(superuser, OWNER, "roles, left_at") == (["owner"], None)


def test_with_another_owner_one_gives_the_role_up_but_never_removes_oneself(
    post: Post, alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    me, other = alpha.ids["owner"], alpha.ids["advisor"]
    signed_in("advisor@alpha.example")
    assert post(f"/{other}", as_owner("Other")).status_code == 303
    post(f"/{me}/remove")
    assert row(superuser, OWNER, "left_at") == (None,)
    assert post(f"/{me}", as_owner("Me"), roles=["accountant"]).status_code == 303
    assert post(f"/{other}/remove").status_code == 403, "no owner any more"


def test_two_owners_cannot_remove_each_other_at_the_same_moment(
    app: Flask, alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    superuser.execute("UPDATE staff SET roles = '{owner}' WHERE id = %s", (alpha.ids["advisor"],))
    pairs = [(signed_in(OWNER), alpha.ids["advisor"]), (signed_in("advisor@alpha.example"), alpha.ids["owner"])]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: pair[0].post(f"/alpha/staff/{pair[1]}/remove").status_code, pairs))
    left = superuser.execute(
        "SELECT count(*) FROM staff WHERE roles @> '{owner}' AND left_at IS NULL AND firm_id = %s", (alpha.id,)
    )
    assert left.fetchone() == (1,)


def test_an_advisor_is_limited_on_their_page_and_no_owner_ever_is(
    post: Post, alpha: FirmCast, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    advisor, (a, b) = alpha.ids["advisor"], alpha.companies
    assert post(f"/{advisor}/clients", {"limited": "yes", "clients": [str(a.id)]}).status_code == 303
    page = signed_in(OWNER).get("/alpha/staff").get_data(as_text=True)
    assert a.slug in page and b.slug not in page, "the list says to which clients"
    theirs = signed_in("advisor@alpha.example")
    assert [theirs.get(f"/alpha/w/{company.slug}/").status_code for company in (a, b)] == [200, 404]
    nobody = post(f"/{advisor}/clients", {"limited": "yes"})
    assert nobody.status_code == 422 and "at least one of your clients" in nobody.get_data(as_text=True)
    assert post(f"/{alpha.ids['owner']}/clients", {"limited": "yes", "clients": [str(a.id)]}).status_code == 422
    assert post(f"/{advisor}", as_owner("Advisor")).status_code == 303
    assert theirs.get(f"/alpha/w/{b.slug}/").status_code == 200, "an owner sees every client"
    assert superuser.execute("SELECT count(*) FROM staff_client").fetchone() == (0,)


def test_a_client_of_another_firm_is_no_limit(post: Post, world: World, superuser: Superuser) -> None:
    alpha, theirs = world.firms[0], world.firms[1].companies[0].id
    assert post(f"/{alpha.ids['advisor']}/clients", {"limited": "yes", "clients": [str(theirs)]}).status_code == 422
    assert superuser.execute("SELECT count(*) FROM staff_client").fetchone() == (0,)


@pytest.mark.parametrize("act", ["invite", "revoke"])
def test_who_has_joined_is_not_invited_again(post: Post, alpha: FirmCast, superuser: Superuser, act: str) -> None:
    post(f"/{alpha.ids['owner']}/{act}")
    assert superuser.execute("SELECT count(*) FROM invitation WHERE staff_id IS NOT NULL").fetchone() == (0,)
    assert row(superuser, OWNER, "left_at") == (None,)


def test_the_list_costs_the_same_for_few_and_for_many(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]
) -> None:
    browser = signed_in(OWNER)
    for path in ("/alpha/staff", "/alpha/trainers"):
        with counted(app) as few:
            browser.get(path)
        with app.app_context(), inside(alpha.scope):
            for n in range(30):
                add_staff(f"Person {n}", f"p{n}{len(path)}@alpha.example", ["trainer"])
        with counted(app) as many:
            assert browser.get(path).status_code == 200
        assert len(few) == len(many) <= 8, path

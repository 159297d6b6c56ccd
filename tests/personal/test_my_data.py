"""My data: all of one's own, in every space that the sign-in opens, and not a word of anybody else's."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands.people import add_member
from saas.identity.commands.signing import Browser, Opens, sign_in
from saas.kit.personal import REGISTRY
from tenants.scope import Kind, Scope, inside
from tests.cast import World
from tests.personal import scene
from tests.personal.scene import ADDRESS, NAME, Canary

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def canary(app: Flask, world: World, superuser: Connection) -> Canary:
    return scene.make(app, world, superuser)


def taken(browser: FlaskClient) -> zipfile.ZipFile:
    answer = browser.get("/-/account/data/file")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.get_data()))


def test_the_page_and_the_file_hold_what_was_planted(canary: Canary, signed_in: SignedIn) -> None:
    browser = signed_in(ADDRESS)
    page = browser.get("/-/account/data").get_data(as_text=True)
    box = taken(browser)
    said = json.loads(box.read("my-data.json"))
    data = next(place["data"] for place in said["places"] if place["workspace"] == canary.company.slug)
    for key in (
        "member",
        "seats",
        "wishes",
        "absences",
        "attendance",
        "certificates",
        "community",
        "posts",
        "rsvps",
        "journal",
        "mails",
        "requests",
        "imports",
        "invitations",
        "invoices",
    ):
        assert data[key], key
    assert data["member"][0]["first_name"] == scene.FIRST and data["member"][0]["employee_number"] == "ZYXNUMBER"
    assert {"zyxkept body", "zyxkept reply"} <= {row.get("body") for row in data["posts"]}
    html = box.read("my-data.html").decode()
    for word in ("zyxsaid wish", "zyxsaid reason", "zyxkept title", "ZYXNUMBER", "zyxsaid correction"):
        assert word in html and word in page, word
    files = [name for name in box.namelist() if "/" in name]
    assert {name.rsplit(".", 1)[1] for name in files} == {"pdf", "png"}
    assert box.read(next(name for name in files if name.endswith(".pdf"))).startswith(b"%PDF")


def test_it_speaks_the_language_of_the_person(canary: Canary, signed_in: SignedIn) -> None:
    browser = signed_in(ADDRESS)
    browser.set_cookie("language", "fr")
    assert {"mes-donnees.json", "mes-donnees.html"} <= set(taken(browser).namelist())


def test_no_word_of_anybody_else_is_in_it(canary: Canary, signed_in: SignedIn) -> None:
    """The cast's other people, their threads and their other company: none shows."""
    browser = signed_in(ADDRESS)
    box = taken(browser)
    whole = (
        box.read("my-data.json").decode()
        + box.read("my-data.html").decode()
        + browser.get("/-/account/data").get_data(as_text=True)
    )
    for word in ("second@", "Second", "zq-alpha-a title", "zq-alpha-a reply", "zq-alpha-b", "zq-beta", "Participant"):
        assert word not in whole, word


def test_what_one_wrote_is_ones_own_after_leaving_too(canary: Canary, signed_in: SignedIn) -> None:
    browser = signed_in(ADDRESS)
    assert browser.post(f"/alpha/w/{canary.company.slug}/community/leave").status_code == 303
    page = browser.get("/-/account/data").get_data(as_text=True)
    assert "zyxkept body" in page and "zq-alpha-a reply" not in page


def test_a_directory_opens_its_own_company_alone(app: Flask, world: World, canary: Canary, signed_in: SignedIn) -> None:
    other = world.companies[2]
    with app.app_context():
        with inside(other.scope):
            add_member("Beta", "Besides", ADDRESS, roles=["participant"], language="en", job_title="zyxbeta")
        with inside(Scope.platform()):
            from saas.identity.commands.links import prove

            prove(ADDRESS)
            opens = Opens("oidc", firm_id=canary.company.firm_id, workspace_id=canary.company.id)
            token = sign_in(canary.account_id, opens, Browser("directory")).token
    assert "zyxbeta" in signed_in(ADDRESS).get("/-/account/data").get_data(as_text=True)
    browser = app.test_client()
    browser.set_cookie(app.config["SIGN_IN_COOKIE"], token)
    page = browser.get("/-/account/data").get_data(as_text=True)
    assert "zyxsaid wish" in page and "zyxbeta" not in page and "zyxdevice" not in page


def test_the_file_asks_for_a_fresh_proof_and_leaves_a_trace(canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in(ADDRESS)
    superuser.execute("UPDATE sign_in SET fresh_at = now() - interval '6 minutes'")
    answer = browser.get("/-/account/data/file")
    assert answer.status_code == 303 and "/-/again" in answer.headers["Location"]
    superuser.execute("UPDATE sign_in SET fresh_at = now()")
    taken(browser)
    row = superuser.execute("SELECT subject, subject_id FROM journal WHERE action = 'data.taken'").fetchone()
    assert row == (NAME, canary.member_id)


def test_needs_are_shown_to_the_person_alone(app: Flask, canary: Canary, signed_in: SignedIn) -> None:
    browser = signed_in(ADDRESS)
    base = f"/alpha/w/{canary.company.slug}/seats/{canary.coming_id}/needs"
    assert browser.post(base, data={"diet_words": "zyxneed"}).status_code == 303
    assert "zyxneed" in browser.get("/-/account/data").get_data(as_text=True)
    assert "zyxneed" not in signed_in("hr@alpha-a.example").get("/-/account/data").get_data(as_text=True)


def test_staff_have_theirs(canary: Canary, signed_in: SignedIn) -> None:
    box = taken(signed_in("trainer@alpha.example"))
    place = next(p for p in json.loads(box.read("my-data.json"))["places"] if p["firm"] == "Alpha")
    assert place["workspace"] is None and place["data"]["staff"][0]["name"] == "Alpha Trainer"
    assert {part.key for part in REGISTRY.parts if part.within is Kind.FIRM} == set(place["data"])
    assert place["data"]["countersigned"] and place["data"]["taught"]

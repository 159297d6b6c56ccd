"""The operator's command line: firms open, are suspended, resumed and closed; errors are one line."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from saas.sandbox.mailbox import letters
from tenants.queue import drain
from tests.cast import World
from tests.identity.support import set_up_factor

Superuser = psycopg.Connection[tuple[object, ...]]
NEW = {"slug": "gamma", "name": "Gamma", "owner-name": "Ada Roux", "owner-email": "ada@gamma.example"}


@pytest.fixture
def firm(app: Flask, world: World) -> Callable[..., Result]:
    def run(*arguments: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["firm", *arguments], input=typed)

    return run


def create(firm: Callable[..., Result], *more: str, **changed: str) -> Result:
    values = {**NEW, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return firm("create", *(part for name, value in values.items() for part in (f"--{name}", value)), *more)


def test_a_firm_opens_and_its_owner_comes_in_by_the_mail(app: Flask, firm: Callable[..., Result], client: FlaskClient) -> None:
    done = create(firm, "--language", "en")
    assert (done.exit_code, done.stderr) == (0, "") and "/-/invitation/" not in done.stdout
    with app.app_context():
        drain()
        (letter,) = letters("ada@gamma.example")
    assert "Gamma" in letter.subject and "Cordée" in letter.text
    link = re.search(r"http://localhost(/-/invitation/\S+)", letter.text)
    assert link and client.post(link[1]).location == "/gamma/"
    client.set_cookie("language", "en")
    assert client.get("/gamma/").location.startswith("/-/factor/new"), "a new firm requires a second factor of its staff"
    set_up_factor(client)
    assert "Hello Ada" in client.get("/gamma/").get_data(as_text=True)
    page = client.get("/gamma/settings").get_data(as_text=True)
    assert 'value="Gamma"' in page and "Missing: SIRET" in page


def test_the_link_is_printed_when_asked_for(firm: Callable[..., Result], client: FlaskClient) -> None:
    link = re.search(r"http://localhost(/-/invitation/\S+)", create(firm, "--show-link").stdout)
    assert link and client.get(link[1]).status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"slug": "alpha"}, "Another firm has this slug."), ({"slug": "Gamma"}, "small letters"), ({"slug": "-"}, "small letters"),
        ({"slug": "static"}, "reserved"), ({"slug": "a" * 49}, "small letters"), ({"owner_email": "ada"}, "no e-mail address"),
        ({"name": " "}, "a name"), ({"owner_name": ""}, "a name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    firm: Callable[..., Result], superuser: Superuser, changed: dict[str, str], said: str
) -> None:
    before = superuser.execute("SELECT slug, state FROM firm ORDER BY 1").fetchall()
    done = create(firm, **changed)
    assert done.exit_code == 1 and said in done.stderr and done.stderr.count("\n") == 1
    assert superuser.execute("SELECT slug, state FROM firm ORDER BY 1").fetchall() == before
    assert superuser.execute("SELECT count(*) FROM staff WHERE email = 'ada@gamma.example'").fetchone() == (0,)


def test_what_stopped_half_way_goes_on(firm: Callable[..., Result], superuser: Superuser, client: FlaskClient) -> None:
    superuser.execute(
        "INSERT INTO firm (id, slug, name, state) VALUES ('01890000-0000-7000-8000-000000000001', 'gamma', 'Gamma', 'suspended')"
    )
    assert create(firm).exit_code == 0
    assert superuser.execute("SELECT state FROM firm WHERE slug = 'gamma'").fetchall() == [("active",)]
    again = create(firm)
    assert again.exit_code == 1 and "Another firm has this slug." in again.stderr


def test_the_list_names_every_firm(firm: Callable[..., Result], superuser: Superuser) -> None:
    superuser.execute("UPDATE firm SET state = 'suspended', is_demo = true WHERE slug = 'beta'")
    lines = firm("list").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["alpha", "active"], ["beta", "suspended"]] and lines[1].endswith("(demo)")


@pytest.mark.parametrize("act", ["suspend", "close"])
def test_a_firm_that_is_not_active_does_not_exist(
    app: Flask, firm: Callable[..., Result], world: World, signed_in: Callable[[str], FlaskClient], act: str
) -> None:
    """At the next page of whoever is inside, of its clients' people and of strangers; the other firm goes on."""
    company = world.firms[0].companies[0]
    pages = {
        "owner@alpha.example": "/alpha/", company.address("hr"): f"/alpha/w/{company.slug}/",
        company.address("second"): f"/alpha/w/{company.slug}/community", "owner@beta.example": "/beta/",
    }  # fmt: skip
    browsers = {address: signed_in(address) for address in pages}
    assert [browsers[address].get(path).status_code for address, path in pages.items()] == [200] * 4
    done = firm(act, "alpha", *(["--yes"] if act == "close" else []))
    assert (done.exit_code, done.stderr) == (0, "")
    assert [browsers[address].get(path).status_code for address, path in pages.items()] == [404, 404, 404, 200]
    assert browsers["owner@beta.example"].get("/alpha/").status_code == browsers["owner@beta.example"].get("/never/").status_code
    assert app.test_client().get("/alpha/").status_code == app.test_client().get("/never/").status_code == 303
    assert "alpha" not in browsers["owner@alpha.example"].get("/-/chooser").get_data(as_text=True).replace("owner@alpha", "")


def test_an_invitation_of_a_suspended_firm_waits(firm: Callable[..., Result], client: FlaskClient, superuser: Superuser) -> None:
    link = re.search(r"http://localhost(/-/invitation/\S+)", create(firm, "--show-link").stdout)
    assert link
    firm("suspend", "gamma")
    assert client.get(link[1]).status_code == 404
    client.post(link[1])
    assert superuser.execute("SELECT used_at FROM invitation WHERE email_norm = 'ada@gamma.example'").fetchone() == (None,)
    firm("resume", "gamma")
    assert client.post(link[1]).location == "/gamma/"


def test_closing_asks_for_the_slug_and_is_for_good(firm: Callable[..., Result], superuser: Superuser) -> None:
    wrong = firm("close", "alpha", typed="beta\n")
    assert wrong.exit_code == 1 and "Nothing was changed." in wrong.stderr
    assert firm("close", "alpha", typed="alpha\n").exit_code == 0
    assert "closed already" in firm("close", "alpha", "--yes").stdout
    resumed = firm("resume", "alpha")
    assert resumed.exit_code == 1 and "closed for good" in resumed.stderr
    assert superuser.execute("SELECT state FROM firm WHERE slug = 'alpha'").fetchone() == ("closed",)


@pytest.mark.parametrize("act", ["suspend", "resume", "close"])
def test_a_firm_that_is_not_there_is_one_line(firm: Callable[..., Result], act: str) -> None:
    done = firm(act, "nowhere", *(["--yes"] if act == "close" else []))
    assert done.exit_code == 1 and done.stderr == "Error: No firm has this slug: nowhere\n"


def test_suspending_twice_changes_nothing_and_is_in_the_journal_once(firm: Callable[..., Result], superuser: Superuser) -> None:
    assert firm("suspend", "alpha").exit_code == 0
    assert "suspended already" in firm("suspend", "alpha").stdout
    firm("resume", "alpha")
    rows = superuser.execute("SELECT action, actor FROM journal WHERE action LIKE 'firm.%ed' AND subject = 'alpha' ORDER BY at")
    assert rows.fetchall() == [("firm.suspended", "Cordée"), ("firm.resumed", "Cordée")]

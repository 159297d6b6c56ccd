"""Pins, the switcher, the palette and search: each finds what is one's own, and nothing of another client or firm."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands.people import add_member
from saas.workspaces.commands.clients import create_workspace
from tenants.scope import inside
from tests.cast import World, a_programme, a_session
from tests.house.test_pages import counted

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
PALETTE = {"HX-Request": "true"}


def pin(browser: FlaskClient, world: World, wanted: str = "1", company: int = 0, **more: object) -> int:
    client_id = world.firms[0].companies[company].id
    return browser.post(f"/alpha/clients/{client_id}/pin", data={"wanted": wanted}, **more).status_code  # type: ignore[arg-type]


def rail(browser: FlaskClient) -> list[str]:
    page = browser.get("/alpha/programmes").get_data(as_text=True)
    return re.findall(r'href="/alpha/w/([^/]+)/"', page.partition('id="rail-pins"')[2].partition("rail-foot")[0])


def test_a_pinned_client_stands_in_the_rail_of_whoever_pinned_it(world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    assert [pin(browser, world, company=n) for n in (1, 0, 0)] == [303] * 3
    assert rail(browser) == ["alpha-a", "alpha-b"] and rail(signed_in("advisor@alpha.example")) == []
    for _ in range(2):
        pin(browser, world, "0")
    assert rail(browser) == ["alpha-b"]


def test_a_pin_answers_htmx_with_itself_and_the_rail(world: World, signed_in: SignedIn) -> None:
    client_id = world.firms[0].companies[0].id
    answer = signed_in(OWNER).post(f"/alpha/clients/{client_id}/pin", data={"wanted": "1"}, headers=PALETTE)
    part = answer.get_data(as_text=True)
    assert 'aria-pressed="true"' in part and 'hx-swap-oob="true"' in part and "<html" not in part


def test_a_pin_of_a_client_that_is_archived_or_not_ones_own_is_gone(
    world: World, signed_in: SignedIn, superuser: Connection
) -> None:
    browser, advisor = signed_in(OWNER), signed_in("advisor@alpha.example")
    pin(browser, world)
    pin(advisor, world)
    superuser.execute("UPDATE staff SET limited = true WHERE email = 'advisor@alpha.example'")
    assert rail(advisor) == [] and pin(advisor, world) == 404
    superuser.execute("UPDATE workspace SET state = 'archived' WHERE slug = 'alpha-a'")
    assert rail(browser) == [] and pin(browser, world) == 404
    assert "1 client space<" in browser.get("/alpha/").get_data(as_text=True)


def test_pages_of_the_console_cost_no_statement_for_the_rail(app: Flask, world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    with counted(app) as before:
        browser.get("/alpha/programmes")
    pin(browser, world)
    with counted(app) as after:
        browser.get("/alpha/programmes")
    assert len(before) == len(after)


@pytest.mark.parametrize(
    ("origin", "leads"),
    [("links.show", "sessions"), ("sessions.index", "sessions"), ("people.index", "people"), ("offers.show", "programmes"),
     ("clients.settings", "settings"), ("parties.change", "settings"), ("invoices.index", "invoices"), ("threads.show", "community"),
     ("home.firm", ""), ("nonsense", ""), ("", "")],
)  # fmt: skip
def test_the_switcher_keeps_the_section(world: World, signed_in: SignedIn, origin: str, leads: str) -> None:
    page = signed_in(OWNER).get(f"/alpha/switch?from={origin}", headers=PALETTE).get_data(as_text=True)
    assert f'href="/alpha/w/alpha-b/{leads}"' in page and "<html" not in page


def test_the_switcher_leads_nowhere_one_may_not_go(world: World, signed_in: SignedIn) -> None:
    page = signed_in("accountant@alpha.example").get("/alpha/switch?from=people.index").get_data(as_text=True)
    assert 'href="/alpha/w/alpha-b/"' in page


def test_the_switcher_shows_the_pinned_first_then_thirty_and_finds_the_others(
    app: Flask, world: World, signed_in: SignedIn
) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        for n in range(35):
            create_workspace(f"Aa {n:02d}", language="fr", colour="#066584")
    browser = signed_in(OWNER)
    pin(browser, world, company=1)
    with counted(app) as seen:
        page = browser.get("/alpha/switch").get_data(as_text=True)
    places = re.findall(r'href="/alpha/w/([^/]+)/"', page.partition('class="places"')[2])
    assert len(seen) == 1 and places[0] == "alpha-b" and len(places) == 30 and "There are more" in page
    assert "alpha-a" in browser.get("/alpha/switch?q=ALPHA").get_data(as_text=True)
    assert "No client is called" in browser.get("/alpha/switch?q=zzz").get_data(as_text=True)


def found(browser: FlaskClient, query: str, path: str = "/alpha/search") -> str:
    answer = browser.get(path, query_string={"q": query}, headers=PALETTE)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_staff_find_clients_people_programmes_sessions_and_pages_without_accents(world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    assert "/alpha/w/alpha-a/" in found(browser, "ALPHA-A")
    second = f"/alpha/w/alpha-a/people/{world.companies[0].ids['member-second']}"
    assert second in found(browser, "zq-alpha-a sècond")
    manager = found(browser, "engage manager")
    assert f"/alpha/programmes/{world.firms[0].ids['version_id']}" in manager
    assert f"/alpha/sessions/{world.firms[0].ids['session_id']}" in manager and "/alpha/sessions/" in found(browser, "grenoble")
    assert 'href="/alpha/programmes"' in found(browser, "catal") and "Go to" in found(browser, "catal")


def test_an_empty_question_offers_what_is_pinned_and_the_pages(app: Flask, world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    pin(browser, world)
    with counted(app) as seen:
        page = found(browser, "")
    assert "Pinned" in page and "/alpha/w/alpha-a/" in page and 'href="/alpha/clients"' in page and not seen


def test_at_most_five_of_a_kind_and_four_statements(app: Flask, world: World, signed_in: SignedIn) -> None:
    with app.app_context(), inside(world.firms[0].companies[0].scope):
        for n in range(9):
            add_member("Éve", f"Manager {n}", f"eve{n}@alpha-a.example", roles=["participant"], language="fr")
    with app.app_context(), inside(world.firms[0].scope):
        for n in range(7):
            a_session(a_programme(f"more-{n}"))
    browser = signed_in(OWNER)
    with counted(app) as seen:
        page = found(browser, "manager")
    assert len(seen) == 4 and page.count("Éve Manager") == 5 and page.count("/alpha/sessions/") == 5
    assert page.count("/alpha/programmes/") == 5


@pytest.mark.parametrize("attack", ["%", "_", "'", "\\", '"><script>', "/", "%25", "a" * 500])
def test_no_sign_is_a_wildcard_and_none_is_markup(world: World, signed_in: SignedIn, attack: str) -> None:
    for path, address in (("/alpha/search", OWNER), ("/alpha/w/alpha-a/search", "hr@alpha-a.example")):
        page = found(signed_in(address), attack, path)
        assert "<script" not in page and "zq-" not in page


EVERYTHING = ("zq", "zq-beta", "zq-beta-a", "second", "beta", "manager engagé", "example", "a", "-b", "salle")


@pytest.mark.parametrize("word", EVERYTHING)
def test_nothing_of_another_firm_is_found(world: World, signed_in: SignedIn, word: str) -> None:
    page = found(signed_in(OWNER), word)
    assert "zq-beta" not in page.replace(f"“{word}”", "") and "/beta/" not in page


@pytest.mark.parametrize("word", [*EVERYTHING, "zq-alpha-b", "alpha-b"])
def test_nothing_of_another_client_is_found(world: World, signed_in: SignedIn, word: str) -> None:
    page = found(signed_in("hr@alpha-a.example"), word, "/alpha/w/alpha-a/search").replace(f"“{word}”", "")
    assert "alpha-b" not in page and "zq-beta" not in page
    for link in re.findall(r'<a[^>]+href="([^"]+)"', page):
        assert link.startswith("/alpha/w/alpha-a/"), link


def test_hr_finds_people_programmes_and_sessions_of_their_company(app: Flask, world: World, signed_in: SignedIn) -> None:
    company = world.firms[0].companies[0]
    browser = signed_in(company.address("hr"))
    with counted(app) as seen:
        page = found(browser, "engage", "/alpha/w/alpha-a/search")
    assert f"/alpha/w/alpha-a/sessions/{company.ids['link_id']}" in page and "/alpha/w/alpha-a/programmes/" in page
    second = f"/alpha/w/alpha-a/people/{company.ids['member-second']}"
    assert second in found(browser, "second", "/alpha/w/alpha-a/search") and len(seen) <= 4


def test_a_trainer_finds_own_sessions_alone(app: Flask, world: World, signed_in: SignedIn) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        others = a_session(a_programme("others")).id
    page = found(signed_in("trainer@alpha.example"), "manager")
    assert f"/alpha/sessions/{world.firms[0].ids['session_id']}" in page and str(others) not in page
    assert "/alpha/w/" not in page and "/alpha/programmes/" not in page
    assert "zq-" not in found(signed_in("trainer@alpha.example"), "zq").replace("“zq”", "")


def test_an_accountant_finds_no_people(world: World, signed_in: SignedIn) -> None:
    assert "/people" not in found(signed_in("accountant@alpha.example"), "second")


def test_search_is_a_page_without_javascript(world: World, signed_in: SignedIn) -> None:
    page = signed_in(OWNER).get("/alpha/search?q=alpha-a").get_data(as_text=True)
    assert "<html" in page and 'value="alpha-a"' in page and "/alpha/w/alpha-a/" in page
    assert "Nothing is called “zzz” here." in signed_in(OWNER).get("/alpha/search?q=zzz").get_data(as_text=True)
    assert 'href="/alpha/search"' in page and 'id="palette"' in page


def test_managers_have_no_palette(world: World, signed_in: SignedIn) -> None:
    page = signed_in("participant@alpha-a.example").get("/alpha/w/alpha-a/").get_data(as_text=True)
    assert 'id="palette"' not in page and "/search" not in page
    assert 'id="palette"' in signed_in("hr@alpha-a.example").get("/alpha/w/alpha-a/").get_data(as_text=True)

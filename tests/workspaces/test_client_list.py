"""The list of clients: found, filtered, sorted, paged by PostgreSQL; what it says of each; the same as a workbook."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from saas.home.directory import NEEDS
from saas.identity.models import Staff, StaffClient
from saas.kit.clock import today
from saas.workspaces.commands.clients import create_workspace
from tenants.db import db
from tenants.scope import inside
from tests.cast import World
from tests.house.test_pages import counted

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
HERE = "/alpha/clients"


def named(browser: FlaskClient, query: str = "") -> list[str]:
    """The names on a page of the list, in its order."""
    page = browser.get(f"{HERE}?{query}").get_data(as_text=True)
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<a href="/alpha/w/[^"]+">([^<]+)</a>', body)


@pytest.fixture
def many(app: Flask, world: World) -> World:
    """Thirty clients more, with cities and trades."""
    with app.app_context(), inside(world.firms[0].scope):
        for n in range(30):
            create_workspace(
                f"Échalas {n:02d}", language="fr", colour="#066584", city="Saint-Étienne" if n % 2 else "Lyon",
                trade="bois" if n % 3 else "énergie", siren="732829320" if n == 7 else "",
            )  # fmt: skip
    return world


def test_25_on_a_page_and_the_rest_on_the_next(many: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    first, second = named(browser), named(browser, "page=2")
    assert len(first) == 25 and len(second) == 7 and not set(first) & set(second)
    assert first[:2] == ["alpha-a", "alpha-b"] and second[-1] == "Échalas 29"
    assert "There is no such page" in browser.get(f"{HERE}?page=9").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "number"),
    [("q=ECHALAS", 25), ("q=echalas+energie", 10), ("q=%C3%89tienne", 15), ("q=732829320", 1), ("q=nobody", 0), ("q=%25", 0),
     ("city=Lyon&trade=bois", 10), ("attention=1", 0), ("state=archived", 0)],
)  # fmt: skip
def test_search_and_filters(many: World, signed_in: SignedIn, query: str, number: int) -> None:
    assert len(named(signed_in(OWNER), query)) == number


def test_what_the_filters_say_stays_in_the_links(many: World, signed_in: SignedIn) -> None:
    page = signed_in(OWNER).get(f"{HERE}?q=echalas&sort=-people").get_data(as_text=True)
    assert 'href="?q=echalas&amp;sort=-people&amp;page=2"' in page and 'value="echalas"' in page
    assert 'aria-sort="descending"' in page and 'href="?q=echalas&amp;sort=people"' in page


@pytest.mark.parametrize("column", NEEDS)
@pytest.mark.parametrize("way", ["", "-"])
def test_every_column_sorts_both_ways_at_the_same_cost(
    app: Flask, many: World, signed_in: SignedIn, column: str, way: str
) -> None:
    browser = signed_in(OWNER)
    with counted(app) as seen:
        assert len(named(browser, f"sort={way}{column}&attention=")) == 25
    assert len(seen) == 4


def test_the_cost_is_the_same_for_few_clients_and_for_many(app: Flask, world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    with counted(app) as few:
        browser.get(HERE)
    with app.app_context(), inside(world.firms[0].scope):
        for n in range(60):
            create_workspace(f"Many {n}", language="fr", colour="#066584")
    with counted(app) as most:
        browser.get(f"{HERE}?sort=state")
    assert len(few) == len(most) == 4


def test_a_sort_that_is_none_is_left_aside(world: World, signed_in: SignedIn) -> None:
    assert named(signed_in(OWNER), "sort=password&page=x") == ["alpha-a", "alpha-b"]


def late(superuser: Connection, world: World, company: int) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(
        "UPDATE invoice SET due_on = %s WHERE workspace_id = %s",
        (today() - dt.timedelta(days=3), world.firms[0].companies[company].id),
    )
    superuser.execute("SET session_replication_role = DEFAULT")


def test_a_late_payment_comes_first_and_needs_attention(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    late(superuser, world, 1)
    browser = signed_in(OWNER)
    assert named(browser, "sort=state") == ["alpha-b", "alpha-a"] and named(browser, "attention=1") == ["alpha-b"]
    page = browser.get(HERE).get_data(as_text=True)
    assert "Late payment" in page and "€2,000.00 late" in page  # a seat, and one kept without a name


def test_what_is_delivered_and_not_invoiced_is_to_invoice(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in(OWNER)
    assert "€1,000.00" not in browser.get(f"{HERE}?q=alpha-a").get_data(as_text=True).partition("Owed")[0]
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM invoice")
    superuser.execute("SET session_replication_role = DEFAULT")
    superuser.execute("UPDATE training_session SET starts_at = now() - interval '3 days', ends_at = now() - interval '2 days'")
    page = browser.get(f"{HERE}?q=alpha-a").get_data(as_text=True)
    assert re.search(r'data-l="To invoice">€1,000.00<', page), page


def test_rhythm_is_shown_from_five_members_on(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    company = world.firms[0].companies[0]
    assert "not yet" in signed_in(OWNER).get(f"{HERE}?q=alpha-a").get_data(as_text=True)
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(
        "INSERT INTO zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, role) SELECT %s, %s, gen_random_uuid(),"
        " %s, gen_random_uuid(), 'X', 'company', 'member' FROM generate_series(1, 4)",
        (company.firm_id, company.id, company.ids["zone_id"]),
    )
    superuser.execute("SET session_replication_role = DEFAULT")
    page = signed_in(OWNER).get(f"{HERE}?q=alpha-a&sort=-rhythm").get_data(as_text=True)
    assert "2 messages this week" in page


def limited_to(app: Flask, world: World, company: int) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        staff = db.session.get_one(Staff, (world.firms[0].id, world.firms[0].ids["advisor"]))
        staff.limited = True
        db.session.add(StaffClient(staff_id=staff.id, workspace_id=world.firms[0].companies[company].id))


def test_an_advisor_limited_to_some_clients_finds_these_alone(app: Flask, world: World, signed_in: SignedIn) -> None:
    limited_to(app, world, 0)
    browser = signed_in("advisor@alpha.example")
    for path in (HERE, f"{HERE}?sort=state", "/alpha/switch", "/alpha/search?q=alpha", "/alpha/search?q=second", "/alpha/"):
        page = browser.get(path).get_data(as_text=True)
        assert "alpha-a" in page and "alpha-b" not in page, path
    assert "1 client company" in browser.get(HERE).get_data(as_text=True)
    assert "zq-alpha-b" not in str(rows_of(browser.get("/alpha/clients.xlsx").get_data()))


def rows_of(content: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_workbook_is_the_list_as_it_is_filtered_and_no_formula(app: Flask, world: World, signed_in: SignedIn) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        create_workspace("=cmd|'/c calc'!A1", language="fr", colour="#066584", city="+33", trade="@x")
    head, *rows = rows_of(signed_in(OWNER).get("/alpha/clients.xlsx?sort=-name").get_data())
    assert head[0] == "Client" and [row[0] for row in rows][:2] == ["alpha-b", "alpha-a"]
    assert rows[2][:4] == ("'=cmd|'/c calc'!A1", None, "'+33", "'@x")
    assert len(rows_of(signed_in(OWNER).get("/alpha/clients.xlsx?q=alpha-a").get_data())) == 2


def test_an_empty_firm_is_told_how_to_start(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    superuser.execute("UPDATE workspace SET state = 'suspended'")
    page = signed_in(OWNER).get(HERE).get_data(as_text=True)
    assert "No client yet" in page and "/alpha/clients/import" in page
    assert "No client fits" in signed_in(OWNER).get(f"{HERE}?q=x").get_data(as_text=True)
    assert "No archived client" in signed_in(OWNER).get(f"{HERE}?state=archived").get_data(as_text=True)

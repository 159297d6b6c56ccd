"""The journal's pages: who reads which lines, in words, narrowed, cheap, and as a workbook."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from saas.kit import journal, words
from saas.kit.i18n import reader_in
from saas.workspaces.journal import facts
from saas.workspaces.journal.families import FAMILIES, acts_of, family_of
from tenants.scope import inside
from tests.cast import World
from tests.conftest import ROOT
from tests.house.test_pages import MOST, counted

Connection = psycopg.Connection[tuple[object, ...]]
Sign = Callable[[str], FlaskClient]
PAGES = {"owner@alpha.example": "/alpha/journal", "hr@alpha-a.example": "/alpha/w/alpha-a/journal"}


def note(app: Flask, scope: Any, action: str, subject: str = "", **more: Any) -> None:
    with app.app_context(), inside(scope):
        journal.note(action, subject, **more)


@pytest.fixture
def told(app: Flask, world: World, superuser: Connection) -> World:
    """One line of each company and of the firm alpha, and nothing else."""
    superuser.execute("DELETE FROM journal")
    alpha = world.firms[0]
    note(app, alpha.scope, "staff.invited", "Nora Firmline")
    for company in world.companies:
        note(app, company.scope, "member.added", f"Person {company.canary}")
    return world


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_who_reads_which_lines(told: World, signed_in: Sign) -> None:
    owner = page(signed_in("owner@alpha.example"), "/alpha/journal")
    assert "Nora Firmline" in owner and "Person zq-alpha-a" in owner and "Person zq-alpha-b" in owner
    assert "zq-beta" not in owner
    advisor = page(signed_in("advisor@alpha.example"), "/alpha/journal")
    assert "Nora Firmline" not in advisor and "Person zq-alpha-a" in advisor and "Person zq-alpha-b" in advisor
    for address in ("hr@alpha-a.example", "owner@alpha.example", "advisor@alpha.example", "accountant@alpha.example"):
        client = page(signed_in(address), "/alpha/w/alpha-a/journal")
        assert "Person zq-alpha-a" in client and "zq-alpha-b" not in client and "Nora Firmline" not in client


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("trainer@alpha.example", "/alpha/journal"), ("accountant@alpha.example", "/alpha/journal"),
        ("hr@alpha-a.example", "/alpha/journal"), ("trainer@alpha.example", "/alpha/w/alpha-a/journal"),
        ("participant@alpha-a.example", "/alpha/w/alpha-a/journal"), ("sponsor@alpha-a.example", "/alpha/w/alpha-a/journal"),
        ("hr@alpha-b.example", "/alpha/w/alpha-a/journal"), ("owner@beta.example", "/alpha/w/alpha-a/journal"),
    ],
)  # fmt: skip
def test_nobody_else_reads_it(told: World, signed_in: Sign, address: str, path: str) -> None:
    for wanted in (path, f"{path}.xlsx"):
        assert signed_in(address).get(wanted).status_code in (403, 404)


def test_an_hr_limited_to_a_site_does_not_read_it(told: World, signed_in: Sign, superuser: Connection) -> None:
    superuser.execute("UPDATE member SET hr_sites = '{Lyon}' WHERE email = 'hr@alpha-a.example'")
    assert signed_in("hr@alpha-a.example").get("/alpha/w/alpha-a/journal").status_code == 403


def test_an_advisor_of_some_clients_reads_theirs(app: Flask, told: World, signed_in: Sign, superuser: Connection) -> None:
    alpha, a = told.firms[0], told.firms[0].companies[0]
    superuser.execute("UPDATE staff SET limited = true WHERE email = 'advisor@alpha.example'")
    superuser.execute(
        "INSERT INTO staff_client (firm_id, id, staff_id, workspace_id) VALUES (%s, gen_random_uuid(), %s, %s)",
        (alpha.id, alpha.ids["advisor"], a.id),
    )
    seen = page(signed_in("advisor@alpha.example"), "/alpha/journal")
    assert "Person zq-alpha-a" in seen and "zq-alpha-b" not in seen
    book = signed_in("advisor@alpha.example").get("/alpha/journal.xlsx").get_data()
    assert "zq-alpha-b" not in str(list(cells(book)))


def test_who_is_in_a_community_is_on_no_page(app: Flask, told: World, signed_in: Sign) -> None:
    note(app, told.companies[0].scope, "zone.joined", "Silent zone")
    for address, path in PAGES.items():
        assert "Silent zone" not in page(signed_in(address), path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("search=firmline", {"Nora Firmline"}), ("search=ZQ-ALPHA-A", {"zq-alpha-a"}), ("search=helene", {"Hélène"}),
        ("search=invited", {"Nora Firmline"}), ("family=firm", {"Nora Firmline"}), ("family=people", {"zq-alpha-a", "zq-alpha-b", "Hélène"}),
        ("person=cordee", {"Nora Firmline", "zq-alpha-a", "zq-alpha-b", "Hélène"}), ("person=nobody", set()), ("search=%25", set()),
        ("since=2100-01-01", set()), ("until=2001-01-01", set()), ("since=nonsense", {"Nora Firmline", "zq-alpha-a", "zq-alpha-b", "Hélène"}),
        ("family=never", {"Nora Firmline", "zq-alpha-a", "zq-alpha-b", "Hélène"}),
    ],
)  # fmt: skip
def test_filters(app: Flask, told: World, signed_in: Sign, asked: str, found: set[str]) -> None:
    note(app, told.firms[0].companies[0].scope, "member.left", "Hélène Absente")
    rows = re.findall(r"<tr>(.*?)</tr>", page(signed_in("owner@alpha.example"), f"/alpha/journal?{asked}"), re.DOTALL)
    for name in ("Nora Firmline", "Person zq-alpha-a", "Person zq-alpha-b", "Hélène"):
        assert any(name in row for row in rows) == any(name.removeprefix("Person ") == wanted for wanted in found), (asked, name)


def test_a_page_costs_the_same_for_ten_and_for_a_hundred_thousand_lines(
    app: Flask, told: World, signed_in: Sign, superuser: Connection
) -> None:
    browsers = {address: signed_in(address) for address in PAGES}
    numbers: list[list[int]] = []
    for many in (10, 100_000):
        company = told.companies[0]
        superuser.execute(
            "INSERT INTO journal (id, firm_id, workspace_id, actor, action, subject, facts, at) SELECT gen_random_uuid(), %s, %s,"
            " 'Person ' || n %% 50, 'member.changed', 'Subject ' || n, '{\"fields\": [\"site\"]}', now() - n * interval '1 minute'"
            " FROM generate_series(1, %s) n",
            (company.firm_id, company.id, many),
        )
        asked = []
        for address, path in PAGES.items():
            with counted(app) as seen:
                page(browsers[address], f"{path}?search=subject" if many == 10 else f"{path}?search=subject&page=900")
            asked.append(len(seen))
        numbers.append(asked)
    assert numbers[0] == numbers[1] and max(numbers[1]) <= MOST


def cells(book: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_workbook_holds_what_the_page_shows_and_says_so_in_the_journal(
    told: World, signed_in: Sign, superuser: Connection
) -> None:
    rows = cells(signed_in("owner@alpha.example").get("/alpha/journal.xlsx?search=zq-alpha-a").get_data())
    assert rows[0][1:3] == ("Who", "What") and len(rows) == 2 and rows[1][2] == "added Person zq-alpha-a"
    assert superuser.execute("SELECT subject FROM journal WHERE action = 'journal.exported'").fetchone() == ("1",)


def test_hr_reads_the_network_of_hr_alone(app: Flask, told: World, signed_in: Sign, superuser: Connection) -> None:
    """Where a manager was when they acted is not their employer's to know; the firm's owner answers for security."""
    company = told.firms[0].companies[0]
    for role, address in (("hr", "192.0.2.11"), ("participant", "192.0.2.12")):
        account = superuser.execute("SELECT account_id FROM member WHERE email = %s", (company.address(role),)).fetchone()
        if account is None or account[0] is None:
            signed_in(company.address(role))
            account = superuser.execute("SELECT account_id FROM member WHERE email = %s", (company.address(role),)).fetchone()
        assert account
        superuser.execute(
            "INSERT INTO journal (id, firm_id, workspace_id, actor_id, actor, action, facts, network) VALUES"
            " (gen_random_uuid(), %s, %s, %s, %s, 'absence.announced', '{}', %s)",
            (company.firm_id, company.id, account[0], role, address),
        )
    seen = page(signed_in(company.address("hr")), "/alpha/w/alpha-a/journal")
    assert "192.0.2.11" in seen and "192.0.2.12" not in seen
    book = str(cells(signed_in(company.address("hr")).get("/alpha/w/alpha-a/journal.xlsx").get_data()))
    assert "192.0.2.11" in book and "192.0.2.12" not in book
    assert "192.0.2.12" in page(signed_in("owner@alpha.example"), "/alpha/w/alpha-a/journal")


def facts_written() -> dict[str, set[str]]:
    """The names of the facts that journal.note is given, by file."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "saas").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "journal.note":
                names = {k.arg for k in node.keywords if k.arg} - {"subject_id", "subject"}
                found.setdefault(str(path.relative_to(ROOT)), set()).update(names)
    return found


def test_every_fact_that_a_command_writes_has_words() -> None:
    known = set(facts.SAID) | set(facts.COUNTED) | facts.BESIDE
    mute = {path: names - known for path, names in facts_written().items() if names - known}
    assert facts_written() and not mute, f"{mute}: say these facts in words in saas/workspaces/journal/facts.py"


def test_every_act_has_its_family() -> None:
    lost = [action for action in words.ACTS if not family_of(action)]
    assert not lost, f"{lost}: name a family for them in saas/workspaces/journal/families.py"
    assert sum(len(acts_of(family)) for family in FAMILIES) == len(words.ACTS)


@pytest.mark.parametrize(
    ("action", "subject", "given", "said"),
    [
        ("member.roles", "Anna", {"roles": ["hr", "participant"], "sites": [], "departments": ["Atelier"]}, ["rôles : RH, manager", "services : Atelier"]),
        ("offer.made", "Cap", {"clients": 2, "price_cents": 115_000}, ["2 clients", "prix HT : 1\u00a0150,00\u00a0€"]),
        ("enrolments.made", "Cap", {"seated": 10, "waiting": 2}, ["Cap", "10 avec une place", "2 en liste d’attente"]),
        ("people.changed", "2", {"people": ["a", "b"], "before": {"site": ["Lyon", "Lyon"]}, "became": {"site": "Paris"}, "fields": ["site"]},
         ["site : Lyon → Paris"]),
        ("people.changed", "2", {"people": ["a", "b"], "before": {"site": ["Lyon", "Nice"]}, "became": {"site": "Paris"}, "fields": ["site"]},
         ["site : Paris"]),
        ("member.left", "Anna", {"on": "2026-11-24"}, ["dernier jour : 24 nov. 2026"]),
        ("staff.limited", "Anna", {"clients": None}, ["tous les clients"]),
        ("invoice.paid", "F1", {"cents": 5000, "method": "card"}, ["montant : 50,00\u00a0€", "par carte"]),
        ("import.applied", "x.csv", {"create": 3, "update": 0, "left": 1}, ["3 ajoutés", "1 signalé parti"]),
        ("programme.published", "P", {"number": 3}, ["version 3"]),
        ("member.added", "Anna", {"never_heard_of": "raw_code"}, []),
    ],
)  # fmt: skip
def test_facts_are_said_in_words(app: Flask, action: str, subject: str, given: dict[str, Any], said: list[str]) -> None:
    entry: Any = SimpleNamespace(action=action, subject=subject, facts=given)
    with app.test_request_context("/"), reader_in("fr"):
        found = [fact.replace("\u00a0:", " :") for fact in facts.in_words(entry)]
    assert found == said


def test_no_line_of_a_lived_in_firm_shows_a_key(app: Flask, world: World, signed_in: Sign) -> None:
    """Whatever the cast's commands wrote: no dotted key, no brace, no id on the page."""
    text = re.sub(r"<[^>]+>", " ", page(signed_in("owner@alpha.example"), "/alpha/journal").partition("<tbody>")[2])
    assert not re.search(r"\b[a-z_]+\.[a-z_]+\b(?!\.example)|\{|\b[0-9a-f]{8}-[0-9a-f]{4}-", text), text[:500]

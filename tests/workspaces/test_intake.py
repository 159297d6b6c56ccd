"""Clients from a file: read as it comes, checked before anything is written, created once."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from saas.kit.mail import mailbox
from saas.workspaces.intake.vocabulary import columns
from tenants.queue import drain
from tests.cast import World
from tests.house.test_pages import counted

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
FILE = """Raison sociale;N° SIREN;Adresse postale;CP;Ville;N° TVA intracommunautaire;Prénom;Nom;E-mail;Langue
Scierie du Vercors;732829320;1 rue du Bois;26150;Die;FR44732829320;Odile;Martin;odile@scierie.example;Français
Sans numéro;;;;;;;;;
Faux numéro;732829321;;;Lyon;;;;;
Fausse TVA;303265045;;;Lyon;FR41303265045;;;;
alpha-a;;;;;;;;;
SCIERIE DU VERCORS;732 829 320;;;;;;;;
Mauvaise adresse;;;;;;Jo;Roc;jo@;klingon
"""


def sent(browser: FlaskClient, content: bytes, name: str = "clients.csv") -> str:
    answer = browser.post("/alpha/clients/import", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.removeprefix("http://localhost")


def number(superuser: Connection) -> object:
    row = superuser.execute("SELECT count(*) FROM workspace").fetchone()
    return row and row[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_checked_before_anything_is_written(
    world: World, signed_in: SignedIn, superuser: Connection, encoding: str
) -> None:
    browser, before = signed_in(OWNER), number(superuser)
    page = browser.get(sent(browser, FILE.encode(encoding)) + "?rows=all").get_data(as_text=True)
    assert "Scierie du Vercors" in page and "2 lines can be created" in page and "3 to correct" in page
    assert page.count("Already there") == 3  # two lines and the filter's own word
    assert "This SIREN has a wrong check digit" in page and "Use FR40303265045" in page
    assert number(superuser) == before


def test_what_is_good_is_created_whole_and_once(app: Flask, world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser, before = signed_in(OWNER), number(superuser)
    path = sent(browser, FILE.encode())
    for _ in range(2):
        assert browser.post(f"{path}/apply").status_code == 303
    assert number(superuser) == int(str(before)) + 2
    row = superuser.execute(
        "SELECT w.slug, w.siren, w.city, w.searched, p.name, p.siret, p.vat_number, p.street, p.postcode, m.email, m.roles"
        " FROM workspace w JOIN billing_party p ON p.workspace_id = w.id JOIN member m ON m.workspace_id = w.id"
        " WHERE w.name = 'Scierie du Vercors'"
    ).fetchall()
    assert row == [
        ("scierie-du-vercors", "732829320", "Die", "scierie du vercors die 732829320", "Scierie du Vercors", "", "FR44732829320",
         "1 rue du Bois", "26150", "odile@scierie.example", ["hr"]),
    ]  # fmt: skip
    with app.app_context():
        drain()
        assert sum("odile@scierie.example" in letter.read_text() for letter in mailbox().glob("*.eml")) == 1
    page = browser.get(path).get_data(as_text=True)
    assert "Your clients are here" in page and 'href="/alpha/w/scierie-du-vercors/"' in page


def test_the_same_file_again_creates_nothing(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in(OWNER)
    browser.post(f"{sent(browser, FILE.encode())}/apply")
    before = number(superuser)
    answer = browser.post(f"{sent(browser, FILE.encode())}/apply", follow_redirects=True)
    assert "No line can be created" in answer.get_data(as_text=True) and number(superuser) == before


def test_two_drafts_of_one_file_create_each_company_once(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser, before = signed_in(OWNER), number(superuser)
    drafts = [sent(browser, FILE.encode()) for _ in range(2)]
    for path in drafts:
        browser.post(f"{path}/apply")
    assert number(superuser) == int(str(before)) + 2


def test_lines_are_corrected_in_place(world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    path = sent(browser, FILE.encode())
    for fix in (
        {"apply": "5:vat_number=FR40303265045"},
        {"8:hr_email": "jo@roc.example", "8:language": ""},
        {"apply": "4:skip=1"},
    ):
        assert browser.post(f"{path}/rows", data={**fix, "at-rows": "fix"}).location.endswith("?rows=fix")
    page = browser.get(f"{path}?rows=all").get_data(as_text=True)
    assert "4 lines can be created" in page and "to correct</" not in page and "Left out" in page
    browser.post(f"{path}/rows", data={"apply": "4:skip=", "4:holder": "x", "99:name": "x", "no": "x"})
    assert "1 to correct" in browser.get(path).get_data(as_text=True)


def test_what_is_created_is_not_corrected_any_more(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in(OWNER)
    path = sent(browser, FILE.encode())
    browser.post(f"{path}/apply")
    answer = browser.post(f"{path}/rows", data={"apply": "4:siren="}, follow_redirects=True)
    assert "created already" in answer.get_data(as_text=True)


def test_the_lines_that_are_left_are_a_workbook_without_formulas(world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    path = sent(browser, b"Company;City\n=1+1;@x\n!!!;+y\nalpha-a;Lyon\n")
    browser.post(f"{path}/apply")
    sheet = load_workbook(io.BytesIO(browser.get(f"{path}/rejected.xlsx").get_data())).active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        ("Line", "Company", "City", "Reason"), (3, "!!!", "'+y", "A company needs a name with letters or digits."),
        (4, "alpha-a", "Lyon", "Already there: alpha-a."),
    ]  # fmt: skip


def test_an_excel_sheet_with_its_zeros_lost_is_read(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Nos clients"], [], ["Société", "SIRET", "Ville"], ["La Poste", 35600000000048, "Paris"], ["Zéro", 5520135, ""]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    browser = signed_in(OWNER)
    page = browser.get(sent(browser, out.getvalue(), "clients.xlsx") + "?rows=all").get_data(as_text=True)
    assert "35600000000048" in page and "This SIRET has a wrong check digit" in page


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"City;Trade\nLyon;bois\n", "No column of this file"), (b"%PDF-1.4 x", "neither a CSV"),
     (b"Company\n" + b"x\n" * 2001, "more than 2,000 lines")],
)  # fmt: skip
def test_what_is_no_list_of_companies_is_refused(world: World, signed_in: SignedIn, content: bytes, says: str) -> None:
    answer = signed_in(OWNER).post("/alpha/clients/import", data={"file": (io.BytesIO(content), "x.csv")})
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert signed_in(OWNER).post("/alpha/clients/import").status_code == 422


def test_two_thousand_lines_cost_no_more_statements_than_two_to_show(app: Flask, world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    few = sent(browser, b"Company\none\ntwo\n")
    many = sent(browser, b"Company\n" + b"".join(b"Company %d\n" % n for n in range(2000)))
    with counted(app) as first:
        browser.get(few)
    with counted(app) as second:
        assert "Company 49<" in browser.get(many).get_data(as_text=True)
    assert len(first) == len(second) == 1
    assert browser.post(f"{many}/apply").status_code == 303
    assert "2000 clients are created" in browser.get(many).get_data(as_text=True)


def test_beside_a_company_a_name_is_the_contacts() -> None:
    assert columns(["Raison sociale", "Nom", "Prénom"]) == {"name": 0, "hr_last_name": 1, "hr_first_name": 2}
    assert columns(["Nom", "Ville"]) == {"name": 0, "city": 1}


def test_another_firms_list_is_not_there(world: World, signed_in: SignedIn) -> None:
    intake_id = world.firms[1].companies[0].ids["intake_id"]
    for path in ("", "/rejected.xlsx"):
        assert signed_in(OWNER).get(f"/alpha/clients/import/{intake_id}{path}").status_code == 404
    for path in ("/rows", "/apply"):
        assert signed_in(OWNER).post(f"/alpha/clients/import/{intake_id}{path}").status_code == 404

"""Trainers: their card, skills and papers, who reads them, and what ends soon."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.models import Staff
from saas.kit.clock import today
from saas.workspaces.commands import staff as staff_commands
from tenants.db import db
from tenants.scope import inside
from tests.cast import PICTURE, FirmCast, World
from tests.house.test_pages import MOST, counted

Superuser = psycopg.Connection[tuple[object, ...]]
PDF = b"%PDF-1.7\nnothing much"
OWNER, ADVISOR, TRAINER = "owner@alpha.example", "advisor@alpha.example", "trainer@alpha.example"
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def alpha(world: World) -> FirmCast:
    return world.firms[0]


def page_of(alpha: FirmCast) -> str:
    return f"/alpha/trainers/{alpha.ids['trainer']}"


def paper(label: str = "Insurance 2026", content: bytes = PDF, **changed: Any) -> dict[str, Any]:
    return {"kind": "insurance", "label": label, "expires_on": "", "file": (io.BytesIO(content), "x.pdf"), **changed}


def add(browser: FlaskClient, alpha: FirmCast, label: str, days: int | None, **changed: Any) -> None:
    expires_on = (today() + dt.timedelta(days=days)).isoformat() if days is not None else ""
    answer = browser.post(f"{page_of(alpha)}/documents", data=paper(label, expires_on=expires_on, **changed))
    assert answer.status_code == 303


@pytest.mark.parametrize("address", [OWNER, ADVISOR, TRAINER])
def test_a_paper_is_kept_and_given_back_as_it_came(alpha: FirmCast, signed_in: Enter, superuser: Superuser, address: str) -> None:
    browser = signed_in(address)
    add(browser, alpha, "Assurance Élise", 200)
    row = superuser.execute("SELECT id, document_id FROM staff_document WHERE label = 'Assurance Élise'").fetchone()
    assert row
    answer = browser.get(f"{page_of(alpha)}/documents/{row[0]}")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=assurance-elise.pdf"
    archived = superuser.execute("SELECT size, length(sha256), workspace_id FROM document WHERE id = %s", (row[1],)).fetchone()
    assert archived == (len(PDF), 64, None)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"file": (io.BytesIO(b""), "")}, "file", "Choose a file"), ({"file": (io.BytesIO(b"MZ\x90"), "cv.pdf")}, "file", "kinds named here"),
        ({"label": ""}, "label", "Name the document"), ({"kind": "spell"}, "kind", "Not a valid choice"),
        ({"expires_on": "never"}, "expires_on", "valid date"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_paper_is_said_by_its_field(
    alpha: FirmCast, signed_in: Enter, superuser: Superuser, changed: dict[str, Any], field: str, said: str
) -> None:
    answer = signed_in(OWNER).post(f"{page_of(alpha)}/documents", data=paper(**changed))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert superuser.execute("SELECT count(*) FROM staff_document WHERE kind = 'insurance'").fetchone() == (0,)


def test_a_paper_is_read_by_owner_advisor_and_its_trainer_alone(world: World, alpha: FirmCast, signed_in: Enter) -> None:
    address = f"{page_of(alpha)}/documents/{alpha.ids['document_id']}"
    company = alpha.companies[0]
    allowed = {who: signed_in(who).get(address).status_code for who in (OWNER, ADVISOR, TRAINER)}
    assert set(allowed.values()) == {200}
    assert signed_in("accountant@alpha.example").get(address).status_code == 403
    assert signed_in(company.address("hr")).get(address).status_code == 404
    assert signed_in("owner@beta.example").get(address).status_code == 404


def test_a_trainer_finds_their_own_page_and_no_other(app: Flask, alpha: FirmCast, signed_in: Enter, superuser: Superuser) -> None:
    other = alpha.ids["advisor"]
    superuser.execute("UPDATE staff SET roles = '{trainer}' WHERE id = %s", (other,))
    superuser.execute("UPDATE staff_card SET trains = true WHERE id = %s", (other,))
    browser = signed_in(TRAINER)
    assert browser.get("/alpha/trainers").location == page_of(alpha)
    assert browser.get(page_of(alpha)).status_code == 200
    assert browser.get(f"/alpha/trainers/{other}").status_code == 404
    assert browser.post(f"/alpha/trainers/{other}", data={"skills": "x"}).status_code == 404
    mine = alpha.ids["document_id"]
    assert browser.get(f"/alpha/trainers/{other}/documents/{mine}").status_code == 404
    assert signed_in(OWNER).get(f"/alpha/trainers/{other}/documents/{mine}").status_code == 404, "under another's page"


def test_who_does_not_train_has_no_such_page(alpha: FirmCast, signed_in: Enter) -> None:
    assert signed_in(OWNER).get(f"/alpha/trainers/{alpha.ids['accountant']}").status_code == 404


def test_an_advisor_limited_to_a_client_reads_the_firms_papers_all_the_same(
    app: Flask, alpha: FirmCast, signed_in: Enter
) -> None:
    with app.app_context(), inside(alpha.scope):
        advisor = db.session.get_one(Staff, (alpha.id, alpha.ids["advisor"]))
        staff_commands.limit(advisor, [alpha.companies[0].id])
    assert signed_in(ADVISOR).get(f"{page_of(alpha)}/documents/{alpha.ids['document_id']}").data == PICTURE


def test_skills_are_lines_and_the_card_is_what_clients_see(alpha: FirmCast, signed_in: Enter, superuser: Superuser) -> None:
    company = alpha.companies[0]
    card = {"skills": " Codev \n\nConflict  talks\nCodev", "phone": "06", "bio_fr": "Formatrice.", "bio_en": "Trains."}
    assert signed_in(TRAINER).post(page_of(alpha), data=card).status_code == 303
    row = superuser.execute("SELECT skills, phone, bio FROM staff_card WHERE id = %s", (alpha.ids["trainer"],)).fetchone()
    assert row == (["Codev", "Conflict talks"], "06", {"fr": "Formatrice.", "en": "Trains."})
    assert "Codev, Conflict talks" in signed_in(OWNER).get("/alpha/trainers").get_data(as_text=True)
    too_many = signed_in(TRAINER).post(page_of(alpha), data={"skills": "\n".join(str(n) for n in range(31))})
    assert too_many.status_code == 422 and "Up to 30 skills" in too_many.get_data(as_text=True)
    assert signed_in(company.address("hr")).get(page_of(alpha)).status_code == 404


def test_what_ends_within_thirty_days_shows_on_the_page_the_list_and_home(
    app: Flask, alpha: FirmCast, signed_in: Enter, superuser: Superuser
) -> None:
    browser = signed_in(OWNER)
    add(browser, alpha, "Gone", -1)
    add(browser, alpha, "Soon", 30, kind="vigilance")
    add(browser, alpha, "Later", 31, kind="diploma")
    page = browser.get(page_of(alpha)).get_data(as_text=True)
    assert page.count("Expired on") == 1 and page.count("Expires on") == 1
    assert "1 expired" in browser.get("/alpha/trainers").get_data(as_text=True)
    with counted(app) as seen:
        home = browser.get("/alpha/").get_data(as_text=True)
    assert len(seen) <= MOST
    assert "has expired: “Gone”" in home and "expires soon: “Soon”" in home and "Later" not in home
    assert "“Gone”" not in signed_in("accountant@alpha.example").get("/alpha/").get_data(as_text=True), "no page of theirs"


def test_a_newer_paper_of_the_same_kind_ends_the_warning(alpha: FirmCast, signed_in: Enter) -> None:
    browser = signed_in(OWNER)
    add(browser, alpha, "Gone", -1)
    add(browser, alpha, "New", 365)
    assert "Gone" not in browser.get("/alpha/").get_data(as_text=True)
    assert "In order" in browser.get("/alpha/trainers").get_data(as_text=True)
    assert "Expired on" in browser.get(page_of(alpha)).get_data(as_text=True), "the old one is still what it is"


def test_a_trainer_who_left_worries_nobody(app: Flask, alpha: FirmCast, signed_in: Enter) -> None:
    browser = signed_in(OWNER)
    add(browser, alpha, "Gone", -1)
    browser.post(f"/alpha/staff/{alpha.ids['trainer']}/remove")
    assert "Gone" not in browser.get("/alpha/").get_data(as_text=True)


def test_a_paper_leaves_the_page_once_and_its_file_stays(alpha: FirmCast, signed_in: Enter, superuser: Superuser) -> None:
    browser, mine = signed_in(TRAINER), alpha.ids["document_id"]
    before = superuser.execute("SELECT count(*) FROM document").fetchone()
    assert browser.post(f"{page_of(alpha)}/documents/{mine}/remove").status_code == 303
    assert browser.post(f"{page_of(alpha)}/documents/{mine}/remove").status_code == 404
    assert superuser.execute("SELECT count(*) FROM document").fetchone() == before
    assert isinstance(mine, UUID) and "Papers" not in browser.get(page_of(alpha)).get_data(as_text=True).split("toasts")[0]

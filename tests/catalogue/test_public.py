"""The public catalogue: what anybody finds, in both languages, and nothing else of the firm."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from saas.catalogue.commands import programmes, sessions, versions
from saas.catalogue.models import ProgrammeVersion, TrainingSession
from saas.workspaces.commands import firm as firm_commands
from tenants.db import db
from tenants.models import Workspace
from tenants.scope import Scope, inside
from tests.cast import PICTURE, FirmCast, World, a_public_programme, a_session
from tests.catalogue.programmes import newest, wording
from tests.house.test_pages import counted

Enter = Callable[[str], FlaskClient]
PAGES = ("/alpha/catalogue", "/alpha/en/catalogue", "/alpha/catalogue/manager-engage", "/alpha/en/catalogue/manager-engage",
         "/alpha/catalogue/manager-engage/programme.pdf", "/alpha/sitemap.xml", "/alpha/catalogue-logo")  # fmt: skip
WHO = ("", "owner@alpha.example", "hr@alpha-b.example", "owner@beta.example")


@pytest.fixture
def firm(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def linked(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def shown_session(version: ProgrammeVersion, **more: Any) -> TrainingSession:
    session = a_session(version, **more)
    programmes.show_session(session, is_public=True)
    return session


@pytest.mark.parametrize("path", PAGES)
def test_everybody_gets_the_same_bytes(app: Flask, firm: FirmCast, signed_in: Enter, path: str) -> None:
    answers = [signed_in(address).get(path) for address in WHO]
    assert {a.status_code for a in answers} == {200} and len({a.get_data() for a in answers}) == 1
    for answer in answers:
        assert "zq-" not in answer.get_data().decode(errors="replace")
        assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"].startswith("public, max-age=")
        assert answer.headers["X-Robots-Tag"] == "all" and "Cookie" not in answer.headers["Vary"]
        again = app.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and not again.get_data()


def test_nothing_else_is_for_search_engines(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    for path in ("/alpha/", "/alpha/programmes", "/-/sign-in", "/alpha/w/alpha-a/programmes"):
        assert signed_in("owner@alpha.example").get(path).headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("state", ["draft", "retired", "offered", "tailored", "closed catalogue"])
def test_what_is_not_public_is_nowhere(app: Flask, firm: FirmCast, client: FlaskClient, state: str) -> None:
    with app.app_context(), inside(firm.scope):
        version = programmes.create("ZX-1", wording("Zig zag"))
        if state == "tailored":
            programmes.show_to(version, "tailored", firm.companies[0].id)
        elif state != "offered":
            programmes.show_to(version, "public")
        if state != "draft":
            versions.publish(version)
            shown_session(version)
        if state == "retired":
            programmes.retire(version)
        if state == "closed catalogue":
            programmes.show_catalogue(is_public=False)
    for path in ("/alpha/catalogue", "/alpha/en/catalogue", "/alpha/catalogue?q=zig", "/alpha/sitemap.xml"):
        answer = client.get(path)
        assert answer.status_code == (404 if state == "closed catalogue" else 200)
        assert "zig" not in answer.get_data(as_text=True).lower().replace("?q=zig", "").replace('value="zig"', "").replace(
            "q=zig", ""
        )
    for path in ("/alpha/catalogue/zig-zag", "/alpha/en/catalogue/zig-zag", "/alpha/catalogue/zig-zag/programme.pdf"):
        assert client.get(path).status_code == 404
    with app.app_context(), inside(Scope.public(firm.id)):
        titles = {v.title["fr"] for v in db.session.scalars(select(ProgrammeVersion))}
        assert "Zig zag" not in titles
        assert not list(db.session.scalars(select(TrainingSession.id)))


def test_a_new_firm_shows_nothing_before_it_says_so(app: Flask, firm: FirmCast, client: FlaskClient, signed_in: Enter) -> None:
    owner = signed_in("owner@alpha.example")
    owner.post("/alpha/programmes/public", data={"public": "0"})
    assert client.get("/alpha/catalogue").status_code == 404 and client.get("/alpha/catalogue-logo").status_code == 404
    owner.post("/alpha/programmes/public", data={"public": "1"})
    assert client.get("/alpha/catalogue").status_code == 200
    from saas.workspaces.models import FirmProfile

    assert FirmProfile.__table__.c.is_catalogue_public.server_default.arg == "false"


def test_a_suspended_firm_shows_nothing(
    app: Flask, firm: FirmCast, client: FlaskClient, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    superuser.execute("UPDATE firm SET state = 'suspended' WHERE id = %s", (firm.id,))
    for path in PAGES:
        assert client.get(path).status_code == 404, path
    assert client.get("/never-was/catalogue").status_code == 404


def test_the_draft_that_follows_is_not_shown(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        version = newest("alpha-1")
        versions.save(version, wording("Pas encore"), version.revision)
    assert "Pas encore" not in client.get("/alpha/catalogue").get_data(as_text=True)
    assert "Manager engagé" in client.get("/alpha/catalogue/manager-engage").get_data(as_text=True)


def test_the_public_role_reads_no_bank_no_way_in_and_no_count(app: Flask, firm: FirmCast) -> None:
    for query in ("SELECT iban FROM firm_profile", "SELECT terms FROM firm_profile", "SELECT video_url FROM training_session",
                  "SELECT access FROM training_session", "SELECT * FROM session_seats", "SELECT * FROM session_link",
                  "SELECT * FROM offer", "SELECT * FROM workspace", "SELECT * FROM session_trainer"):  # fmt: skip
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(Scope.public(firm.id)):
            db.session.execute(text(query))
    with app.app_context(), inside(Scope.public(firm.id)):
        assert db.session.scalar(text("SELECT legal_name FROM firm_profile")) == "Firm SARL"


def test_only_dates_that_the_firm_shows_are_shown(app: Flask, firm: FirmCast, client: FlaskClient, signed_in: Enter) -> None:
    with app.app_context(), inside(firm.scope):
        version = newest("alpha-1")
        hidden = a_session(version)
        inside_one = sessions.open_session(
            version, kind="intra", slots=[(s.starts_at, s.ends_at) for s in hidden.slots], place=sessions.Place("Chez zq", "Chez le client"),
            capacity=5, minimum=1,
        )  # fmt: skip
        ids, version_id = (hidden.id, inside_one.id), version.id
        elsewhere = a_session(a_public_programme("ZX-9", {"fr": "Ailleurs"})).id
    owner = signed_in("owner@alpha.example")
    assert (
        linked(client.get("/alpha/catalogue/manager-engage").get_data(as_text=True))["hasCourseInstance"][0].get("startDate")
        is None
    )
    for session_id in ids:
        owner.post(f"/alpha/programmes/{version_id}/sessions/{session_id}/public", data={"public": "1"})
    page = client.get("/alpha/catalogue/manager-engage").get_data(as_text=True)
    assert "Salle 1" in page and "Chez zq" not in page and len(linked(page)["hasCourseInstance"]) == 1
    assert "available" not in page and "places" not in page and not any(str(i) in page for i in ids)
    with app.app_context(), pytest.raises(DBAPIError, match="public"), inside(firm.scope):
        db.session.execute(text("UPDATE training_session SET is_public = true WHERE kind = 'intra'"))
    owner.post(f"/alpha/programmes/{version_id}/sessions/{ids[0]}/public", data={"public": "0"})
    assert "Salle 1" not in client.get("/alpha/catalogue/manager-engage").get_data(as_text=True)
    foreign = f"/alpha/programmes/{version_id}/sessions/{elsewhere}/public"
    assert owner.post(foreign, data={"public": "1"}).status_code == 404, "a date of another programme"


def test_a_cancelled_date_is_gone(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        session_id = shown_session(newest("alpha-1")).id
    assert "Salle 1" in client.get("/alpha/catalogue/manager-engage").get_data(as_text=True)
    with app.app_context(), inside(firm.scope):
        sessions.move(db.session.get_one(TrainingSession, (firm.id, session_id)), "cancelled", "Too few")
    assert "Salle 1" not in client.get("/alpha/catalogue/manager-engage").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "lang", "title"),
    [
        ("/alpha/catalogue/manager-engage", "fr", "Manager engagé"),
        ("/alpha/en/catalogue/manager-engage", "en", "Committed manager"),
    ],
)
def test_the_programme_is_told_to_search_engines(
    app: Flask, firm: FirmCast, client: FlaskClient, path: str, lang: str, title: str
) -> None:
    with app.app_context(), inside(firm.scope):
        shown_session(newest("alpha-1"))
    client.set_cookie("language", "en" if lang == "fr" else "fr")  # the address decides, not the browser
    page = client.get(path).get_data(as_text=True)
    assert f'<html lang="{lang}">' in page and f"<h1>{title}" in page.replace("\n", "").replace("  ", "")
    assert f'<link rel="canonical" href="http://localhost{path}">' in page
    for code, href in (
        ("fr", "/alpha/catalogue/manager-engage"),
        ("en", "/alpha/en/catalogue/manager-engage"),
        ("x-default", "/alpha/catalogue/manager-engage"),
    ):
        assert f'<link rel="alternate" hreflang="{code}" href="http://localhost{href}">' in page
    assert f'<meta property="og:title" content="{title}">' in page and 'name="robots" content="index, follow"' in page
    course = linked(page)
    assert course["@type"] == "Course" and course["name"] == title and course["url"] == f"http://localhost{path}"
    assert course["timeRequired"] == "PT14H" and course["courseCode"] == "alpha-1" and course["inLanguage"] == ["fr", "en"]
    assert course["provider"]["name"] == "Firm SARL" and course["offers"]["price"] == "1000.00"
    assert course["teaches"] == [{"fr": "Formuler un cap.", "en": "State a direction."}[lang]]
    (instance,) = course["hasCourseInstance"]
    assert instance["@type"] == "CourseInstance" and instance["courseMode"] == "onsite"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00\+0[12]:00", instance["startDate"]), "a wall-clock time in Paris"
    assert instance["location"]["address"] == "Grenoble"


def test_what_people_write_cannot_end_the_block(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    attack = '</script><script>alert(1)</script>&amp;"'
    with app.app_context(), inside(firm.scope):
        a_public_programme("ZX-1", {"fr": attack})
    listing = client.get("/alpha/catalogue").get_data(as_text=True)
    assert "<script>alert" not in listing
    assert attack in [item["name"] for item in linked(listing)["itemListElement"]]
    path = next(item["url"] for item in linked(listing)["itemListElement"] if item["name"] == attack)
    page = client.get(path.removeprefix("http://localhost")).get_data(as_text=True)
    assert "<script>alert" not in page and linked(page)["name"] == attack and html.escape(attack, quote=False)[:20] in page


def test_the_site_map_lists_every_page_in_both_languages(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    answer = client.get("/alpha/sitemap.xml")
    assert answer.mimetype == "application/xml"
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    root = ElementTree.fromstring(answer.get_data())
    pages = [entry.text for entry in root.findall("s:url/s:loc", spaces)]
    assert pages == [
        f"http://localhost/alpha{p}"
        for p in ("/catalogue", "/en/catalogue", "/catalogue/manager-engage", "/en/catalogue/manager-engage")
    ]
    for url in root.findall("s:url", spaces):
        assert {link.get("hreflang") for link in url.findall("x:link", spaces)} == {"fr", "en"}
    for page in pages:
        assert client.get(str(page).removeprefix("http://localhost")).status_code == 200


def test_the_law_is_said(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    for path in PAGES[:4]:
        page = client.get(path).get_data(as_text=True)
        assert "Déclaration d’activité enregistrée sous le numéro 84 38 1 auprès du préfet de région ARA." in page
        assert "Cet enregistrement ne vaut pas agrément de l’État." in page
        assert "mailto:hello@firm.example" in page and "Firm SARL" in page
        assert "FR7630006000011234567890189" not in page


def test_a_page_costs_the_same_for_few_and_for_many(app: Flask, firm: FirmCast, client: FlaskClient) -> None:
    paths = ("/alpha/catalogue", "/alpha/en/catalogue?q=ENGAGE", "/alpha/catalogue/manager-engage", "/alpha/sitemap.xml")

    def cost() -> list[int]:
        numbers = []
        for path in paths:
            with counted(app) as seen:
                assert client.get(path).status_code == 200
            numbers.append(len(seen))
        return numbers

    few = cost()
    with app.app_context(), inside(firm.scope):
        for n in range(40):
            shown_session(a_public_programme(f"ZX-{n}", {"fr": f"Manager engagé {n}"}))
    assert cost() == few and max(few) <= 5
    assert 'href="/alpha/catalogue/manager-engage-30"' not in client.get("/alpha/catalogue").get_data(as_text=True)
    second = client.get("/alpha/catalogue?page=2").get_data(as_text=True)
    assert 'rel="canonical" href="http://localhost/alpha/catalogue?page=2"' in second


@pytest.mark.parametrize(
    ("search", "found"), [("ENGAGÈ", True), ("seen", False), ("summary told", True), ("alpha-1", True), ("a' OR 1=1", False)]
)
def test_search_ignores_accents(app: Flask, firm: FirmCast, client: FlaskClient, search: str, found: bool) -> None:
    page = client.get("/alpha/catalogue", query_string={"q": search}).get_data(as_text=True)
    assert ("/alpha/catalogue/manager-engage" in page) is found


def test_a_publication_waits_for_what_the_public_must_be_told(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    owner = signed_in("owner@alpha.example")
    with app.app_context(), inside(firm.scope):
        said = wording("Zig zag")
        del said.texts["prerequisites"], said.texts["access"]
        version_id = programmes.create("ZX-1", said).id
        programmes.show_to(newest("ZX-1"), "public")
    page = owner.post(f"/alpha/programmes/{version_id}/publish", follow_redirects=True).get_data(as_text=True)
    assert "Prerequisites, Access terms and delays" in page
    page = owner.get(f"/alpha/programmes/{version_id}").get_data(as_text=True)
    assert f'href="/alpha/programmes/{version_id}/edit#prerequisites_fr"' in page
    with app.app_context(), inside(firm.scope):
        assert newest("ZX-1").published_at is None
        programmes.show_to(newest("ZX-1"), "offered")
        versions.publish(newest("ZX-1"))
    answer = owner.post(f"/alpha/programmes/{version_id}/visibility", data={"visibility": "public"})
    assert answer.status_code == 422 and "Prerequisites" in answer.get_data(as_text=True)


@pytest.mark.parametrize("code", ["fr", "en"])
def test_the_pdf_says_what_the_page_says(app: Flask, firm: FirmCast, signed_in: Enter, code: str) -> None:
    company = firm.companies[0]
    prefix = "/alpha/en/catalogue" if code == "en" else "/alpha/catalogue"
    with app.app_context(), inside(firm.scope):
        version_id = newest("alpha-1").id
    paths = {
        "": f"{prefix}/manager-engage/programme.pdf", "accountant@alpha.example": f"/alpha/programmes/{version_id}/programme.pdf?lang={code}",
        "participant@alpha-a.example": f"/alpha/w/alpha-a/programmes/{company.ids['offer_id']}/programme.pdf?lang={code}",
    }  # fmt: skip
    for who, path in paths.items():
        answer = signed_in(who).get(path)
        assert answer.mimetype == "application/pdf" and answer.get_data().startswith(b"%PDF")
        reader = PdfReader(io.BytesIO(answer.get_data()))
        page = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
        assert "ne vaut pas agrément de l’État" in page and "84 38 1" in page
        assert {"fr": "Version 1 du", "en": "Version 1 of"}[code] in page
        if who != "participant@alpha-a.example":
            assert reader.metadata and reader.metadata.title == {"fr": "Manager engagé", "en": "Committed manager"}[code]
            wanted = {"fr": ("prerequisites dit", "Formuler un cap.", "1 000,00 €", "Redire", "2 jours, 14 h", "Prérequis"),
                      "en": ("prerequisites told", "State a direction.", "€1,000.00", "Say again", "2 days, 14 h", "Prerequisites")}[code]  # fmt: skip
            assert all(words in page for words in wanted), page
        else:
            assert {"fr": "1 000,00 € par place", "en": "€1,000.00 per seat"}[code] in page.replace("\u00a0", " "), (
                "this client's price"
            )


def test_the_pdf_carries_the_logo_and_marks_a_draft(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    owner = signed_in("owner@alpha.example")
    with app.app_context(), inside(firm.scope):
        firm_commands.brand("#0057b8", (PICTURE, ".png"))
        version_id = programmes.create("ZX-1", wording()).id
    reader = PdfReader(io.BytesIO(owner.get(f"/alpha/programmes/{version_id}/programme.pdf").get_data()))
    assert len(reader.pages[0].images) == 1 and "Draft" in reader.pages[0].extract_text()


def test_the_clients_of_a_firm_are_no_part_of_it(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), pytest.raises(DBAPIError), inside(Scope.public(firm.id)):
        db.session.scalars(select(Workspace)).all()

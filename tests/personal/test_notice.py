"""The privacy page says what is so: each figure is the registry's, each cookie is set, each service is in the settings."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.app import create_app
from saas.config import Settings
from saas.identity import entering
from saas.kit.i18n import reader_in
from saas.kit.personal import REGISTRY
from saas.kit.retention import KEPT
from saas.privacy import notice
from tests.cast import World

SignedIn = Callable[[str], FlaskClient]


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("path", "lang"), [("/alpha/privacy", "fr"), ("/alpha/en/privacy", "en")])
def test_each_figure_is_the_registrys(app: Flask, world: World, client: FlaskClient, path: str, lang: str) -> None:
    said = text_of(client.get(path).get_data(as_text=True))
    with app.test_request_context("/"), reader_in(lang):
        for entry in KEPT.values():
            line = f"{entry.label} {entry.said()} {entry.since} {entry.why}".replace("\u00a0", " ").replace("\u202f", " ")
            assert line in said, line
        for part in REGISTRY.parts:
            line = f"{part.title} {part.what} {part.why} {notice.BASES[part.basis]}".replace("\u00a0", " ").replace("\u202f", " ")
            assert line in said, line
        assert len(re.findall(r"<tr>", client.get(path).get_data(as_text=True))) == (
            len(KEPT) + len(REGISTRY.parts) + len(notice.cookies(app.config)) + 4
        ), "a row each, and the heads of four tables"


def test_a_figure_that_changes_changes_the_page(
    app: Flask, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KEPT, "mails", replace(KEPT["mails"], months=7))
    assert "Log of mails 7 months after the mail" in text_of(client.get("/alpha/en/privacy").get_data(as_text=True))


def test_the_firm_says_for_how_long_it_keeps_its_proofs_and_whom_to_ask(
    world: World, client: FlaskClient, signed_in: SignedIn
) -> None:
    assert "Attendance sheets and certificates 6 years" in text_of(client.get("/alpha/en/privacy").get_data(as_text=True))
    profile = {"legal_name": "Alpha Legal", "email": "hello@alpha.example", "street": "1 rue", "postcode": "38000", "city": "Grenoble",
               "privacy_contact": "dpo@alpha.example", "evidence_years": "10"}  # fmt: skip
    owner = signed_in("owner@alpha.example")
    assert owner.post("/alpha/settings/identity", data={**profile, "privacy_contact": "nobody"}).status_code == 422
    assert owner.post("/alpha/settings/identity", data=profile).status_code == 303
    said = text_of(client.get("/alpha/en/privacy").get_data(as_text=True))
    assert "Attendance sheets and certificates 10 years" in said and "dpo@alpha.example" in said and "Alpha Legal" in said
    assert "hello@alpha.example" not in said


def test_everybody_gets_the_same_bytes_and_no_cookie(
    app: Flask, world: World, client: FlaskClient, signed_in: SignedIn, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    """With the catalogue closed as well."""
    superuser.execute("UPDATE firm_profile SET is_catalogue_public = false")
    strangers, staff = client.get("/alpha/privacy"), signed_in("owner@alpha.example").get("/alpha/privacy")
    assert strangers.status_code == 200 and strangers.get_data() == staff.get_data()
    assert "Set-Cookie" not in strangers.headers and strangers.headers["Cache-Control"].startswith("public")
    again = client.get("/alpha/privacy", headers={"If-None-Match": strangers.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/never-was/privacy").status_code == 404


@pytest.mark.parametrize(
    "who", ["participant@alpha-a.example", "sponsor@alpha-a.example", "hr@alpha-a.example", "owner@alpha.example"]
)
def test_a_clients_people_read_it_among_their_own_pages(world: World, signed_in: SignedIn, who: str) -> None:
    page = signed_in(who).get("/alpha/w/alpha-a/privacy")
    assert page.status_code == 200 and "Firm SARL" in page.get_data(as_text=True)


def test_every_cookie_that_is_set_is_named(app: Flask, world: World, client: FlaskClient) -> None:
    named = {cookie.name for cookie in _cookies(app)}
    client.post("/-/language", data={"language": "en"})
    client.get("/-/sign-in")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client.get("/-/sign-in")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    set_ = {cookie.key: cookie for cookie in client._cookies.values()}
    lives = {cookie.name: cookie.life for cookie in _cookies(app)}
    assert set_["language"].max_age == entering.YEAR and lives["language"] == "365 days"
    assert set(set_) <= named
    assert named == {app.config["SIGN_IN_COOKIE"], app.config["SESSION_COOKIE_NAME"], app.config["BROWSER_COOKIE"], "language"}


def _cookies(app: Flask) -> list[notice.Cookie]:
    with app.test_request_context("/"), reader_in("en"):
        return notice.cookies(app.config)


def test_outside_services_are_those_of_the_settings(app: Flask, settings: Settings) -> None:
    with app.test_request_context("/"):
        assert notice.services(app.config) == [], "the sandbox is no outside service"
    real = create_app(replace(settings, mail_url="smtp://u:secret@mail.example:587", stripe_url=""))
    with real.test_request_context("/"), reader_in("en"):
        found = notice.services(real.config)
    assert [who for _what, who in found] == ["mail.example", "Stripe Payments Europe Ltd, Ireland"]
    assert "secret" not in str(found)

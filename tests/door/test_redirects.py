"""Nobody is sent to another site, and no mail and no page takes its address from what a request claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saas.kit.errors import back
from saas.kit.mail import mailbox
from saas.kit.requests import safe_path
from tenants.queue import connection
from tests.cast import World
from tests.conftest import ROOT
from tests.identity.support import digits_of, link_of, mail

Sign = Callable[[str], FlaskClient]
HR = "hr@alpha-a.example"
PAYLOADS = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example",
    "https://evil.example", "http://evil.example/x", "HTTPS://evil.example", "https:evil.example", "http:/\\evil.example", "https:///evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example/%2e%2e", "//evil.example\\@localhost",
    "http://localhost@evil.example", "http://localhost.evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
    "/\r\nLocation: https://evil.example", "/\x00/evil.example", " //evil.example", "evil.example", "//[::1]", "/\u2028/evil.example",
    "//localhost/x", "ftp://evil.example",
)  # fmt: skip


def leads_off(location: str) -> bool:
    """Whether a browser on one of our pages would leave, as browsers resolve addresses (WHATWG URL: \\ is /, controls go)."""
    plain = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    return urlsplit(urljoin("http://localhost/-/sign-in", plain)).netloc != "localhost" or not plain.startswith(
        ("/", "http://localhost/")
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_is_a_path_of_ours(payload: str) -> None:
    assert safe_path(payload) == ""


def test_paths_of_ours_are() -> None:
    for path in ("/", "/alpha/", "/alpha/w/a/people?page=2", "/-/account", "/alpha/x?next=//y", "/é"):
        assert safe_path(path) == path
    assert safe_path(None) == safe_path("") == "" and len(PAYLOADS) >= 30


def signing_in(app: Flask, payload: str) -> Iterator[TestResponse]:
    """By code and by link."""
    with app.app_context():
        connection().flushdb()  # so that no limit is met
        for letter in mailbox().glob("*.eml"):
            letter.unlink()
    asks = app.test_client()
    asks.post("/-/sign-in", data={"email": HR, "next": payload})
    yield asks.post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))})
    asks.post("/-/sign-in", data={"email": HR, "next": payload})
    yield app.test_client().post(link_of(mail(app, HR)))


def going_on(browser: FlaskClient, payload: str) -> Iterator[TestResponse]:
    """For somebody who is in: the language, the second factor, proving again."""
    yield browser.post("/-/language", data={"language": "fr", "next": payload})
    yield browser.get("/-/factor", query_string={"next": payload})
    yield browser.post("/-/again/code", data={"next": payload})


def test_every_way_on_stays_with_us(app: Flask, world: World, signed_in: Sign) -> None:
    browser, tried = signed_in(HR), 0
    for number, payload in enumerate(PAYLOADS):
        ways = [*going_on(browser, payload), *(signing_in(app, payload) if number % 5 == 0 else ())]
        for answer in ways:
            location = answer.headers["Location"]
            assert answer.status_code == 303 and not leads_off(location), (payload, location)
            assert "evil" not in location, (payload, location)
            tried += 1
        for page in ("/-/sign-in", "/-/sign-in/password", "/-/again"):
            body = browser.get(page, query_string={"next": payload}).get_data(as_text=True)
            kept = re.findall(r'name="next"[^>]*value="([^"]*)"', body)
            assert kept and not [value for value in kept if leads_off(unescape(value) or "/")], (payload, page, kept)
    assert tried > 3 * len(PAYLOADS)


def test_the_referrer_leads_nowhere_else(app: Flask) -> None:
    for referrer in (
        *PAYLOADS,
        "http://localhost//evil.example/x",
        "http://evil.example/alpha/",
        "http://localhost\\@evil.example/",
    ):
        with app.test_request_context("/", headers={"Referer": re.sub(r"[\r\n]", "", referrer)}):
            assert not leads_off(urljoin("/", back("/fallback"))), referrer
    with app.test_request_context("/", headers={"Referer": "http://localhost/alpha/clients?page=2"}):
        assert back() == "/alpha/clients?page=2"


def test_a_path_of_slashes_is_answered_by_us(client: FlaskClient, world: World) -> None:
    for path in (
        "//evil.example/",
        "//evil.example/-/sign-in",
        "/alpha//evil.example",
        "/-//evil.example",
        "//-/sign-in",
        "/%5Cevil.example",
    ):
        answer = client.get(path)
        assert answer.status_code in (200, 303, 308, 400, 404)
        assert not leads_off(answer.headers.get("Location", "/")), (path, answer.headers.get("Location"))


def test_no_answer_redirects_by_a_header_of_htmx() -> None:
    """Were one to, it would have to build it with safe_path; there is none."""
    users = [p for p in (ROOT / "saas").rglob("*.py") if re.search(r"HX-(Redirect|Location|Push-Url|Replace-Url)", p.read_text())]
    assert users == [], f"{users}: build the address with saas.kit.requests.safe_path, and say so here"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:81", "evil.example:80", "", "localhost@evil.example"]
)
def test_an_unknown_host_gets_nothing(client: FlaskClient, host: str) -> None:
    answer = client.post("/-/sign-in", data={"email": HR}, headers={"Host": host})
    assert answer.status_code == 400 and "Set-Cookie" not in answer.headers


def test_mails_take_their_addresses_from_the_settings(app: Flask, world: World, client: FlaskClient) -> None:
    lies = {
        "X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "X-Forwarded-Server": "evil.example", "Forwarded": "host=evil.example",
        "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "gopher",
    }  # fmt: skip
    answer = client.post("/-/sign-in", data={"email": HR}, headers=lies)
    text = mail(app, HR)
    assert answer.status_code == 303 and link_of(text) and "evil" not in text and "gopher" not in text
    assert "evil" not in client.get("/-/sign-in", headers=lies).get_data(as_text=True)

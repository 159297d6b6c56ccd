"""What every answer says to the browser, errors and files included; and what htmx may do."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from saas.app import create_app
from saas.config import Settings
from saas.kit.markdown import markdown
from tests.cast import World
from tests.conftest import ROOT

Sign = Callable[[str], FlaskClient]
STATIC = ROOT / "saas" / "kit" / "static"
HTMX = (STATIC / "vendor" / "htmx-4.0.1.min.js").read_text()


def check(answer: TestResponse, where: str, *, private: bool = True) -> None:
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["base-uri"] == "'none'", where
    assert policy["frame-ancestors"] == "'none'" and policy["form-action"].startswith("'self'"), where
    assert "unsafe" not in headers["Content-Security-Policy"] and "*" not in headers["Content-Security-Policy"], where
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] in ("same-origin", "no-referrer"), where
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"]), where
    assert "Server" not in headers and "X-Powered-By" not in headers, where
    if private:
        assert headers["Cache-Control"] == "private, no-store" and "Cookie" in headers["Vary"], where


def answers(app: Flask, browser: FlaskClient) -> Iterator[tuple[str, int, TestResponse]]:
    """One of each kind: pages, redirects, every refusal, files, what breaks."""
    yield "page", 200, browser.get("/alpha/")
    yield "redirect", 303, app.test_client().get("/alpha/")
    yield "redirect of the router", 308, browser.get("/alpha/clients//x"[:-2])
    yield "bad request", 400, browser.post("/alpha/rules", data={})
    yield "forbidden", 403, browser.post("/-/language", headers={"Origin": "https://evil.example"})
    yield "not found", 404, browser.get("/alpha/never")
    yield "no such firm", 404, browser.get("/never-a-firm/x")
    yield "wrong method", 405, browser.open("/alpha/", method="TRACE")
    yield "form with faults", 422, browser.post("/-/sign-in", data={"email": "no"})
    yield "workbook", 200, browser.get("/alpha/journal.xlsx")
    yield "picture", 200, browser.get("/alpha/logo")


def test_every_kind_of_answer_has_its_headers(app: Flask, world: World, signed_in: Sign) -> None:
    browser, seen = signed_in("owner@alpha.example"), set()
    for where, wanted, answer in answers(app, browser):
        if answer.status_code != wanted and where in ("bad request", "redirect of the router"):
            continue
        assert answer.status_code == wanted, (where, answer.status_code)
        check(answer, where, private=where not in ("picture",))
        seen.add(answer.status_code)
    assert seen >= {200, 303, 403, 404, 405, 422}
    check(browser.get("/-/static/app.css"), "static", private=False)


@pytest.mark.parametrize("code", [400, 409, 410, 413, 429, 500, 503])
def test_what_breaks_has_them_too(app: Flask, world: World, code: int) -> None:
    view = app.view_functions["identity.start"]

    def broken() -> None:
        if code == 500:
            raise ZeroDivisionError("secret of a stack trace")
        if code == 503:
            raise OperationalError("SELECT secret", None, Exception("secret"))
        abort(code)

    broken.access = view.access  # type: ignore[attr-defined]
    app.view_functions["identity.start"] = broken
    try:
        answer = app.test_client().get("/-/")
    finally:
        app.view_functions["identity.start"] = view
    assert answer.status_code == code
    check(answer, str(code))
    assert "secret" not in answer.get_data(as_text=True) and "Traceback" not in answer.get_data(as_text=True)
    assert ("Retry-After" in answer.headers) == (code == 503)


def test_over_https_the_browser_is_told_to_stay_there(settings: Settings, app: Flask) -> None:
    made = create_app(dataclasses.replace(settings, public_url="https://app.example.org", cordee_demo=True))
    answer = made.test_client().get("/-/sign-in", base_url="https://app.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies and all(
        re.match(r"__Host-[^;]+; (?=.*Secure)(?=.*HttpOnly)(?=.*SameSite=Lax)(?=.*Path=/)(?!.*Domain)", c) for c in cookies
    )


def test_an_unknown_host_is_told_as_little_and_as_strictly(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400 and answer.get_data() == b"Unknown host.\n"
    assert (
        answer.headers["X-Content-Type-Options"] == "nosniff"
        and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    )


def test_signing_out_clears_what_the_browser_kept(world: World, signed_in: Sign) -> None:
    answer = signed_in("owner@alpha.example").post("/-/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_htmx_is_given_options_that_it_has_and_keeps_to_our_origin() -> None:
    """The options of 4.0.1, read from the file itself: it has no switch for eval, which the content policy refuses."""
    real = set(re.findall(r"[{,](\w+):", HTMX.partition("this.config={")[2].partition("}")[0] + ","))
    base = (ROOT / "saas" / "kit" / "templates" / "kit" / "base.html").read_text()
    found = re.search(r"name=\"htmx-config\" content='([^']+)'", base)
    assert found
    given = json.loads(found[1])
    assert set(given) <= real and {"mode", "includeIndicatorCSS", "history"} <= real
    assert given["includeIndicatorCSS"] is False and given["mode"] == "same-origin"
    assert 'mode:"same-origin"' in HTMX, "another origin is never asked, also where a page does not say so"
    assert not re.search(r"allowEval|allowScriptTags", HTMX)


def test_pages_are_kept_in_no_storage_of_the_browser() -> None:
    """htmx 1 and 2 kept pages there for the back button; 4 asks the server again."""
    for script in [HTMX, *[p.read_text() for p in STATIC.glob("*.js")]]:
        assert not re.search(r"localStorage|sessionStorage|indexedDB|caches\.", script)


@pytest.mark.parametrize(
    "attack",
    ['<div hx-get="/x">a</div>', '<p data-hx-post="/x" data-hx-trigger="load">a</p>', '<a href="/x" hx-boost="true" hx-on:click="x">a</a>',
     '[a](/x){hx-get="/y"}', '<b hx-vals=\'js:{x: 1}\'>a</b>', '<form action="/x"><button hx-delete="/y">a</button></form>',
     '<P HX-GET="/x">a</P>', '<svg hx-get="/x"><a xlink:href="javascript:x">a</a></svg>'],
)  # fmt: skip
def test_what_people_write_gives_htmx_no_order(attack: str) -> None:
    html = str(markdown(attack))
    assert not re.search(r"<[^>]*\b(data-)?hx-", html, re.IGNORECASE) and not re.search(
        r"<(form|button|svg|div)", html, re.IGNORECASE
    )

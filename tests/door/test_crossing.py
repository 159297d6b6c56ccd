"""Nothing changes because another site asked, and nothing changes because somebody looked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.kit.crossing import comes_from_us
from tests.cast import World
from tests.door.digests import differing, digests
from tests.house.test_pages import everybody_who_may
from tests.house.test_pseudo import addresses

Connection = psycopg.Connection[tuple[object, ...]]
Sign = Callable[[str], FlaskClient]
# Who may send without a page of ours: each proves who it is in another way (a signature, a key, a signed token).
FROM_ELSEWHERE = {"webhook.receive", "stripe_sandbox.create", "idp.token", "sso.logout"}
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
ATTACKS = {
    "no token": ({}, None, 400),
    "the token of another browser": ({}, "another", 400),
    "wrong Origin": ({"Origin": "https://evil.example"}, "own", 403),
    "Origin with our name in it": ({"Origin": "http://localhost.evil.example"}, "own", 403),
    "Origin null": ({"Origin": "null"}, "own", 403),
    "cross-site": ({"Sec-Fetch-Site": "cross-site"}, "own", 403),
    "same-site": ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, "own", 403),
    "cross-site with our Origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, "own", 403),
}


@contextmanager
def with_tokens(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        yield
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def token_of(browser: FlaskClient) -> str:
    found = TOKEN.search(browser.get("/-/not-found").get_data(as_text=True))
    assert found
    return found[1]


def test_no_post_of_another_site_changes_anything(app: Flask, world: World, signed_in: Sign, superuser: Connection) -> None:
    """Every POST of the url map, each with eight faults."""
    browsers: dict[str, tuple[FlaskClient, str]] = {}
    faults, tried = [], 0
    with with_tokens(app):
        another = token_of(signed_in("owner@beta.example"))
        targets = [t for t in addresses(app, world, "POST") if t[0].endpoint not in FROM_ELSEWHERE]
        for rule, _path in targets:
            who = everybody_who_may(rule.endpoint)
            if who not in browsers:
                browsers[who] = (browser := signed_in(who), token_of(browser))
        before = digests(superuser)
        for rule, path in targets:
            browser, own = browsers[everybody_who_may(rule.endpoint)]
            for name, (headers, token, wanted) in ATTACKS.items():
                data = {"csrf_token": {"own": own, "another": another}[token]} if token else {}
                status = browser.post(path, data={"name": "x", "answer": "yes", **data}, headers=headers).status_code
                tried += 1
                if status != wanted and not (wanted == 400 and status == 403):
                    faults.append((name, rule.rule, status))
    assert not faults, faults
    assert not differing(before, digests(superuser)) and tried > 800


def test_what_others_may_send_is_a_short_list(app: Flask) -> None:
    assert app.config["FROM_ELSEWHERE"] == FROM_ELSEWHERE, "whoever adds one says here what proves who sent it"


def test_a_page_of_ours_is_let_through(app: Flask, world: World, signed_in: Sign) -> None:
    """The test above can fail: with its own token and nothing wrong, the same browser is heard."""
    with with_tokens(app):
        browser = signed_in("owner@alpha.example")
        token = token_of(browser)
        for headers in ({}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
            answer = browser.post("/-/language", data={"csrf_token": token, "language": "fr"}, headers=headers)
            assert answer.status_code == 303, headers


def test_whoever_is_turned_away_is_told_why(app: Flask, world: World, signed_in: Sign) -> None:
    answer = signed_in("owner@alpha.example").post("/-/language", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and "Another site sent this request" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("site", "origin", "ours"),
    [
        (None, None, True), ("same-origin", "http://us", True), ("none", None, True), ("same-origin", "null", True),
        (None, "null", False), ("none", "null", False), ("cross-site", None, False), ("same-site", "http://us", False),
        ("same-origin", "http://evil", False), (None, "https://us", False), ("", None, False), ("SAME-ORIGIN", None, False),
    ],
)  # fmt: skip
def test_what_a_browser_says_of_where_it_comes_from(site: str | None, origin: str | None, ours: bool) -> None:
    assert comes_from_us(site, origin, frozenset({"http://us"})) is ours


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_spoken_here(world: World, client: FlaskClient, signed_in: Sign, method: str) -> None:
    for browser in (client, signed_in("owner@alpha.example")):
        for path in ("/-/sign-in", "/alpha/", "/alpha/w/alpha-a/people", "/alpha/never"):
            assert browser.open(path, method=method).status_code == 405


def test_looking_changes_nothing(app: Flask, world: World, signed_in: Sign, superuser: Connection) -> None:
    """Every GET and HEAD of the url map, as who may open it."""
    browsers: dict[str, FlaskClient] = {}
    pages = list(addresses(app, world, "GET"))
    for rule, _path in pages:
        who = everybody_who_may(rule.endpoint)
        browsers.setdefault(who, signed_in(who))
    first = before = digests(superuser)
    for rule, path in pages:
        for method in ("GET", "HEAD"):
            browsers[everybody_who_may(rule.endpoint)].open(path, method=method).close()
    if not differing(first, digests(superuser)):
        return
    faults, before = [], digests(superuser)
    for rule, path in pages:  # once more, to say which
        browsers[everybody_who_may(rule.endpoint)].open(path, method="HEAD").close()
        if changed := differing(before, after := digests(superuser)):
            faults.append((rule.rule, changed))
            before = after
    pytest.fail(f"{differing(first, before)} changed: {faults or 'at the first look alone'}")

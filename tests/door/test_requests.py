"""The number of a request and the network it came from: ours to say, nobody's to claim."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from saas.app import create_app
from saas.config import Settings
from saas.kit.requests import subscriber
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
NUMBER = re.compile(r"[0-9a-f]{32}")


def test_every_answer_has_a_number_of_its_own_and_takes_nobodys(client: FlaskClient, world: World) -> None:
    seen = set()
    for path in ("/-/sign-in", "/-/sign-in", "/alpha/", "/-/static/app.css", "/never/x"):
        answer = client.get(path, headers={"X-Request-ID": "a" * 32, "Request-Id": "a" * 32, "X-Correlation-ID": "a" * 32})
        number = answer.headers["X-Request-ID"]
        assert NUMBER.fullmatch(number) and number != "a" * 32
        seen.add(number)
    assert len(seen) == 5


def test_an_error_page_says_its_number(app: Flask, world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    answer = signed_in("owner@alpha.example").get("/alpha/never")
    assert answer.status_code == 404 and answer.headers["X-Request-ID"] in answer.get_data(as_text=True)


def test_a_broken_page_and_its_log_line_say_the_same_number(app: Flask, world: World, log_lines: io.StringIO) -> None:
    class Silent:
        """A view without @open_to in place of a real one: it answers 500 and writes a line."""

    view = app.view_functions["identity.start"]
    app.view_functions["identity.start"] = lambda: Silent.__doc__
    try:
        answer = app.test_client().get("/-/")
    finally:
        app.view_functions["identity.start"] = view
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 500 and number in answer.get_data(as_text=True)
    assert [line["request"] for line in lines if line["event"] == "view without @open_to"] == [number]


def test_a_line_of_the_journal_keeps_number_and_network(
    world: World, signed_in: Callable[[str], FlaskClient], superuser: Connection
) -> None:
    browser = signed_in("owner@alpha.example")
    answer = browser.get("/alpha/journal.xlsx", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    row = superuser.execute("SELECT request, network FROM journal ORDER BY at DESC LIMIT 1").fetchone()
    assert row == (answer.headers["X-Request-ID"], "192.0.2.7")


@pytest.mark.parametrize(
    ("hops", "forwarded", "seen"),
    [
        (0, None, "198.51.100.9"),
        (0, "192.0.2.1", "198.51.100.9"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.66, 192.0.2.1", "192.0.2.1"),
        (1, None, "198.51.100.9"),
        (2, "203.0.113.66, 192.0.2.1, 192.0.2.2", "192.0.2.1"),
    ],
)
def test_only_the_proxies_that_are_ours_say_who_asks(
    settings: Settings, app: Flask, hops: int, forwarded: str | None, seen: str
) -> None:
    made = create_app(dataclasses.replace(settings, proxy_hops=hops))
    heard: list[str | None] = []
    made.before_request_funcs[None].insert(0, lambda: heard.append(request.remote_addr))
    headers = {"X-Forwarded-For": forwarded, "X-Real-IP": "203.0.113.1", "Forwarded": "for=203.0.113.2"}
    made.test_client().get(
        "/-/static/app.css", headers={k: v for k, v in headers.items() if v}, environ_base={"REMOTE_ADDR": "198.51.100.9"}
    )
    assert heard == [seen]


def test_a_claimed_host_changes_nothing_behind_a_proxy(settings: Settings, app: Flask) -> None:
    made = create_app(dataclasses.replace(settings, proxy_hops=1))
    hosts: list[str] = []
    made.before_request_funcs[None].insert(0, lambda: hosts.append(request.host))
    made.test_client().get("/-/static/app.css", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})
    assert hosts == ["localhost"]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"), ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("", ""), ("unix:", "unix:"),
    ],
)  # fmt: skip
def test_a_subscriber_of_ipv6_counts_as_one(address: str, counted: str) -> None:
    assert subscriber(address) == counted

"""Nobody learns who has an account: the same answer and the same work for an address that is known and for one that is not.

Time is measured by `make bench-identity`; what is held here is the work behind it, which does not depend on the machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saas.identity.commands import passwords
from tenants.scope import Scope, inside
from tests.cast import World, account_of
from tests.door.test_limits import GOOD, networks
from tests.house.test_pages import counted

WITH_PASSWORD, WITHOUT, NEVER_CAME, UNKNOWN = (
    "hr@alpha-a.example", "owner@alpha.example", "sponsor@alpha-b.example", "nobody@nowhere.example",
)  # fmt: skip
WHO = (WITH_PASSWORD, WITHOUT, NEVER_CAME, UNKNOWN)
Ask = Callable[[FlaskClient, str], TestResponse]


def by_link(browser: FlaskClient, address: str) -> TestResponse:
    return browser.post("/-/sign-in", data={"email": address, "next": "/alpha/"}, follow_redirects=True)


def by_reset(browser: FlaskClient, address: str) -> TestResponse:
    return browser.post("/-/sign-in", data={"email": address, "next": "/-/account/password"}, follow_redirects=True)


def by_password(browser: FlaskClient, address: str) -> TestResponse:
    return browser.post("/-/sign-in/password", data={"email": address, "password": "wrong one"})


def by_code(browser: FlaskClient, address: str) -> TestResponse:
    browser.post("/-/sign-in", data={"email": address})
    return browser.post("/-/sign-in/code", data={"code": "000 000"})


WAYS = {"link": by_link, "reset": by_reset, "password": by_password, "code": by_code}


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry a hash that was computed."""
    seen: list[str] = []

    class Counting(passwords.PasswordHasher):
        """Hashes as the product does, and counts."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            seen.append(str(password))
            return super().verify(hash, password)  # type: ignore[return-value]

    kept = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting(kept.time_cost, kept.memory_cost, kept.parallelism))
    return seen


@pytest.fixture
def known(app: Flask, world: World) -> World:
    with app.app_context():
        account, _owner = account_of(WITH_PASSWORD), account_of(WITHOUT)
        with inside(Scope.platform()):
            passwords.set_password(account, GOOD)
    return world


def seen(answer: TestResponse, address: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers, without what differs by chance or was typed."""
    body = answer.get_data(as_text=True).replace(address, "ADDRESS")
    for chance in (r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\b()[0-9a-f]{32}\b"):
        body = re.sub(chance, r"\1", body)
    headers = {k: v for k, v in answer.headers if k not in ("X-Request-ID", "Set-Cookie", "Content-Length")}
    return answer.status_code, body, headers


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_and_the_work_are_the_same_for_everybody(app: Flask, known: World, checks: list[str], way: str) -> None:
    answers, work, cookies = [], [], []
    for address in WHO:
        browser = app.test_client()
        browser.set_cookie("language", "en")
        with counted(app) as statements:
            answer = WAYS[way](browser, address)
        answers.append(seen(answer, address))
        cookies.append(sorted(c.partition("=")[0] for c in answer.headers.getlist("Set-Cookie")))
        work.append((len(checks), [re.sub(r"\s+", " ", sql)[:60] for sql in statements]))
        checks.clear()
    assert all(answer == answers[0] for answer in answers), [a[0] for a in answers]
    assert all(done == work[0] for done in work), work
    assert all(names == cookies[0] for names in cookies)
    assert work[0][0] == (1 if way == "password" else 0)


def test_being_held_up_tells_nothing_either(app: Flask, known: World) -> None:
    told = []
    for address in WHO:
        answers = []
        for network, _n in zip(networks(), range(7), strict=False):
            browser = app.test_client()
            browser.set_cookie("language", "en")
            data = {"email": address, "password": "wrong one"}
            answers.append(browser.post("/-/sign-in/password", data=data, environ_base={"REMOTE_ADDR": network}))
        told.append([(seen(a, address)[:2], "Retry-After" in a.headers) for a in answers])
    assert all(t == told[0] for t in told) and told[0][-1][0][0] == 429


def test_the_test_can_fail(app: Flask, known: World, monkeypatch: pytest.MonkeyPatch, checks: list[str]) -> None:
    """Without the stand-in hash, an unknown address is answered without the work."""
    matches = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda account, password: account is not None and matches(account, password))
    for address, number in ((WITH_PASSWORD, 1), (UNKNOWN, 0)):
        by_password(app.test_client(), address)
        assert len(checks) == number
        checks.clear()


def test_a_browser_that_was_let_in_once_costs_the_same_for_both(app: Flask, known: World) -> None:
    browser = app.test_client()
    assert browser.post("/-/sign-in/password", data={"email": WITH_PASSWORD, "password": GOOD}).status_code == 303
    browser.post("/-/sign-out")
    work = []
    for address in (WITHOUT, UNKNOWN):
        with counted(app) as statements:
            by_password(browser, address)
        work.append(len(statements))
    assert work[0] == work[1]


def test_an_invitation_that_never_was_is_one_that_is_not_ours(app: Flask, known: World, client: FlaskClient) -> None:
    answers = [client.get(f"/-/invitation/{token}") for token in ("none", "A" * 43, "%00", "x" * 2000)]
    assert {a.status_code for a in answers} == {404}

"""Guessing, flooding and being locked out: how often strangers may try, and that they hold up themselves alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import limits as limits_library
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import redis as counting_store
from werkzeug.test import TestResponse

from local.redis import Redis
from saas.app import create_app
from saas.config import Settings
from saas.identity.commands import passwords
from saas.kit import limits
from saas.kit.clock import now
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import connection, drain
from tenants.scope import Scope, inside
from tests.cast import World, account_of

Connection = psycopg.Connection[tuple[object, ...]]
OWNER, HR, GOOD = "owner@alpha.example", "hr@alpha-a.example", "a long sentence of mine"


@dataclasses.dataclass
class Clock:
    """A clock that tests move."""

    at: float = dataclasses.field(default_factory=lambda: now().timestamp())

    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.at, dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Limits go by this clock, the product's waits and the library's windows."""
    moved = Clock()
    monkeypatch.setattr(limits, "now", moved.now)
    monkeypatch.setattr(counting_store, "time", SimpleNamespace(time=lambda: moved.at))
    return moved


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed to be compared."""
    seen: list[str] = []
    check = passwords._matches

    def counted(account: object, password: str) -> bool:
        seen.append(password)
        return check(account, password)  # type: ignore[arg-type]

    monkeypatch.setattr(passwords, "_matches", counted)
    return seen


@pytest.fixture
def with_password(app: Flask, world: World) -> World:
    with app.app_context():
        account = account_of(HR)
        with inside(Scope.platform()):
            passwords.set_password(account, GOOD)
    return world


def tries(
    browser: FlaskClient, password: str, network: str = "192.0.2.1", address: str = HR, next_page: str = ""
) -> TestResponse:
    data = {"email": address, "password": password, "next": next_page}
    return browser.post("/-/sign-in/password", data=data, environ_base={"REMOTE_ADDR": network})


def networks() -> Iterator[str]:
    return (f"198.51.{n // 250}.{n % 250 + 1}" for n in range(60_000))


def test_ten_thousand_guesses_in_an_hour_reach_sixty_checks_at_most(app: Flask, empty: None, clock: Clock) -> None:
    reached = 0
    with app.app_context():
        for _n in range(10_000):
            clock.at += 0.36
            try:
                limits.guess("password", HR)
                reached += 1
            except limits.TooMany:
                continue
    assert 10 <= reached <= 60


def test_whoever_pretends_to_be_many_browsers_reaches_no_more(app: Flask, empty: None, clock: Clock) -> None:
    reached = 0
    with app.app_context():
        for n in range(1_000):
            clock.at += 3
            try:
                limits.guess("password", HR, f"browser {n}")
                reached += 1
            except limits.TooMany:
                continue
    assert reached == 60


def test_guesses_at_one_moment_count_each(app: Flask, empty: None) -> None:
    def one(_n: int) -> bool:
        with app.app_context():
            try:
                limits.guess("password", HR)
            except limits.TooMany:
                return False
            return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(64))) == limits.FREE


def test_the_wait_doubles_from_a_second_to_a_quarter_of_an_hour(app: Flask, empty: None, clock: Clock) -> None:
    waits = []
    with app.app_context():
        for _n in range(limits.FREE):
            limits.guess("password", HR)
        for _n in range(12):
            with pytest.raises(limits.TooMany) as no:
                limits.guess("password", HR)
            seconds = int(no.value.headers["Retry-After"])
            waits.append(seconds)
            clock.at += seconds
            limits.guess("password", HR)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_held_up_form_keeps_what_was_typed_and_says_when(
    app: Flask, with_password: World, checks: list[str], client: FlaskClient
) -> None:
    client.set_cookie("language", "en")
    answers = [tries(client, f"wrong {n}", network) for n, network in zip(range(8), networks(), strict=False)]
    assert [a.status_code for a in answers] == [422] * 5 + [429] * 3 and len(checks) == 5
    body = answers[-1].get_data(as_text=True)
    assert HR in body and "Too many tries." in body and 1 <= int(answers[-1].headers["Retry-After"]) <= 2


def test_the_right_password_clears_the_wrong_ones(app: Flask, with_password: World, client: FlaskClient) -> None:
    for _round in range(3):
        for network, _n in zip(networks(), range(4), strict=False):
            assert tries(app.test_client(), "wrong", network).status_code == 422
        assert tries(app.test_client(), GOOD, "203.0.113.5").status_code == 303


def let_in(app: Flask) -> FlaskClient:
    """A browser that has signed in to HR's account before, and out again."""
    browser = app.test_client()
    assert tries(browser, GOOD, "203.0.113.1").status_code == 303
    assert browser.post("/-/sign-out").status_code == 303
    return browser


def test_a_stranger_locks_nobody_out(app: Flask, with_password: World, superuser: Connection) -> None:
    own = let_in(app)
    for network, _n in zip(networks(), range(60), strict=False):
        tries(app.test_client(), "wrong", network)
    assert tries(app.test_client(), GOOD, "203.0.113.9").status_code == 429, "from a browser that nobody knows, they wait"
    assert tries(own, GOOD, "203.0.113.9").status_code == 303, "from their own they do not"
    elsewhere = app.test_client()
    answer = elsewhere.post("/-/sign-in", data={"email": HR}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 303, "and by e-mail they come in from anywhere"
    assert mails(app) == 1


def mails(app: Flask) -> int:
    """How many mails with a link HR has got."""
    with app.app_context():
        drain()
        return sum("/-/sign-in/link/" in letter.text for letter in letters(HR))


def test_a_cookie_that_was_never_let_in_is_a_strangers(app: Flask, with_password: World) -> None:
    for network, _n in zip(networks(), range(6), strict=False):
        tries(app.test_client(), "wrong", network)
    forged = app.test_client()
    forged.set_cookie(app.config["BROWSER_COOKIE"], "made-up")
    assert tries(forged, GOOD, "203.0.113.9").status_code == 429
    other = app.test_client()
    with app.app_context():
        account = account_of(OWNER)
        with inside(Scope.platform()):
            passwords.set_password(account, GOOD)
    assert tries(other, GOOD, "203.0.113.9", OWNER).status_code == 303
    assert tries(other, GOOD, "203.0.113.9").status_code == 429, "let in to another account is not let in to this one"


def test_five_mails_a_quarter_of_an_hour_and_the_same_answer_after(app: Flask, with_password: World, clock: Clock) -> None:
    own, answers = let_in(app), []
    for network, _n in zip(networks(), range(9), strict=False):
        answers.append(app.test_client().post("/-/sign-in", data={"email": HR}, environ_base={"REMOTE_ADDR": network}))
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, "/-/sign-in/code")} and mails(app) == 5
    assert own.post("/-/sign-in", data={"email": HR}).status_code == 303
    assert mails(app) == 6, "whoever asks from their own browser is not held up by those who asked for nothing"
    clock.at += 15 * 60 + 1
    app.test_client().post("/-/sign-in", data={"email": HR.upper()})
    assert mails(app) == 7


def claims(n: int) -> dict[str, str]:
    """What a client may write about where it comes from."""
    return {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"}


def test_one_network_has_thirty_guesses_a_minute_whatever_it_claims(app: Flask, world: World, clock: Clock) -> None:
    statuses = []
    for n in range(36):
        data = {"email": f"x{n}@nowhere.example", "password": "wrong"}
        answer = app.test_client().post("/-/sign-in/password", data=data, headers=claims(n))
        statuses.append(answer.status_code)
    assert statuses == [422] * 30 + [429] * 6 and int(answer.headers["Retry-After"]) <= 60
    assert app.test_client().post("/-/sign-in", data={"email": HR}).status_code == 303, "the mail stays open"
    clock.at += 61
    assert app.test_client().post("/-/sign-in/password", data={"email": HR, "password": "wrong"}).status_code == 422


def test_a_room_of_managers_joins_at_one_minute_and_a_flood_does_not(app: Flask, world: World, clock: Clock) -> None:
    """A training session begins: everybody has one address, that of the room."""
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        for _ in range(300):
            limits.from_network()
        with pytest.raises(limits.TooMany):
            limits.from_network()
    for path in ("/-/sign-in", "/-/sign-in/password", "/-/sign-in/code", "/-/sign-in/link/none", "/-/invitation/none"):
        data = {"email": HR, "password": "wrong", "code": "123456"}
        answer = app.test_client().post(path, data=data, headers=claims(1), environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert answer.status_code == 429, path
    clock.at += 61
    assert app.test_client().post("/-/sign-in", data={"email": HR}, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 303


def test_one_firms_flood_stops_no_other_firms_people_and_none_of_its_own(app: Flask, with_password: World) -> None:
    own = let_in(app)
    for network, _n in zip(networks(), range(301), strict=False):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": network}):
            limits.from_network()
            try:
                limits.for_firm("alpha")
            except limits.TooMany:
                break
    else:
        pytest.fail("a firm's flood has no end")
    data = {"email": "x@nowhere.example", "next": "/alpha/w/alpha-a/"}
    assert app.test_client().post("/-/sign-in", data=data).status_code == 429
    assert app.test_client().post("/-/sign-in", data={**data, "next": "/beta/"}).status_code == 303
    assert tries(own, GOOD, "203.0.113.9", next_page="/alpha/w/alpha-a/").status_code == 303


def test_nobody_reads_an_address_in_redis(app: Flask, with_password: World) -> None:
    for n in range(7):
        tries(app.test_client(), f"secret-{n}", "192.0.2.77", next_page="/alpha/")
    app.test_client().post("/-/sign-in", data={"email": HR})
    with app.app_context():
        store = connection()
        known = [(key, store.dump(key)) for key in store.scan_iter("*") if key.startswith((b"LIMITS", b"WAIT", b"ALARM"))]
    assert len(known) >= 5
    for secret in (HR, "hr@", "alpha", "192.0.2.77", "secret-"):
        assert not [key for key, value in known if secret.encode() in key + (value or b"")]


def test_a_storm_rings_once(app: Flask, world: World, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALARM", 4)
    for network, _n in zip(networks(), range(8), strict=False):
        app.test_client().post("/-/sign-in", data={"email": "x@nowhere.example"}, environ_base={"REMOTE_ADDR": network})
    rung = [json.loads(line) for line in log_lines.getvalue().splitlines() if "alarm" in line]
    assert [(line["level"], line["tries"]) for line in rung] == [("error", 4)]


def test_a_second_factor_is_guessed_no_more_often_and_new_browsers_do_not_help(app: Flask, world: World, clock: Clock) -> None:
    from tests.identity.support import set_up_factor

    with app.app_context():
        account = account_of(HR)
        with inside(Scope.platform()):
            passwords.set_password(account, GOOD)
    first = app.test_client()
    assert tries(first, GOOD).status_code == 303
    set_up_factor(first)
    statuses = []
    for n in range(4):
        thief = app.test_client()
        assert tries(thief, GOOD, f"198.51.100.{n}").status_code == 303
        statuses += [thief.post("/-/factor", data={"code": f"00000{m}"}).status_code for m in range(3)]
    assert statuses == [422] * 5 + [429] * 7


@pytest.mark.parametrize("path", ["/alpha/search?q=x", "/alpha/journal.xlsx"])
def test_who_is_signed_in_has_a_quota_of_what_is_dear(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(
        limits, "QUOTAS", {"search": ("3 per minute", "5 per minute"), "workbook": ("3 per minute", "5 per minute")}
    )
    owner, advisor = signed_in(OWNER), signed_in("advisor@alpha.example")
    assert [owner.get(path).status_code for _n in range(4)] == [200, 200, 200, 429]
    assert [advisor.get(path).status_code for _n in range(3)] == [200, 200, 429], "the firm's own"
    assert signed_in("owner@beta.example").get(path.replace("alpha", "beta")).status_code == 200
    assert owner.get("/alpha/").status_code == 200


@pytest.fixture
def apart(settings: Settings, app: Flask, tmp_path: Path) -> Iterator[tuple[Flask, Redis]]:
    """The product on a Redis of its own, to be killed."""
    store = Redis(tmp_path)
    store.socket.parent.mkdir(mode=0o700)
    store.start()
    made = create_app(dataclasses.replace(settings, redis_url=store.url))
    made.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield made, store
    store.stop()
    shutil.rmtree(store.socket.parent)
    with made.app_context():
        db.engine.dispose()


def test_while_redis_is_away_nobody_signs_in_and_who_is_in_goes_on(
    apart: tuple[Flask, Redis], with_password: World, signed_in: Callable[[str], FlaskClient], checks: list[str]
) -> None:
    made, store = apart
    inside_already = made.test_client()
    token = signed_in(OWNER).get_cookie(made.config["SIGN_IN_COOKIE"])
    assert token
    inside_already.set_cookie(made.config["SIGN_IN_COOKIE"], token.value)
    assert tries(made.test_client(), "wrong").status_code == 422 and len(checks) == 1
    store.stop()
    for path in ("/-/sign-in", "/-/sign-in/password", "/-/sign-in/code", "/-/sign-in/link/none", "/-/invitation/none"):
        answer = made.test_client().post(path, data={"email": HR, "password": GOOD, "code": "123456"})
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10"), path
        assert HR in answer.get_data(as_text=True) or path not in ("/-/sign-in", "/-/sign-in/password")
    assert len(checks) == 1, "nobody guesses while nobody counts"
    for path in ("/alpha/", "/alpha/search?q=x", "/alpha/journal.xlsx"):
        assert inside_already.get(path).status_code == 200, path
    store.start()
    assert tries(made.test_client(), GOOD).status_code == 303


def test_the_windows_are_those_that_were_asked_for() -> None:
    said = {
        limits.GUESSED: (30, 60),
        limits.OF_NETWORK: (300, 60),
        limits.OF_FIRM: (300, 60),
        limits.CHECKS: (60, 3600),
        limits.MAILS: (5, 900),
    }
    assert {text: (i.amount, i.get_expiry()) for text in said if (i := limits_library.parse(text))} == said

"""What is written down: every act that has words, in one line each, and never a secret."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Callable

import psycopg
import pyotp
import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from saas.kit import words
from tenants.db import db
from tenants.queue import connection
from tests.cast import World
from tests.conftest import ROOT
from tests.identity.support import digits_of, link_of, mail, secret_on

Connection = psycopg.Connection[tuple[object, ...]]
Sign = Callable[[str], FlaskClient]
HR, OWNER = "hr@alpha-a.example", "owner@alpha.example"
# Where acts have words or an example, and are not written.
TELLING = {
    "saas/kit/words.py",
    "saas/sandbox/demo/acts.py",
    "saas/workspaces/journal/families.py",
    "saas/workspaces/journal/facts.py",
}


def texts() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text in the code, and the shapes of those that are put together, as f"session.{state}"."""
    whole: set[str] = set()
    shapes: list[re.Pattern[str]] = []
    for path in sorted((ROOT / "saas").rglob("*.py")):
        if str(path.relative_to(ROOT)) in TELLING:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "journal.note"
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                parts = [re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in node.args[0].values]
                shapes.append(re.compile("".join(map(str, parts))))
    return whole, shapes


def test_every_act_that_has_words_is_written_somewhere() -> None:
    whole, shapes = texts()
    never = [act for act in words.ACTS if act not in whole and not any(shape.fullmatch(act) for shape in shapes)]
    assert not never, f"{never}: write them down where they happen, or take their words away"


# Of ASVS 5.0, 16.3: what a firm must be able to look up.
EVENTS = {
    "somebody signed in": "sign_in.opened", "a device was signed out": "sign_in.ended", "a password was set": "password.changed",
    "a password was removed": "password.removed", "a second factor was set up": "factor.added", "one was removed": "factor.removed",
    "recovery codes were made": "factor.codes", "an owner asks for second factors": "firm.second_factor",
    "an owner took a factor away": "staff.factor_dropped", "staff was invited": "staff.invited", "staff's roles changed": "staff.changed",
    "staff was limited": "staff.limited", "staff was removed": "staff.removed", "somebody became HR": "member.made_hr",
    "a member's roles changed": "member.roles", "somebody was marked as gone": "member.left", "an invitation left": "invitation.sent",
    "an invitation was taken back": "invitation.revoked", "people were exported": "people.exported", "the journal was exported": "journal.exported",
    "needs were read": "needs.read", "a client was archived": "workspace.archived", "the firm's bank changed": "firm.billed",
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_what_security_asks_for_has_its_act(event: str) -> None:
    assert EVENTS[event] in words.ACTS


def places(app: Flask, superuser: Connection, log_lines: io.StringIO) -> dict[str, str]:
    """Everything that outlives a request and is read by others: logs, journal, work, mail log, Redis."""
    found = {"logs": log_lines.getvalue()}
    for table in (
        "journal",
        "outbox",
        "mail_log",
        "sign_in",
        "sign_in_code",
        "account",
        "second_factor",
        "recovery_code",
        "invitation",
    ):
        found[table] = str(superuser.execute(f"SELECT to_jsonb(t)::text FROM {table} t".encode()).fetchall())  # noqa: S608
    with app.app_context():
        store = connection()
        found["redis"] = str([(key, store.dump(key)) for key in store.scan_iter("*")])
    return found


def test_no_secret_is_written_anywhere(
    app: Flask,
    world: World,
    signed_in: Sign,
    superuser: Connection,
    log_lines: io.StringIO,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A canary in every secret field, and every secret that we make: typed, mailed, scanned, kept in cookies."""
    caplog.set_level("DEBUG")
    secrets: dict[str, str] = {}
    client = app.test_client()
    for field, path in (
        ("password", "/-/sign-in/password"),
        ("code", "/-/sign-in/code"),
        ("code", "/-/factor"),
        ("password", "/-/again"),
    ):
        canary = f"canary-{path.rsplit('/', 1)[1]}-{field}"
        secrets[canary] = canary
        for browser in (client, signed_in(HR)):
            browser.post(path, data={"email": HR, field: canary, "way": "password"})
    chosen = "canary of a long password sentence"
    own = signed_in(HR)
    assert own.post("/-/account/password", data={"password": chosen}).status_code == 303
    app.test_client().post("/-/sign-in/password", data={"email": HR, "password": chosen})
    key = secret_on(own.get("/-/factor/new").get_data(as_text=True))
    page = own.post("/-/factor/new", data={"code": pyotp.TOTP(key).now()}).get_data(as_text=True)
    recovery = re.findall(r"\b([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})\b", page)
    asks = app.test_client()
    asks.post("/-/sign-in", data={"email": OWNER})
    text = mail(app, OWNER)
    link = link_of(text)
    assert recovery and link
    view = app.view_functions["identity.use_link"]
    app.view_functions["identity.use_link"] = lambda token: 1 / 0
    app.view_functions["identity.use_link"].access = view.access  # type: ignore[attr-defined]
    assert app.test_client().get(link).status_code == 500, "a page that breaks with a secret in its address"
    app.view_functions["identity.use_link"] = view
    cookies = [c.value for browser in (own, asks, client) for c in browser._cookies.values() if "language" not in c.key]  # type: ignore[union-attr]
    secrets |= {
        "password": chosen, "authenticator": key, "recovery code": recovery[0], "recovery code, plain": recovery[0].replace("-", ""),
        "link": link.rsplit("/", 1)[1], "digits": digits_of(text), "our key": app.config["SECRET_KEY"], "stripe": app.config["STRIPE_SECRET_KEY"],
        **{f"cookie {n}": value for n, value in enumerate(cookies)},
    }  # fmt: skip
    kept = places(app, superuser, log_lines) | {"logs of libraries": caplog.text}
    leaks = [(what, where) for what, secret in secrets.items() for where, text in kept.items() if secret and secret in text]
    assert len(secrets) > 12 and "a page broke" in kept["logs"] and not leaks, leaks


@pytest.mark.parametrize(
    "name", ['Eve\r\n{"event": "forged"}', "Eve\nline", "Eve\rline", "Eve\u2028line", "Eve\u0085line", "Eve\x1b[2J", "Eve\x00"]
)
def test_a_name_is_one_line_of_the_log(app: Flask, log_lines: io.StringIO, name: str) -> None:
    structlog.get_logger().info("somebody", name=name)
    lines = log_lines.getvalue().splitlines()
    assert len(lines) == 1 and json.loads(lines[0])["name"] == name and "\x1b" not in lines[0]


def test_what_is_said_by_a_browser_is_one_line(app: Flask, world: World, log_lines: io.StringIO) -> None:
    view = app.view_functions["identity.start"]
    app.view_functions["identity.start"] = lambda: "open to all"
    try:
        headers = {"User-Agent": 'x\u0085{"event": "forged"}', "Accept-Language": "\u0085"}
        app.test_client().get("/-/?x=%0d%0a{%22event%22:%22forged%22}", headers=headers)
    finally:
        app.view_functions["identity.start"] = view
    assert [json.loads(line)["event"] for line in log_lines.getvalue().splitlines()] == ["view without @open_to"]
    assert db.metadata.tables

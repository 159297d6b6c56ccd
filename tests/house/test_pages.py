"""Every page answers, whole and cheap: at most eight statements of its own, as many for few rows as for many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from saas.identity.commands.people import add_member
from tenants.db import db
from tenants.scope import inside
from tests.cast import World
from tests.isolation.test_stranger import PLATFORM, path_of, rules, values_for

MOST = 8
WHO = {
    "console": "owner@alpha.example", "client": "hr@alpha-a.example", "community": "second@alpha-a.example",
    "seat": "second@alpha-a.example",
}  # fmt: skip


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements asked meanwhile, but for who_is and the prologue."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_: object) -> None:
        if "who_is" not in sql:
            seen.append(sql)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def everybody_who_may(endpoint: str) -> str:
    feature = endpoint.split(".")[0]
    if (
        feature in ("clients", "parties", "intake")
        or endpoint in ("spaces.new", "spaces.name_pilot")
        or feature
        in ("programmes", "versions", "offering", "programme_intake", "sessions", "rosters", "plans", "venues", "agendas")
        or endpoint == "attendance.countersign"
    ):
        return WHO["console"]
    if feature in ("spaces", "zones", "threads", "rituals") and endpoint not in (
        "spaces.new",
        "spaces.create",
        "spaces.name_pilot",
    ):
        return WHO["community"]
    if endpoint in ("needs.practical", "needs.by_person"):
        return WHO["console"]
    if feature in ("seats", "attendance", "certificates", "seat_feeds", "absences", "needs", "rules") or endpoint in (
        "wishes.mine",
        "me.show",
        "me.erasure",
    ):
        return WHO["seat"]
    return (
        WHO["client"]
        if feature in ("people", "imports", "links", "offers", "payments", "corrections", "erasures")
        else WHO["console"]
    )


# Pages whose thing the cast does not have: no certificate, no rendered document, no logo yet.
ABSENT = {"certificates.download", "logos.show", "invoices.document", "invoices.client_document", "own_directory.attempt"}
# Pages that lead elsewhere, and say here what is lacking first.
NOT_YET = {"directory.attempt"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_answers_with_at_most_eight_statements(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], language: str
) -> None:
    firm, company = world.firms[0], world.firms[0].companies[0]
    pages = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.rule.startswith(PLATFORM)]
    dear = []
    for rule in pages:
        browser = signed_in(everybody_who_may(rule.endpoint))
        browser.set_cookie("language", language)
        with counted(app) as seen:
            answer = browser.get(path_of(app, rule, "alpha", values_for(rule, firm, company)))
        wanted = 404 if rule.endpoint in ABSENT else 409 if rule.endpoint in NOT_YET else 200
        assert answer.status_code == wanted, (rule.rule, answer.status_code)
        answer.close()
        if len(seen) > MOST:
            dear.append((rule.rule, len(seen), seen))
    assert not dear, [(path, number) for path, number, _ in dear]
    assert rules(app)


@pytest.mark.parametrize(
    "path", ["/alpha/w/alpha-a/people", "/alpha/", "/alpha/clients", "/alpha/w/alpha-a/", "/alpha/search?q=many"]
)
def test_a_list_costs_the_same_for_few_and_for_many(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], path: str
) -> None:
    browser = signed_in("owner@alpha.example")
    with counted(app) as few:
        browser.get(path)
    with app.app_context(), inside(world.firms[0].companies[0].scope):
        for n in range(60):
            add_member("Many", f"People {n}", f"many{n}@alpha-a.example", roles=["participant"], language="fr")
    with counted(app) as many:
        assert browser.get(path).status_code == 200
    assert len(few) == len(many)


def test_a_page_needs_a_token_to_change_anything(app: Flask, world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    """Every POST but Stripe's webhook (signed) and its sandbox is refused without the form's token."""
    exempt = {"webhook.receive", "stripe_sandbox.create"}
    firm, company = world.firms[0], world.firms[0].companies[0]
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for rule in app.url_map.iter_rules():
            if "POST" not in (rule.methods or ()) or rule.endpoint in exempt or rule.rule.startswith(PLATFORM):
                continue
            browser = signed_in(everybody_who_may(rule.endpoint))
            status = browser.post(path_of(app, rule, "alpha", values_for(rule, firm, company))).status_code
            assert status in (400, 403), (rule.rule, status)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_every_answer_has_its_headers(app: Flask, world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    browser = signed_in("owner@alpha.example")
    for path in ("/alpha/", "/alpha/never", "/-/sign-in", "/-/static/app.css", "/never-a-firm/x"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"


def test_unknown_hosts_are_turned_away(client: FlaskClient) -> None:
    assert client.get("/-/sign-in", base_url="http://evil.example").status_code == 400

"""The stranger's matrix: every address, with every foreign id, as everybody whom it does not concern.

Nobody learns that another client exists: 404, the redirect to sign-in when signed out, 403 only for what one may know of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule

from tenants.db import db
from tests.cast import Company, FirmCast, World

PROBES = {"count": 0}
# Platform addresses: the same for everybody, no firm's data behind them (their own tests look at each).
PLATFORM = "/-/"
# The firm's public catalogue: the same bytes for everybody, which tests/catalogue/test_public.py looks at.
# So is its privacy page, which tests/personal/test_notice.py looks at.
PUBLIC = ("public.", "notice.public")
# Parameters whose value is not an id of the cast: example values.
WORDS = {
    "answer": "approve", "mark": "helped", "colour": "0057b8", "name": "app.css", "code": "none", "token": "none",
    "checkout_id": "none", "section": "billing", "kind": "seated", "act": "revoke", "lang": "fr", "slug": "manager-engage", "key": "01890000-0000-7000-8000-000000000000", "number": 1,
}  # fmt: skip
SEAT_ANSWERS = {"seats.answer": "accept"}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.arguments and not rule.rule.startswith(PLATFORM)]


def values_for(rule: Rule, firm: FirmCast, company: Company) -> dict[str, object]:
    """The address's parameters for one owner. Fails with what to add when a parameter is new."""
    ids = {**firm.ids, **company.ids, "workspace": company.slug}
    found: dict[str, object] = {}
    for name in rule.arguments:
        if name in ids:
            found[name] = ids[name]
        elif name in WORDS:
            found[name] = SEAT_ANSWERS.get(rule.endpoint, WORDS[name])
        else:
            pytest.fail(
                f"{rule.rule}: say in tests/cast.py which id <{name}> stands for, so that strangers try it"
                f" (or give an example in WORDS of {Path(__file__).name}, when it is no id)"
            )
    return found


def test_every_parameter_of_every_address_has_an_example(app: Flask, world: World) -> None:
    """Platform addresses too: whoever adds one says here what it is called with."""
    firm, company = world.firms[0], world.firms[0].companies[0]
    for rule in app.url_map.iter_rules():
        assert app.url_map.bind("").build(rule.endpoint, values_for(rule, firm, company))


@pytest.mark.parametrize("address", ["/w/<workspace>/riddles/<uuid:riddle_id>", "/-/riddles/<uuid:riddle_id>"])
def test_a_new_parameter_without_an_example_is_noticed(app: Flask, world: World, address: str) -> None:
    """A throw-away address, on a map of its own."""
    rule = Rule(address, endpoint="wishes.show", methods=["GET"])
    Map([rule], converters=app.url_map.converters)
    with pytest.raises(
        pytest.fail.Exception, match=r"say in tests/cast\.py which id <riddle_id> stands for, so that strangers try it"
    ):
        values_for(rule, world.firms[0], world.firms[0].companies[0])


def path_of(app: Flask, rule: Rule, firm: str, values: dict[str, object]) -> str:
    return f"/{firm}" + app.url_map.bind("").build(rule.endpoint, values)


def foreign_paths(app: Flask, world: World) -> Iterator[tuple[str, str, str]]:
    """(method, path, whose) of everything that belongs to company alpha-a, its firm, or company alpha-a through alpha-b."""
    alpha, a, b = world.firms[0], *world.firms[0].companies
    for rule in rules(app):
        if rule.endpoint.startswith(PUBLIC):
            continue
        values = values_for(rule, alpha, a)
        methods = (rule.methods or set()) & {"GET", "POST"}
        for method in sorted(methods):
            yield method, path_of(app, rule, "alpha", values), "company" if "workspace" in values else "firm"
            # One version is rightly in both catalogues.
            if "workspace" in values and len(values) > 1 and rule.endpoint != "offers.show":
                yield method, path_of(app, rule, "alpha", {**values, "workspace": b.slug}), "mixed"


def rows_of(superuser: psycopg.Connection[tuple[object, ...]], company: Company) -> str:
    """A digest of everything a company owns."""
    digest = hashlib.md5(usedforsecurity=False)
    for name, table in sorted(db.metadata.tables.items()):
        if "workspace_id" in table.c and name not in ("journal", "outbox", "mail_log"):
            rows = superuser.execute(f"SELECT t::text FROM {name} t WHERE workspace_id = %s ORDER BY 1", (company.id,)).fetchall()  # type: ignore[arg-type]
            digest.update(repr(rows).encode())
    return digest.hexdigest()


@pytest.fixture
def probe(app: Flask, world: World) -> Callable[[FlaskClient, str, str], tuple[int, str]]:
    def send(browser: FlaskClient, method: str, path: str) -> tuple[int, str]:
        answer = browser.open(path, method=method, data={"name": "x", "body": "x", "answer": "yes", "state": "cancelled"})
        PROBES["count"] += 1
        body = answer.get_data(as_text=True)
        headers = " ".join(f"{k}: {v}" for k, v in answer.headers if k != "Location")
        answer.close()
        return answer.status_code, body + headers

    return send


STRANGERS = (
    "owner@beta.example", "advisor@beta.example", "accountant@beta.example", "trainer@beta.example", "hr@beta-a.example",
    "participant@beta-b.example", "hr@alpha-b.example", "sponsor@alpha-b.example", "participant@alpha-b.example",
)  # fmt: skip


@pytest.mark.parametrize("address", STRANGERS)
def test_a_stranger_finds_nothing(
    app: Flask, world: World, address: str, signed_in: Callable[[str], FlaskClient],
    probe: Callable[[FlaskClient, str, str], tuple[int, str]], superuser: psycopg.Connection[tuple[object, ...]],
) -> None:  # fmt: skip
    target = world.firms[0].companies[0]
    before, browser, faults = rows_of(superuser, target), signed_in(address), []
    of_the_other_client = address.split("@")[1].startswith("alpha-b")
    for method, path, whose in foreign_paths(app, world):
        status, seen = probe(browser, method, path)
        # Whoever is in alpha-b may open its pages: with a's ids these answer as for ids that never were.
        allowed = {404, 403} if of_the_other_client and whose == "mixed" else {404}
        if status not in allowed or target.canary in seen:
            faults.append((method, path, status, target.canary in seen))
    assert not faults, faults
    assert rows_of(superuser, target) == before, "a stranger changed something"


def test_signed_out_every_address_answers_alike(
    app: Flask, world: World, client: FlaskClient, probe: Callable[[FlaskClient, str, str], tuple[int, str]]
) -> None:
    for method, path, _whose in foreign_paths(app, world):
        status, seen = probe(client, method, path)
        assert status == 303 and "zq-" not in seen, (method, path, status)
    assert probe(client, "GET", "/alpha/w/never-was/")[0] == 303
    assert probe(client, "GET", "/never-was/clients")[0] == 303


OWNERS = ("firm.index", "firm.section", "firm.save", "staff.", "own_directory.")
PEOPLE = ("corrections.", "erasures.", "directory.", "own_directory.")
LOWER = {
    "participant@alpha-a.example": (
        *PEOPLE,
        "letters.", "sent.", "needs.practical", "needs.by_person",
        "people.", "clients.", "parties.", "intake.", "home.firm", "home.jobs", "home.run_job_again", "home.search", "home.client_search",
        "home.switch", "home.export_clients", "invoices.", "payments.", "programmes.", "versions.", "offering.", "programme_intake.", "sessions.", "plans.", "venues.", "calendars.show", "agendas.", "feeds.",
        "rosters.", "enrolling.", "enrolments.", "swaps.", "placeholders.", "credits.", "budgets.", "ceilings.", "messages.", "wishes.index", "wishes.answer", "links.answer", "spaces.new", "spaces.create", "spaces.name_pilot", "attendance.countersign",
    ),
    "sponsor@alpha-a.example": (
        *PEOPLE,
        "letters.", "sent.", "needs.practical", "needs.by_person",
        "people.", "clients.", "parties.", "intake.", "home.search", "home.client_search", "home.switch", "home.export_clients", "invoices.", "payments.", "enrolling.", "links.answer", "rosters.",
        "sessions.", "plans.", "venues.", "calendars.show", "agendas.", "feeds.",
    ),
    "trainer@alpha.example": (
        *PEOPLE,
        "letters.", "sent.", "absences.", "needs.edit", "needs.forget", "rules.",
        "home.workspace", "home.switch", "home.export_clients", "home.client_search", "offers.", "links.", "clients.", "parties.", "intake.",
        "people.", "invoices.", "home.jobs", "home.run_job_again", "enrolling.", "spaces.new", "spaces.name_pilot", "plans.", "venues.",
        "calendars.client", "seat_feeds.", "offering.", "programme_intake.", "versions.edit", "versions.create", "versions.save",
        "versions.publish", "programmes.show_to", "programmes.retire", "programmes.discard", *OWNERS,
    ),
    "advisor@alpha.example": (*OWNERS, "erasures.", "me.", "programmes.show_catalogue", "letters.convocations"),
    "accountant@alpha.example": (
        *PEOPLE,
        *OWNERS, "trainers.", "letters.", "sent.", "absences.", "needs.", "rules.", "plans.", "venues.", "agendas.", "seat_feeds.", "offering.", "programme_intake.", "versions.edit",
        "versions.create", "versions.save", "versions.publish", "programmes.show_to", "programmes.retire", "programmes.discard",
        "programmes.show_session", "programmes.show_catalogue",
        "people.", "enrolling.", "links.answer", "clients.create", "clients.preview", "clients.settings", "clients.brand", "clients.resend",
        "clients.revoke", "clients.archive", "clients.restore", "parties.", "intake.", "spaces.new", "spaces.name_pilot",
    ),
    "hr@alpha-a.example": (
        "card.", *OWNERS, "trainers.", "letters.", "sent.of_session", "sent.watch", "sent.again", "sent.convoke_now", "needs.",
        "clients.index", "clients.create", "clients.preview", "clients.pin", "clients.settings", "clients.brand", "clients.resend", "clients.revoke",
        "clients.archive", "clients.restore", "parties.", "intake.", "home.search", "home.switch", "home.export_clients", "programmes.", "versions.", "offering.", "programme_intake.", "sessions.", "plans.", "venues.", "calendars.show", "agendas.", "feeds.", "rosters.", "home.firm", "home.jobs", "spaces.new", "spaces.create", "spaces.name_pilot",
    ),
}  # fmt: skip


@pytest.mark.parametrize("address", LOWER)
def test_lower_roles_of_the_same_house_are_refused(
    app: Flask, world: World, address: str, signed_in: Callable[[str], FlaskClient],
    probe: Callable[[FlaskClient, str, str], tuple[int, str]],
) -> None:  # fmt: skip
    firm, company = world.firms[0], world.firms[0].companies[0]
    browser, faults = signed_in(address), []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PLATFORM) or not rule.endpoint.startswith(LOWER[address]):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            status, _seen = probe(browser, method, path_of(app, rule, "alpha", values_for(rule, firm, company)))
            if status not in (403, 404):
                faults.append((method, rule.rule, status))
    assert not faults, faults


def test_a_manager_sees_nobody_elses_seat(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], probe: Callable[[FlaskClient, str, str], tuple[int, str]]
) -> None:
    company = world.firms[0].companies[0]
    browser = signed_in(company.address("participant"))
    for rule in rules(app):
        if (
            rule.endpoint.split(".")[0] in ("seats", "attendance", "certificates", "absences", "needs", "rules")
            and "enrolment_id" in rule.arguments
        ):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                status, _seen = probe(browser, method, path_of(app, rule, "alpha", values_for(rule, world.firms[0], company)))
                assert status == 404, (method, rule.rule, status)


def test_one_person_in_two_companies_keeps_them_apart(app: Flask, world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    """HR in alpha-a and participant in beta-a with one sign-in: neither opens more of the other."""
    from saas.identity.commands.people import add_member
    from tenants.scope import inside

    a, beta = world.firms[0].companies[0], world.firms[1].companies[0]
    with app.app_context(), inside(beta.scope):
        add_member("Twice", "Here", a.address("hr"), roles=["participant"], language="en")
    browser = signed_in(a.address("hr"))
    assert browser.get(f"/alpha/w/{a.slug}/people").status_code == 200
    assert browser.get(f"/beta/w/{beta.slug}/").status_code == 200
    assert browser.get(f"/beta/w/{beta.slug}/people").status_code == 403
    assert browser.get("/-/chooser").get_data(as_text=True).count('class="choice"') == 2


def test_leaving_ends_everything_at_the_next_request(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    company = world.firms[0].companies[0]
    browser = signed_in(company.address("hr"))
    assert browser.get(f"/alpha/w/{company.slug}/").status_code == 200
    superuser.execute("UPDATE member SET left_at = now() WHERE email = %s", (company.address("hr"),))
    assert browser.get(f"/alpha/w/{company.slug}/").status_code == 404


def test_a_suspended_workspace_is_closed(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    company = world.firms[0].companies[0]
    browser = signed_in(company.address("hr"))
    superuser.execute("UPDATE workspace SET state = 'suspended' WHERE id = %s", (company.id,))
    assert browser.get(f"/alpha/w/{company.slug}/").status_code == 404


def test_enough_was_tried(app: Flask, world: World) -> None:
    """The figure of the matrix: how many probes one run of the strangers makes."""
    paths = sum(1 for _ in foreign_paths(app, world))
    assert paths * (len(STRANGERS) + 1) > 1000

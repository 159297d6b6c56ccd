"""An HR limited to some sites or departments: whoever is outside is not there, whatever is asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from saas.catalogue.models import SessionLink
from saas.enrolments.commands import enrolling as enrolments
from saas.identity.commands.people import add_member
from saas.identity.models import Member
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, World
from tests.isolation.test_stranger import PLATFORM, path_of, rows_of, rules, values_for
from tests.workspaces.crowd import add, limit, the

OUTSIDE = "zo-outside"
Browser = Callable[[str], FlaskClient]
Superuser = psycopg.Connection[tuple[object, ...]]
LIMITS = ({"sites": ["Lyon"]}, {"departments": ["Achats"], "sites": []}, {"sites": ["Lyon"], "departments": ["Achats"]})


@pytest.fixture(params=LIMITS, ids=lambda given: "+".join(sorted(k for k, v in given.items() if v)))
def company(request: pytest.FixtureRequest, app: Flask, world: World, superuser: Superuser) -> Company:
    """Alpha-a: its people carry a canary and are outside; two are inside, one of them the limited HR, who asks for a seat."""
    made = world.companies[0]
    superuser.execute(
        "UPDATE member SET last_name = %(c)s, name_folded = %(c)s, department = %(c)s, job_title = %(c)s, site = %(s)s"
        " WHERE workspace_id = %(w)s",
        {"c": OUTSIDE, "w": made.id, "s": f"{OUTSIDE} site"},
    )
    superuser.execute("UPDATE member SET site = '' WHERE id = %s", (made.ids["member_id"],))  # without a site, and still outside
    with app.app_context():
        limited = add(made, "Limited", roles=["hr", "participant"], site="Lyon", department="Achats")
        made.ids["inside"] = add(made, "Inside", site="Lyon", department="Achats")
        limit(made, limited, **request.param)
        with inside(made.scope):
            link = db.session.scalars(select(SessionLink).where(SessionLink.id == made.ids["link_id"])).one()
            people = {m.first_name: m for m in db.session.scalars(select(Member))}
            enrolments.request(link, people["Participant"])
            made.ids["own"] = enrolments.enrol(link, [people["Inside"]]).seated[0].id
    return made


@pytest.fixture
def limited(company: Company, signed_in: Browser) -> FlaskClient:
    return signed_in(f"limited@{company.slug}.example")


def test_whoever_is_outside_is_not_found(
    app: Flask, world: World, company: Company, limited: FlaskClient, superuser: Superuser
) -> None:
    """Every address with a person or a seat of somebody outside answers 404, and nothing of theirs changes."""
    before, faults, tried = rows_of(superuser, company), [], 0
    for rule in rules(app):
        if "workspace" not in rule.arguments or not {"member_id", "enrolment_id"} & set(rule.arguments):
            continue
        path = path_of(app, rule, "alpha", values_for(rule, world.firms[0], company))
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = limited.open(path, method=method, data={"roles": "hr", "left_on": "2024-01-01"})
            tried += 1
            # Naming HR is not for a limited HR, whoever it is about.
            wanted = 403 if rule.endpoint == "people.roles" else 404
            if answer.status_code != wanted or OUTSIDE in answer.text:
                faults.append((method, rule.rule, answer.status_code))
    assert not faults and tried > 12, faults
    assert rows_of(superuser, company) == before


def test_no_page_shows_whoever_is_outside(app: Flask, world: World, company: Company, limited: FlaskClient) -> None:
    """Every page that a limited HR may open, lists and choices of their filters too."""
    faults, seen = [], 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PLATFORM) or "GET" not in (rule.methods or ()):
            continue
        answer = limited.get(path_of(app, rule, "alpha", values_for(rule, world.firms[0], company)))
        seen += answer.status_code == 200
        said = answer.get_data()
        if answer.mimetype.endswith("sheet"):
            cells = load_workbook(io.BytesIO(said)).active
            said = str(list(cells.iter_rows(values_only=True))).encode() if cells else b""
        if OUTSIDE.encode() in said:
            faults.append(rule.rule)
    assert not faults and seen >= 10, faults


def test_figures_are_those_of_ones_own_people(company: Company, limited: FlaskClient, signed_in: Browser) -> None:
    home = limited.get("/alpha/w/alpha-a/").text
    assert "0 requests to answer" in home.replace("\n", " ") or "0 request" in home
    assert "1 of yours" in home and "€1,000.00" in home
    whole = signed_in(company.address("hr")).get("/alpha/w/alpha-a/").text
    assert "2 of yours" in whole and "€3,000.00" in whole  # two seats, and one without a name


def test_ones_own_people_and_oneself_are_there(company: Company, limited: FlaskClient) -> None:
    assert limited.get(f"/alpha/w/alpha-a/people/{company.ids['inside']}").status_code == 200
    assert limited.get(f"/alpha/w/alpha-a/seats/{company.ids['own']}").status_code == 200
    asked = limited.post(f"/alpha/w/alpha-a/sessions/{company.ids['link_id']}/ask")
    assert asked.status_code == 303 and limited.get(asked.location).status_code == 200


def test_nobody_outside_is_enrolled_or_acted_on_by_a_list_of_ids(
    company: Company, limited: FlaskClient, superuser: Superuser
) -> None:
    outside = [str(company.ids[f"member-{role}"]) for role in ("participant", "sponsor", "hr")]
    before = rows_of(superuser, company)
    limited.post(f"/alpha/w/alpha-a/sessions/{company.ids['link_id']}/enrol", data={"member": outside})
    for act in ("invite", "change", "leave"):
        given = {"member": outside, "go": "1", "number": "0", "to-left_on": "2024-01-01", "to-site": "Lyon", "to-language": ""}
        answer = limited.post(f"/alpha/w/alpha-a/people/selected/{act}", data=given, follow_redirects=True)
        assert OUTSIDE not in answer.text
    assert rows_of(superuser, company) == before


def test_a_limited_hr_names_no_hr_and_reads_no_invoices(app: Flask, company: Company, limited: FlaskClient) -> None:
    inside_ = company.ids["inside"]
    assert limited.post(f"/alpha/w/alpha-a/people/{inside_}/roles", data={"roles": ["hr"]}).status_code == 403
    limited.post(
        "/alpha/w/alpha-a/hr",
        data={"first_name": "New", "last_name": "Hr", "email": "inside@alpha-a.example", "language": "en"},
    )
    with app.app_context():
        assert the(company, inside_)["roles"] == ["participant"]
    for path in ("invoices", f"invoices/{company.ids['invoice_id']}", f"invoices/{company.ids['invoice_id']}/document.pdf"):
        assert limited.get(f"/alpha/w/alpha-a/{path}").status_code == 403
    assert limited.post(f"/alpha/w/alpha-a/invoices/{company.ids['invoice_id']}/pay").status_code == 403
    assert "/invoices" not in limited.get("/alpha/w/alpha-a/").text


def test_a_limited_hr_adds_and_moves_people_within_the_limits(app: Flask, company: Company, limited: FlaskClient) -> None:
    person = {"first_name": "New", "last_name": "Person", "language": "en", "email": ""}
    away = limited.post("/alpha/w/alpha-a/people/new", data={**person, "site": "Metz", "department": "Ventes"})
    assert away.status_code == 422 and "Choose one of your" in away.text
    here = limited.post("/alpha/w/alpha-a/people/new", data={**person, "site": "Lyon", "department": "Achats"})
    assert here.status_code == 303
    moved = limited.post(f"{here.location}/edit", data={**person, "site": "Metz", "department": "Ventes"})
    assert moved.status_code == 422


def test_a_limited_hr_takes_no_other_hr_away(app: Flask, company: Company, limited: FlaskClient) -> None:
    with app.app_context():
        colleague = add(company, "Colleague", roles=["hr"], site="Lyon", department="Achats")
    answer = limited.post(f"/alpha/w/alpha-a/people/{colleague}/leave", data={"left_on": "2024-01-01"})
    assert answer.status_code == 422 or answer.status_code == 303
    with app.app_context():
        assert the(company, colleague)["left_at"] is None


def test_limited_here_and_participant_there_stay_apart(
    app: Flask, world: World, company: Company, limited: FlaskClient, signed_in: Browser
) -> None:
    """One account: limited HR in alpha-a, participant in alpha-b and HR of all in beta-a; no limit or right travels."""
    b, beta = world.firms[0].companies[1], world.firms[1].companies[0]
    address = f"limited@{company.slug}.example"
    for other, roles in ((b, ["participant"]), (beta, ["hr"])):
        with app.app_context(), inside(other.scope):
            add_member("Twice", "Here", address, roles=roles, language="en")
    browser = signed_in(address)
    assert browser.get("/alpha/w/alpha-b/people").status_code == 403 and browser.get("/alpha/w/alpha-b/").status_code == 200
    assert beta.canary in browser.get("/beta/w/beta-a/people").text
    assert (
        browser.get("/beta/w/beta-a/invoices").status_code == 200 and browser.get("/alpha/w/alpha-a/invoices").status_code == 403
    )
    assert OUTSIDE not in browser.get("/alpha/w/alpha-a/people").text
    chooser = browser.get("/-/chooser").text
    assert chooser.count('class="choice"') == 3 and "HR, manager" in chooser and ">manager · Twice Here" in chooser


def test_staff_who_are_limited_hr_as_well_are_not_limited(app: Flask, company: Company, signed_in: Browser) -> None:
    with app.app_context():
        member: UUID = add(company, "Owner", "Member", "owner@alpha.example", roles=["hr"])
        limit(company, member, ["Lyon"])
    assert OUTSIDE in signed_in("owner@alpha.example").get("/alpha/w/alpha-a/people").text

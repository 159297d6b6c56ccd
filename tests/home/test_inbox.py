"""The homes: what waits for whom, across clients for staff, of one client for HR, of oneself for a manager."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.models import Offer
from saas.enrolments.commands import budgets, enrolling, leaving, placeholders
from saas.enrolments.wishes import commands as wishes
from saas.kit.clock import today
from saas.workspaces.commands import staff
from saas.workspaces.messages import commands as messages
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for, own_link, person, row_of
from tests.house.test_pages import counted
from tests.isolation.test_limited_staff import the_advisor

Browser = Callable[[str], FlaskClient]


def seen(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def pressing(app: Flask, world: World, superuser: Connection) -> dict[str, UUID]:
    """One of each thing that waits, all of alpha-a's but the minimum, which is of a session open to both."""
    a = world.firms[0].companies[0]
    with app.app_context():
        low = open_for(world, 9)
        superuser.execute(
            "UPDATE session_seats SET minimum = 4, decision_on = %s WHERE id = %s", (today(), low[a.slug].session_id)
        )
        ready = open_for(world, 9, starts=dt.timedelta(days=50))[a.slug]
        enrol_all(a, ready, crowd(a, 3, "ready"))
        superuser.execute("UPDATE session_seats SET minimum = 2, decision_on = %s WHERE id = %s", (today(), ready.session_id))
        full = open_for(world, 1, starts=dt.timedelta(days=60))[a.slug]
        enrol_all(a, full, crowd(a, 3, "line"))
        near = open_for(world, 9, starts=dt.timedelta(days=8))[a.slug]
        with inside(a.scope):
            placeholders.hold(own_link(near), 2)
            offer = db.session.scalars(select(Offer)).one()
            for who in crowd_ids(a):
                wishes.wish(offer, person(who), "")
        superuser.execute("UPDATE firm_profile SET names_days = 20 WHERE firm_id = %s", (world.firms[0].id,))
        superuser.execute("UPDATE member SET refused_email = email_norm WHERE id = %s", (a.ids["member-sponsor"],))
        drain()
    return {"low": low[a.slug].session_id, "ready": ready.session_id, "full": full.session_id, "near": near.id}


def crowd_ids(company: Company) -> list[UUID]:
    return [company.ids[f"member-{role}"] for role in ("participant", "sponsor", "hr")]


LINES = (
    "“Committed manager”: 4 people short of the minimum", "“Committed manager” has its people: to confirm",
    "“Committed manager”: 2 people wait, enough for a second session", "“Committed manager”: 2 seats without a name",
    "4 people wish for “Committed manager”", "1 message to answer", "1 address sends mails back",
)  # fmt: skip


def test_staff_sees_what_waits_across_clients_and_where_to_act(
    world: World, signed_in: Browser, pressing: dict[str, UUID]
) -> None:
    owner = signed_in("owner@alpha.example")
    page = owner.get("/alpha/inbox").text
    for line in LINES:
        assert line in seen(page), line
    hrefs = set(re.findall(r'class="t" href="([^"]+)"', page))
    assert len(hrefs) >= 6
    for href in hrefs:
        assert owner.get(href.replace("&amp;", "&")).status_code == 200, href
    narrowed = seen(owner.get("/alpha/inbox?kind=second").text)
    assert LINES[2] in narrowed and LINES[0] not in narrowed


def test_each_reader_sees_what_they_may_act_on(app: Flask, world: World, signed_in: Browser, pressing: dict[str, UUID]) -> None:
    a, b = world.firms[0].companies
    accountant = seen(signed_in("accountant@alpha.example").get("/alpha/inbox").text)
    assert LINES[0] in accountant and "to answer" not in accountant and "wish for" not in accountant
    with app.app_context(), inside(world.firms[0].scope):
        staff.limit(the_advisor(), [b.id])
    limited = signed_in("advisor@alpha.example").get("/alpha/inbox").text
    assert a.canary not in limited and LINES[2] not in seen(limited) and LINES[3] not in seen(limited)
    assert LINES[0] in seen(limited)  # open to both
    assert signed_in(a.address("hr")).get("/alpha/inbox").status_code in (403, 404)


def test_the_inbox_costs_the_same_however_much_waits(
    app: Flask, world: World, signed_in: Browser, pressing: dict[str, UUID], superuser: Connection
) -> None:
    owner = signed_in("owner@alpha.example")
    for path in ("/alpha/", "/alpha/inbox"):
        with counted(app) as statements:
            assert owner.get(path).status_code == 200
        assert len(statements) <= 8, (path, len(statements))


def test_hr_sees_what_waits_and_who_to_write_to(
    app: Flask, world: World, signed_in: Browser, pressing: dict[str, UUID], superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        with inside(a.scope):
            year = today().year
            budgets.set_budget(a.id, year, 10_000_000)
            leaving.withdraw(_seated_in(pressing["full"], superuser), "")
        drain()
    superuser.execute(
        "UPDATE workspace SET advisor_id = (SELECT id FROM staff WHERE email = 'advisor@alpha.example') WHERE id = %s", (a.id,)
    )
    browser = signed_in(a.address("hr"))
    with counted(app) as statements:
        page = browser.get(f"/alpha/w/{a.slug}/").text
    assert len(statements) <= 8
    for line in ("1 seat offered to your people", "2 seats without a name", "4 wishes for programmes", "advisor@alpha.example"):
        assert line in seen(page), line
    assert "of €100,000.00" in seen(page)
    sent = browser.post(f"/alpha/w/{a.slug}/messages", data={"text": "A word"})
    assert sent.status_code == 303


def _seated_in(session_id: UUID, superuser: Connection) -> enrolling.Enrolment:
    row = superuser.execute(
        "SELECT e.id FROM enrolment e JOIN session_link l ON l.id = e.link_id WHERE l.session_id = %s AND e.state = 'seated'",
        (session_id,),
    ).fetchone()
    assert row
    return db.session.scalars(select(enrolling.Enrolment).where(enrolling.Enrolment.id == row[0])).one()


def test_a_manager_takes_an_offered_seat_from_home(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    me = a.ids["member-participant"]
    with app.app_context():
        link = open_for(world, 1)[a.slug]
        other = open_for(world, 5, starts=dt.timedelta(days=55))[a.slug]
        (first,) = crowd(a, 1)
        enrol_all(a, link, [first, me])
        with inside(a.scope):
            leaving.withdraw(row_of(link, first), "")
            enrolling.request(own_link(other), person(me))
        drain()
    browser = signed_in(a.address("participant"))
    home = f"/alpha/w/{a.slug}/"
    page = browser.get(home).text
    assert "A seat is free" in page and "Asked for" in page
    action = re.search(r'action="([^"]+/accept)"', page)
    assert action and browser.post(action[1]).status_code == 303
    page = browser.get(home).text
    assert "A seat is free" not in page and "maps/dir/?api=1&amp;destination=Grenoble" in page and "Not confirmed yet" in page


def test_messages_settled_leave_the_inbox(app: Flask, world: World, signed_in: Browser) -> None:
    a = world.firms[0].companies[0]
    owner = signed_in("owner@alpha.example")
    assert "message to answer" in seen(owner.get("/alpha/inbox").text)
    with app.app_context():
        for company in world.firms[0].companies:
            with inside(company.scope):
                messages.settle()
    assert "message to answer" not in seen(owner.get("/alpha/inbox").text) and a

"""An advisor limited to one client of the firm: the others do not exist for them, in lists, figures, forms or addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import aliased, selectinload

from saas.catalogue.commands import sessions as catalogue
from saas.catalogue.models import ProgrammeVersion, SessionLink, TrainingSession
from saas.community.queries import figures as figures_queries
from saas.identity.models import Member, Staff
from saas.workspaces.commands import staff as commands
from tenants.db import Base, db, new_id
from tenants.models import Workspace
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests import cast
from tests.cast import Company, FirmCast, World
from tests.isolation.test_stranger import PLATFORM, path_of, values_for

Superuser = psycopg.Connection[tuple[object, ...]]
ADVISOR = "advisor@alpha.example"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    """Alpha, whose advisor is limited to company a."""
    firm = world.firms[0]
    with app.app_context(), inside(firm.scope):
        commands.limit(the_advisor(), [firm.companies[0].id])
    return firm


def the_advisor() -> Staff:
    return db.session.scalars(select(Staff).where(Staff.email_norm == ADVISOR)).one()


def limited(firm: FirmCast) -> Scope:
    return Scope.firm(firm.id, frozenset({firm.companies[0].id}))


def of_workspaces() -> list[Any]:
    found = [m.class_ for m in Base.registry.mappers if hasattr(m.class_, "workspace_id")]
    return sorted(found, key=lambda c: c.__name__)


UNREAD = {
    "SignInGrant",
    "ImportRow",
    "Zone",
    "ZoneMember",
    "ZoneMandate",
    "Notice",
    "Ritual",
    "Occurrence",
    "Rsvp",
    "Thread",
    "Post",
    "MemberFeed",
}  # no firm scope reads them


@pytest.mark.parametrize("model", [m for m in of_workspaces() if m.__name__ not in UNREAD], ids=lambda m: m.__name__)
def test_no_way_of_asking_gives_another_clients_row(app: Flask, alpha: FirmCast, model: Any) -> None:
    """Rows, columns, counts of pages, unions, subqueries, aliases, joins: each form of statement that the product uses."""
    b, other = alpha.companies[1], aliased(model)
    rows = select(model)
    page = rows.subquery()
    asked = {
        "rows": select(model.workspace_id),
        "aliased": select(other.workspace_id),
        "a page's count": select(func.count(), func.array_agg(page.c.workspace_id)).select_from(page),
        "a union": union_all(select(model.workspace_id), select(model.workspace_id)),
        "a subquery": select(rows.subquery().c.workspace_id),
        "a common table": select(rows.cte().c.workspace_id),
        "exists": select(Workspace.__table__.c.id).where(
            select(model.id).where(model.workspace_id == Workspace.__table__.c.id).exists()
        ),
        "in": select(Workspace.__table__.c.id).where(Workspace.__table__.c.id.in_(select(model.workspace_id))),
        "a scalar": select(select(func.count(model.id)).where(model.workspace_id == b.id).scalar_subquery()),
    }
    with app.app_context(), inside(limited(alpha)):
        leaks = [name for name, statement in asked.items() if str(b.id) in str(db.session.execute(statement).all())]
        assert not leaks
        assert db.session.execute(asked["a scalar"]).scalar_one() == 0
        assert all(row.workspace_id != b.id for row in db.session.scalars(rows))


def test_without_the_limit_they_would_be_there(app: Flask, alpha: FirmCast) -> None:
    with app.app_context(), inside(alpha.scope):
        for model in (Member, SessionLink):
            assert alpha.companies[1].id in set(db.session.scalars(select(model.workspace_id)))


def test_links_loaded_with_a_session_are_limited_too(app: Flask, alpha: FirmCast) -> None:
    with app.app_context(), inside(limited(alpha)):
        session = db.session.scalars(select(TrainingSession).options(selectinload(TrainingSession.links))).one()
        assert {link.workspace_id for link in session.links} == {alpha.companies[0].id}
        db.session.expire(session)
        assert {link.workspace_id for link in session.links} == {alpha.companies[0].id}, "loaded when asked for"


def test_the_figures_of_communities_are_limited(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    """The functions look at the whole firm; with five people in each community, both have figures."""
    for company in alpha.companies:
        for _ in range(5):
            superuser.execute(
                "INSERT INTO zone_member (firm_id, workspace_id, id, zone_id, account_id, role, name, side)"
                " SELECT firm_id, workspace_id, %s, zone_id, %s, role, 'x', side FROM zone_member WHERE workspace_id = %s LIMIT 1",
                (new_id(), new_id(), company.id),
            )
    superuser.execute("UPDATE thread SET created_at = now() - interval '3 days', replies = 0")
    a, b = (company.id for company in alpha.companies)
    with app.app_context():
        with inside(alpha.scope):
            whole, every = figures_queries.life(), figures_queries.rhythm()
        with inside(limited(alpha)):
            life, rhythm = figures_queries.life(), figures_queries.rhythm()
    assert set(whole.rhythm) == set(whole.unanswered) == set(every) == {a, b}
    assert set(life.rhythm) == set(life.unanswered) == set(rhythm) == {a}


def firm_pages(app: Flask, alpha: FirmCast, company: Company) -> list[tuple[str, str]]:
    rules = [r for r in app.url_map.iter_rules() if not r.rule.startswith(PLATFORM) and "workspace" not in r.arguments]
    return [(r.endpoint, path_of(app, r, "alpha", values_for(r, alpha, company))) for r in rules if "GET" in (r.methods or ())]


def test_no_page_of_the_firm_names_another_client(app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]) -> None:
    """Clients, home, programmes, sessions and rosters shared with it, invoices, trainers, failed work, searches."""
    with app.app_context():
        drain()
    (a, b), browser, seen = alpha.companies, signed_in(ADVISOR), 0
    extra = [("", f"/alpha/{path}") for path in ("clients?q=alpha", "sessions?when=past", "invoices?page=1")]
    for endpoint, path in firm_pages(app, alpha, a) + extra:
        answer = browser.get(path)
        body = answer.get_data().decode(errors="replace")  # the logo and a trainer's picture, too
        answer.close()
        assert answer.status_code in ((200, 403) if endpoint else (200,)), path
        assert b.canary not in body and b.slug not in body and str(b.id) not in body, path
        seen += a.canary in body or a.slug in body
    assert seen >= 5, "their own client is on those pages"


def test_every_address_of_another_client_leads_nowhere(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]
) -> None:
    b, browser = alpha.companies[1], signed_in(ADVISOR)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PLATFORM) or not rule.arguments & {"workspace", "invoice_id"}:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = browser.open(path_of(app, rule, "alpha", values_for(rule, alpha, b)), method=method)
            body = answer.get_data(as_text=True)
            wanted = (404,) if "workspace" in rule.arguments else (404, 403)  # an advisor issues no invoice of anybody's
            assert answer.status_code in wanted and b.canary not in body, (method, rule.rule, answer.status_code)
            answer.close()


def test_forms_neither_propose_nor_take_another_client(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient], superuser: Superuser
) -> None:
    a, b = alpha.companies
    superuser.execute("DELETE FROM programme_wish")
    superuser.execute("DELETE FROM offer")
    programme, session = f"/alpha/programmes/{alpha.ids['version_id']}", f"/alpha/sessions/{alpha.ids['session_id']}"
    browser = signed_in(ADVISOR)
    assert str(a.id) in browser.get(programme).get_data(as_text=True)
    answer = browser.post(f"{programme}/offers", data={"workspace": str(b.id), "price": "1000", "basis": "seat"})
    assert answer.status_code == 422 and superuser.execute("SELECT count(*) FROM offer").fetchone() == (0,)
    before = superuser.execute("SELECT price_cents FROM session_link ORDER BY id").fetchall()
    browser.post(f"{session}/links", data={"workspace": str(b.id), "price": "1", "basis": "seat"})
    assert superuser.execute("SELECT price_cents FROM session_link ORDER BY id").fetchall() == before
    assert browser.post(f"{session}/invoices", data={"workspace": str(b.id)}).status_code == 403


def test_a_session_shared_with_another_client_shows_ones_own_people(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient], superuser: Superuser
) -> None:
    a, b = alpha.companies
    seated = "SELECT count(*) FROM enrolment WHERE state = 'seated'"
    before = superuser.execute(seated).fetchone()
    assert before == (4,), "one of each company of both firms"
    page = signed_in(ADVISOR).get(f"/alpha/sessions/{alpha.ids['session_id']}").get_data(as_text=True)
    assert f"Second {a.canary}" in page and b.canary not in page and b.slug not in page


def test_acts_on_a_whole_session_wait_for_somebody_who_sees_all_of_it(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient], superuser: Superuser
) -> None:
    """Cancelling would leave the other client's people with seats in a session that is off."""
    session = f"/alpha/sessions/{alpha.ids['session_id']}"
    browser = signed_in(ADVISOR)
    browser.post(f"{session}/state", data={"state": "cancelled", "reason": "ill"})
    superuser.execute("UPDATE slot SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'")
    browser.post(f"{session}/slots/{alpha.ids['slot_id']}/countersign", data={"name": "Somebody"})
    row = superuser.execute("SELECT state FROM training_session WHERE id = %s", (alpha.ids["session_id"],)).fetchone()
    assert row == ("open",) and superuser.execute("SELECT count(*) FROM counter_signature").fetchone() == (0,)
    said = browser.get(session).get_data(as_text=True)
    assert "clients you do not look after" in said
    owner = signed_in("owner@alpha.example")
    owner.post(f"{session}/state", data={"state": "cancelled", "reason": "ill"})
    left = "SELECT count(*) FROM enrolment WHERE state = 'seated' AND firm_id = %s"
    assert superuser.execute(left, (alpha.id,)).fetchone() == (0,), "an owner cancels everybody's seats"


def test_sessions_of_other_clients_alone_do_not_exist(
    app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), inside(alpha.scope):
        version = db.session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id == alpha.ids["version_id"])).one()
        theirs, nobodys = (cast.a_session(version, starts=dt.timedelta(days=n)) for n in (3, 4))
        catalogue.link(theirs, alpha.companies[1].id, 100_000)
        hidden, shown = theirs.id, nobodys.id
    browser, owner = signed_in(ADVISOR), signed_in("owner@alpha.example")
    for path in ("/alpha/", "/alpha/sessions"):
        body = browser.get(path).get_data(as_text=True)
        assert str(hidden) not in body and str(shown) in body, path
        assert str(hidden) in owner.get(path).get_data(as_text=True)
    assert browser.get(f"/alpha/sessions/{hidden}").status_code == 404
    assert browser.get(f"/alpha/sessions/{shown}").status_code == 200


def test_whoever_opens_a_client_looks_after_it(app: Flask, alpha: FirmCast, signed_in: Callable[[str], FlaskClient]) -> None:
    """Under the name of a client they cannot see, too: it gets another address, and nobody is told why."""
    browser = signed_in(ADVISOR)
    made = browser.post("/alpha/clients/new", data={"name": "alpha-b", "language": "fr", "colour": "#0057b8"})
    assert made.status_code == 303 and made.location.endswith("/w/alpha-b-2/settings")
    assert browser.get(made.location).status_code == 200
    assert "alpha-b-2" in browser.get("/alpha/clients").get_data(as_text=True)


def test_a_limit_holds_from_the_next_page_on_and_ends_so(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient]
) -> None:
    firm, browser = world.firms[0], signed_in(ADVISOR)
    there = f"/alpha/w/{firm.companies[1].slug}/"
    for ids, wanted in ((None, 200), ([firm.companies[0].id], 404), (None, 200)):
        with app.app_context(), inside(firm.scope):
            commands.limit(the_advisor(), ids)
        assert browser.get(there).status_code == wanted


def test_the_limit_never_reaches_the_other_firm(app: Flask, alpha: FirmCast, world: World) -> None:
    theirs: UUID = world.firms[1].companies[0].id
    with app.app_context(), inside(Scope.firm(alpha.id, frozenset({theirs}))):
        assert db.session.scalars(select(Member)).all() == []

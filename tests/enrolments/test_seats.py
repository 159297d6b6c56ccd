"""Seats: never one too many, whoever comes at the same moment; the queue is honoured; the fee is what was agreed."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import moves
from saas.catalogue.models import SessionLink, SessionSeats, TrainingSession
from saas.config import Settings
from saas.enrolments.commands import leaving, steps, terms, waiting
from saas.enrolments.models import Enrolment
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import Company, World, add_person
from tests.enrolments.scene import Connection, enrol, open_for, states


def _claim(arguments: tuple[Settings, Scope, UUID, int]) -> int:
    """One process that wants seats: its own application, its own connections."""
    from saas.app import create_app

    settings, scope, link_id, times = arguments
    app, granted = create_app(settings), 0
    with app.app_context():
        for _ in range(times):
            with inside(scope):
                link = db.session.scalars(select(SessionLink).where(SessionLink.id == link_id)).one()
                granted += steps.claim(link, 1)
    return granted


def test_six_hundred_want_fifty_seats(app: Flask, world: World, settings: Settings, superuser: Connection) -> None:
    """Twelve processes of two client companies, fifty tries each: fifty seats, none too many."""
    with app.app_context():
        links = open_for(world, 50)
        db.engine.dispose()
    a, b = world.firms[0].companies
    session_id = links[a.slug].session_id
    jobs = [(settings, company.scope, links[company.slug].id, 50) for company in (a, b) for _ in range(6)]
    with ProcessPoolExecutor(6, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert sum(pool.map(_claim, jobs)) == 50
    assert superuser.execute("SELECT taken FROM session_seats WHERE id = %s", (session_id,)).fetchone() == (50,)


def test_fifty_want_the_last_seat(app: Flask, world: World, superuser: Connection) -> None:
    with app.app_context():
        links = open_for(world, 1)
        a, b = world.firms[0].companies
        people = []
        for company in (a, b):
            with inside(company.scope):
                people += [(company, add_person(company, f"p{n}").id, n) for n in range(25)]

    def try_it(entry: tuple[Company, object, int]) -> int:
        company, _member, n = entry
        with app.app_context():
            return enrol(company, links[company.slug], f"p{n}")[0]

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(try_it, people)) == 1
    assert states(superuser, links[a.slug].session_id) == {"seated": 1, "waiting": 49}


def test_a_seat_given_back_goes_to_the_first_in_line_of_any_client(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 1)
        assert enrol(a, links[a.slug], "participant") == (1, 0)
        assert enrol(b, links[b.slug], "participant") == (0, 1)
        assert enrol(a, links[a.slug], "second") == (0, 1)
        with inside(a.scope):
            row = db.session.scalars(
                select(Enrolment).where(Enrolment.link_id == links[a.slug].id, Enrolment.state == "seated")
            ).one()
            leaving.withdraw(row, "ill")
        drain()
        with inside(b.scope):
            offered = db.session.scalars(select(Enrolment).where(Enrolment.link_id == links[b.slug].id)).one()
            assert offered.state == "offered" and offered.offer_until and offered.offer_until > now()
            waiting.accept(offered)
        drain()
        assert [m.subject for m in letters(b.address("participant"))].count("You have a seat: Committed manager") >= 1
    assert states(superuser, links[a.slug].session_id) == {"seated": 1, "waiting": 1, "withdrawn": 1}
    assert superuser.execute("SELECT taken FROM session_seats WHERE id = %s", (links[a.slug].session_id,)).fetchone() == (1,)


def test_an_offer_nobody_answers_goes_on(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 1)
        for company, role in ((a, "participant"), (b, "participant"), (a, "second")):
            enrol(company, links[company.slug], role)
        with inside(a.scope):
            leaving.withdraw(
                db.session.scalars(
                    select(Enrolment).where(Enrolment.link_id == links[a.slug].id, Enrolment.state == "seated")
                ).one(),
                "",
            )
        drain()
        superuser.execute("UPDATE enrolment SET offer_until = now() - interval '1 minute' WHERE state = 'offered'")
        with inside(b.scope), pytest.raises(Refused):
            waiting.accept(db.session.scalars(select(Enrolment).where(Enrolment.link_id == links[b.slug].id)).one())
        with inside(Scope.firm(world.firms[0].id)):
            from saas.enrolments.jobs import lapse_offers

            lapse_offers()
        drain()
    assert states(superuser, links[a.slug].session_id) == {"lapsed": 1, "offered": 1, "withdrawn": 1}


def test_enrolling_twice_is_enrolling_once(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        links = open_for(world, 5)
        assert enrol(a, links[a.slug], "participant") == (1, 0)
        assert enrol(a, links[a.slug], "participant") == (0, 0)
    assert superuser.execute("SELECT taken FROM session_seats WHERE id = %s", (links[a.slug].session_id,)).fetchone() == (1,)


@pytest.mark.parametrize(("days", "percent"), [(20, 0), (15, 0), (14, 50), (5, 50), (4, 100), (1, 100)])
def test_the_fee_follows_the_terms_frozen_at_enrolment(app: Flask, world: World, days: int, percent: int) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        links = open_for(world, 5)
        enrol(a, links[a.slug], "participant")
        with inside(a.scope):
            row = db.session.scalars(select(Enrolment).where(Enrolment.link_id == links[a.slug].id)).one()
            moment = row.link.session.starts_at - dt.timedelta(days=days)
            assert terms.fee_cents(row, moment) == 100_000 * percent // 100


def test_cancelling_a_session_frees_all_and_tells_each_once(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 2)
        for company, role in ((a, "participant"), (b, "participant"), (a, "second")):
            enrol(company, links[company.slug], role)
        drain()
        with inside(world.firms[0].scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == links[a.slug].session_id)).one()
            moves.move(session, "cancelled", "The trainer is ill")
        drain()
        told = [m for m in letters() if m.subject == "Session cancelled: Committed manager"]
        assert sorted(m.to.split("<")[-1].rstrip(">") for m in told) == sorted(
            [a.address("participant"), b.address("participant"), a.address("second")]
        )
        assert all("METHOD:CANCEL" in m.calendars[0] for m in told if a.address("second") not in m.to)
        with inside(world.firms[0].scope):
            seats = db.session.scalars(select(SessionSeats).where(SessionSeats.id == links[a.slug].session_id)).one()
            assert seats.taken == 0
    assert states(superuser, links[a.slug].session_id) == {"cancelled": 3}


def test_a_client_learns_no_number(app: Flask, world: World) -> None:
    from saas.catalogue.queries.sessions import availability

    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 4)
        session_id = links[a.slug].session_id
        with inside(a.scope):
            assert availability([session_id]) == {session_id: "available"}
        enrol(b, links[b.slug], "participant")
        with inside(a.scope):
            assert availability([session_id]) == {session_id: "few"}
            with pytest.raises(Exception, match="permission denied"):
                db.session.scalars(select(SessionSeats)).all()


def test_an_id_that_is_none_is_turned_away(world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    company = world.companies[0]
    path = f"/alpha/w/{company.slug}/sessions/{company.ids['link_id']}/enrol"
    assert signed_in(company.address("hr")).post(path, data={"member": ["no-id"]}).status_code == 400

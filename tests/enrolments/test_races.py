"""Whatever happens at the same time: real processes, real connections, no seat too many, nobody lost, no deadlock."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from saas.catalogue.commands import moves
from saas.catalogue.models import TrainingSession
from saas.config import Settings
from saas.enrolments.commands import ceilings, credits, leaving, placeholders, swapping
from saas.enrolments.models import Placeholder
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import World
from tests.enrolments.scene import Connection, Seat, crowd, enrol_all, open_for, own_link, person, row_of, states, taken


def _enrol_each(arguments: tuple[Settings, Scope, UUID, Sequence[UUID]]) -> list[int]:
    """One process: enrol these people one by one; [seats, places in line]."""
    from saas.app import create_app
    from saas.catalogue.models import SessionLink
    from saas.enrolments.commands import enrolling

    settings, scope, link_id, ids = arguments
    app, found = create_app(settings), [0, 0]
    with app.app_context():
        for i in ids:
            with inside(scope):
                link = db.session.scalars(select(SessionLink).where(SessionLink.id == link_id)).one()
                done = enrolling.enrol(link, [person(i)])
            found[0] += len(done.seated)
            found[1] += len(done.waiting)
        db.engine.dispose()
    return found


def test_six_hundred_people_of_two_clients_and_fifty_seats(
    app: Flask, world: World, settings: Settings, superuser: Connection
) -> None:
    """Whole enrolments, not claims alone: six processes, 600 people, one of the clients held to 20 seats."""
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 50)
        with inside(world.firms[0].scope):
            ceilings.set_ceiling(own_link(links[a.slug]), 20)
        jobs = []
        for company in (a, b):
            ids = crowd(company, 300)
            jobs += [(settings, company.scope, links[company.slug].id, ids[n::3]) for n in range(3)]
        db.engine.dispose()
    with ProcessPoolExecutor(6, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(_enrol_each, jobs))
    assert sum(seats for seats, _ in found) == 50 and sum(line for _, line in found) == 550
    assert states(superuser, links[a.slug].session_id) == {"seated": 50, "waiting": 550}
    assert taken(superuser, links[a.slug]) == 50
    row = superuser.execute(
        "SELECT count(*) FROM enrolment WHERE link_id = %s AND state = 'seated'", (links[a.slug].id,)
    ).fetchone()
    assert row and int(str(row[0])) <= 20


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run acts in threads that start together; what each gave, or the error it met."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with app.app_context():
            gate.wait()
            try:
                return act()
            except Exception as error:  # noqa: BLE001
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_session_cancelled_while_people_enrol_keeps_nobody(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 30)
        people = {company.slug: crowd(company, 12) for company in (a, b)}

    def cancel() -> None:
        with inside(world.firms[0].scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == links[a.slug].session_id)).one()
            moves.move(session, "cancelled", "too few")

    acts = [
        lambda c=company, i=i: enrol_all(c, links[c.slug], [i])  # type: ignore[misc]
        for company in (a, b)
        for i in people[company.slug][:4]
    ]
    found = at_once(app, *acts[:4], cancel, *acts[4:])
    assert all(not isinstance(one, Exception) or isinstance(one, Refused) for one in found), found
    assert set(states(superuser, links[a.slug].session_id)) <= {"cancelled"}
    assert taken(superuser, links[a.slug]) == 0


def test_one_person_enrolled_twice_at_once_has_one_seat(app: Flask, world: World, superuser: Connection) -> None:
    """In the same session, and in two sessions at the same hour."""
    a = world.firms[0].companies[0]
    with app.app_context():
        one, other = open_for(world, 9), open_for(world, 9)
        (who,) = crowd(a, 1)
    acts = [lambda link=link: enrol_all(a, link, [who]) for link in (one[a.slug], one[a.slug], other[a.slug], other[a.slug])]
    found = at_once(app, *acts)
    assert not [f for f in found if isinstance(f, Exception)], found
    rows = superuser.execute("SELECT count(*) FROM enrolment WHERE member_id = %s AND state = 'seated'", (who,)).fetchone()
    assert rows == (1,)
    assert taken(superuser, one[a.slug]) + taken(superuser, other[a.slug]) == 1


def test_transfers_that_cross_do_not_wait_for_each_other_for_ever(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        one = open_for(world, 10)[a.slug]
        two = open_for(world, 10, starts=dt.timedelta(days=50))[a.slug]
        here, there = crowd(a, 4, "here"), crowd(a, 4, "there")
        enrol_all(a, one, here)
        enrol_all(a, two, there)

    def move(who: UUID, start: object, to: object) -> Callable[[], object]:
        def act() -> object:
            with inside(a.scope):
                return swapping.transfer(row_of(start, who), own_link(to)).state  # type: ignore[arg-type]

        return act

    found = at_once(app, *[move(w, one, two) for w in here], *[move(w, two, one) for w in there])
    assert found == ["seated"] * 8
    assert (taken(superuser, one), taken(superuser, two)) == (4, 4)


def test_the_last_prepaid_seat_pays_once(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 20)[a.slug]
        with inside(world.firms[0].scope):
            credits.buy(a.id, 3, "", None)
        people = crowd(a, 8)
    found = at_once(app, *[lambda i=i: enrol_all(a, link, [i]) for i in people])
    assert not [f for f in found if isinstance(f, Exception)], found
    row = superuser.execute("SELECT count(*) FROM enrolment WHERE link_id = %s AND covered", (link.id,)).fetchone()
    balance = superuser.execute("SELECT sum(quantity) FROM seat_credit WHERE workspace_id = %s", (a.id,)).fetchone()
    assert row == (3,) and balance == (0,)


def test_a_seat_without_a_name_is_named_once(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        with inside(a.scope):
            held = placeholders.hold(own_link(link), 1)[0].id
        people = crowd(a, 3)

    def name(who: UUID) -> Callable[[], object]:
        def act() -> object:
            with inside(a.scope):
                row = db.session.scalars(select(Placeholder).where(Placeholder.id == held)).one()
                return placeholders.name(row, person(who)).state

        return act

    found = at_once(app, *[name(who) for who in people])
    assert sorted(str(f) if isinstance(f, str) else type(f).__name__ for f in found) == ["Refused", "Refused", "seated"]
    assert taken(superuser, link) == 1


def test_giving_back_and_taking_at_once_loses_no_seat(app: Flask, world: World, superuser: Connection) -> None:
    """Four give back while four more come and the offers go out: taken is what the rows say."""
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 4)
        done = enrol_all(a, links[a.slug], crowd(a, 6))
        late = crowd(b, 4)

    def give_back(row: Seat) -> Callable[[], object]:
        def act() -> None:
            with inside(a.scope):
                leaving.withdraw(row_of(links[a.slug], row.member_id), "")

        return act

    found = at_once(app, *[give_back(row) for row in done.seated], *[lambda i=i: enrol_all(b, links[b.slug], [i]) for i in late])
    assert not [f for f in found if isinstance(f, Exception)], found
    with app.app_context():
        drain()
    now = states(superuser, links[a.slug].session_id)
    assert now["offered"] + now.get("seated", 0) == taken(superuser, links[a.slug]) == 4

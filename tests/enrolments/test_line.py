"""The line is honoured: nobody overtakes those who wait; a client at its ceiling is passed over and keeps its place."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from saas.catalogue.queries.sessions import availability
from saas.enrolments.commands import ceilings, leaving, waiting
from saas.enrolments.models import Enrolment
from saas.kit.errors import Refused
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import drain, tick
from tenants.scope import inside
from tests.cast import World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for, own_link, row_of, state_of, states, taken


def test_nobody_new_overtakes_those_who_wait(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 1)
        first, second, third = crowd(a, 1)[0], crowd(b, 1)[0], crowd(a, 1, "late")[0]
        enrol_all(a, links[a.slug], [first])
        enrol_all(b, links[b.slug], [second])
        with inside(a.scope):
            leaving.withdraw(row_of(links[a.slug], first), "")
        # The seat is free, its offer not made yet: somebody who comes now stands behind.
        with inside(a.scope):
            assert availability([links[a.slug].session_id]) == {links[a.slug].session_id: "waiting"}
        assert len(enrol_all(a, links[a.slug], [third]).waiting) == 1
        drain()
        with inside(b.scope):
            assert row_of(links[b.slug], second).state == "offered"
    assert states(superuser, links[a.slug].session_id) == {"withdrawn": 1, "offered": 1, "waiting": 1}


def ceiling(world: World, link: object, number: int | None) -> None:
    with inside(world.firms[0].scope):
        ceilings.set_ceiling(own_link(link), number)  # type: ignore[arg-type]


def test_a_client_holds_no_more_than_its_ceiling(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 10)
        ceiling(world, links[a.slug], 2)
        done = enrol_all(a, links[a.slug], crowd(a, 3))
        assert (len(done.seated), len(done.waiting)) == (2, 1)
        with inside(a.scope):
            assert availability([links[a.slug].session_id]) == {links[a.slug].session_id: "waiting"}
        # The other client is not held up by somebody who cannot be seated.
        assert len(enrol_all(b, links[b.slug], crowd(b, 4)).seated) == 4
        drain()
        assert state_of(superuser, done.waiting[0].id) == "waiting"
        with pytest.raises(Refused):
            ceiling(world, links[a.slug], 1)
        ceiling(world, links[a.slug], None)
        drain()
        assert state_of(superuser, done.waiting[0].id) == "offered"
    assert taken(superuser, links[a.slug]) == 7


def test_more_seats_are_offered_by_the_clock(app: Flask, world: World, superuser: Connection) -> None:
    """Whatever makes a seat free, whoever waits hears of it within the minute."""
    a = world.firms[0].companies[0]
    with app.app_context():
        links = open_for(world, 1)
        done = enrol_all(a, links[a.slug], crowd(a, 3))
        superuser.execute("UPDATE session_seats SET capacity = 2 WHERE id = %s", (links[a.slug].session_id,))
        superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'enrolments.sweep_offers'")
        tick()
        drain()
        assert [state_of(superuser, row.id) for row in done.waiting] == ["offered", "waiting"]


def test_whoever_leaves_an_offer_may_wait_on_at_the_end(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        links = open_for(world, 1)
        done = enrol_all(a, links[a.slug], crowd(a, 3))
        with inside(a.scope):
            leaving.withdraw(row_of(links[a.slug], done.seated[0].member_id), "")
        drain()
        with inside(a.scope):
            waiting.decline(row_of(links[a.slug], done.waiting[0].member_id), stay=True)
        drain()
        assert [state_of(superuser, row.id) for row in done.waiting] == ["waiting", "offered"]
        with inside(a.scope):
            waiting.decline(row_of(links[a.slug], done.waiting[1].member_id))
        drain()
        assert [state_of(superuser, row.id) for row in done.waiting] == ["offered", "lapsed"]
        with inside(a.scope):
            waiting.wait_again(row_of(links[a.slug], done.waiting[1].member_id))
        assert [state_of(superuser, row.id) for row in done.waiting] == ["offered", "waiting"]


def test_an_offer_is_kept_as_long_as_the_firm_says(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    superuser.execute("UPDATE firm_profile SET offer_hours = 3 WHERE firm_id = %s", (world.firms[0].id,))
    with app.app_context():
        links = open_for(world, 1)
        done = enrol_all(a, links[a.slug], crowd(a, 2))
        with inside(a.scope):
            leaving.withdraw(row_of(links[a.slug], done.seated[0].member_id), "")
        drain()
    kept = superuser.execute(
        "SELECT extract(epoch FROM offer_until - now()) / 3600 FROM enrolment WHERE id = %s", (done.waiting[0].id,)
    ).fetchone()
    assert kept and 2.9 < float(str(kept[0])) <= 3


def test_nobody_learns_who_is_in_line(app: Flask, world: World) -> None:
    """Mails and pages say that one waits, never the rank, nor how many there are."""
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 1)
        enrol_all(b, links[b.slug], crowd(b, 3))
        ids = crowd(a, 1, "mine")
        enrol_all(a, links[a.slug], ids)
        drain()
        with inside(a.scope):
            assert db.session.scalars(select(Enrolment).where(Enrolment.link_id == links[b.slug].id)).all() == []
        mine = [m for m in letters(a.address("mine0")) if "waiting list" in m.text or "waiting list" in m.subject]
        assert mine and all(b.canary not in m.text for m in mine)
        assert not any(char.isdigit() for m in mine for char in m.text.split("waiting list")[1].split(".")[0])

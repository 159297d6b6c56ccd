"""Somebody else on a seat, another session for its person: price, fee, who is told, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.enrolments.commands import leaving, swapping
from saas.enrolments.models import Enrolment, EnrolmentEvent
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for, own_link, person, row_of, state_of, taken

Browser = Callable[[str], FlaskClient]


def test_a_substitution_keeps_seat_price_and_terms(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 1)[a.slug]
        old, new = crowd(a, 2)
        seat = enrol_all(a, link, [old]).seated[0]
        superuser.execute("UPDATE session_link SET price_cents = 999 WHERE id = %s", (link.id,))
        with inside(a.scope):
            taken_over = swapping.substitute(row_of(link, old), person(new))
            assert (taken_over.price_cents, taken_over.replaces_id, taken_over.state) == (100_000, seat.id, "seated")
            assert taken_over.terms == row_of(link, old).terms
        assert state_of(superuser, seat.id) == "substituted" and taken(superuser, link) == 1
        jobs = superuser.execute("SELECT kind FROM outbox WHERE kind LIKE 'enrolments.substituted%' ORDER BY 1").fetchall()
        assert [kind for (kind,) in jobs] == ["enrolments.substituted_in_mail", "enrolments.substituted_out_mail"]


def test_somebody_who_waited_takes_a_seat_over_once(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 1)[a.slug]
        old, new = crowd(a, 2)
        done = enrol_all(a, link, [old, new])
        with inside(a.scope):
            swapping.substitute(row_of(link, old), person(new))
        assert state_of(superuser, done.waiting[0].id) == "withdrawn" and taken(superuser, link) == 1
        with inside(a.scope), pytest.raises(Refused, match="déjà une place dans cette session"):
            swapping.substitute(row_of(link, new), person(new))


def test_nobody_takes_a_seat_over_who_has_one_at_that_hour(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link, other = open_for(world, 5)[a.slug], open_for(world, 5)[a.slug]
        old, busy = crowd(a, 2)
        enrol_all(a, link, [old])
        enrol_all(a, other, [busy])
        with inside(a.scope), pytest.raises(Refused, match="à cette heure-là"):
            swapping.substitute(row_of(link, old), person(busy))


@pytest.mark.parametrize(("days", "fee"), [(40, 0), (10, 50_000), (2, 100_000)])
def test_a_transfer_shows_the_difference_and_the_fee(
    app: Flask, world: World, superuser: Connection, days: int, fee: int
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5, starts=dt.timedelta(days=days))[a.slug]
        to = open_for(world, 5, starts=dt.timedelta(days=60))[a.slug]
        superuser.execute("UPDATE session_link SET price_cents = 120000 WHERE id = %s", (to.id,))
        (who,) = crowd(a, 1)
        seat = enrol_all(a, link, [who]).seated[0]
        with inside(a.scope):
            move = swapping.reckon(row_of(link, who), own_link(to))
            assert (move.price, move.difference, move.fee) == (120_000, 20_000, fee)
            moved = swapping.transfer(row_of(link, who), own_link(to))
            assert (moved.state, moved.price_cents, moved.replaces_id) == ("seated", 120_000, seat.id)
            old = db.session.scalars(select(Enrolment).where(Enrolment.id == seat.id)).one()
            assert (old.state, old.fee_cents) == ("transferred", fee)
        assert (taken(superuser, link), taken(superuser, to)) == (0, 1)


def test_the_firm_may_let_go_of_a_fee_and_it_is_written_down(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5, starts=dt.timedelta(days=2))[a.slug]
        (who,) = crowd(a, 1)
        enrol_all(a, link, [who])
        with inside(a.scope):
            row = row_of(link, who)
            leaving.withdraw(row, "", waived=True)
            assert row.fee_cents == 0
            steps = db.session.scalars(select(EnrolmentEvent.step).where(EnrolmentEvent.enrolment_id == row.id)).all()
            assert "waived" in steps


def test_hr_cannot_waive_a_fee_by_asking(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5, starts=dt.timedelta(days=2))[a.slug]
        seat = enrol_all(a, link, crowd(a, 1)).seated[0]
    path = f"/alpha/w/{a.slug}/seats/{seat.id}/withdraw"
    signed_in(a.address("hr")).post(path, data={"waived": "1", "fee": "100000"})
    row = superuser.execute("SELECT state, fee_cents FROM enrolment WHERE id = %s", (seat.id,)).fetchone()
    assert row == ("withdrawn", 100_000)


def test_a_fee_that_changed_since_the_page_is_shown_again(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    """The page was drawn before midnight, when it was free: nobody pays what they did not see."""
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5, starts=dt.timedelta(days=2))[a.slug]
        seat = enrol_all(a, link, crowd(a, 1)).seated[0]
    browser = signed_in(a.address("hr"))
    browser.post(f"/alpha/w/{a.slug}/seats/{seat.id}/withdraw", data={"fee": "0"})
    assert state_of(superuser, seat.id) == "seated"


def test_a_full_session_takes_nobody_by_transfer(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        full = open_for(world, 1, starts=dt.timedelta(days=60))
        enrol_all(b, full[b.slug], crowd(b, 1))
        (who,) = crowd(a, 1)
        seat = enrol_all(a, link, [who]).seated[0]
        with inside(a.scope), pytest.raises(Refused, match="Aucune place"):
            swapping.transfer(row_of(link, who), own_link(full[a.slug]))
        assert state_of(superuser, seat.id) == "seated"


def test_the_pages_lead_through_both(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        to = open_for(world, 5, starts=dt.timedelta(days=60))[a.slug]
        one, two = crowd(a, 2)
        seat = enrol_all(a, link, [one]).seated[0]
        drain()
    browser, path = signed_in(a.address("hr")), f"/alpha/w/{a.slug}/seats/{seat.id}"
    assert "Takes the seat" in browser.get(f"{path}/substitute?search=p1").text
    answer = browser.post(f"{path}/substitute", data={"member": str(two)})
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "Before and after" in page and "took the seat over" not in page
    shown = browser.get(f"{answer.location}/transfer").text
    assert "Leaving the present session today is free." in shown and str(to.id) in shown
    moved = browser.post(f"{answer.location}/transfer", data={"link": str(to.id)})
    assert moved.status_code == 303 and taken(superuser, to) == 1 and taken(superuser, link) == 0
    assert browser.post(f"{moved.location}/transfer", data={"link": str(to.id)}).status_code == 422

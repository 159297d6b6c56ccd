"""Prepaid seats, groups, seats without a name, the year's budget: what each costs, and who writes it."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from saas.catalogue.commands import moves
from saas.catalogue.models import TrainingSession
from saas.enrolments.commands import budgets, credits, leaving, placeholders, swapping, terms
from saas.enrolments.models import Placeholder, SeatCredit
from saas.enrolments.queries import figures
from saas.kit.clock import today
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import drain, tick
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for, own_link, person, row_of, taken


def buy(world: World, company: Company, number: int, until: dt.date | None = None) -> None:
    with inside(world.firms[0].scope):
        credits.buy(company.id, number, "pack", until)


def balance(company: Company) -> int:
    with inside(company.scope):
        return credits.balance(company.id)


def test_prepaid_seats_pay_until_none_is_left(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10)[a.slug]
        buy(world, a, 2)
        done = enrol_all(a, link, crowd(a, 3))
        with inside(a.scope):
            assert [row_of(link, seat.member_id).covered for seat in done.seated] == [True, True, False]
        assert balance(a) == 0


@pytest.mark.parametrize(("days", "fee", "back"), [(40, 0, 1), (10, 50_000, 1), (2, 0, 0)])
def test_a_withdrawal_gives_the_credit_back_unless_the_whole_price_is_due(
    app: Flask, world: World, days: int, fee: int, back: int
) -> None:
    """Half the price is due in money, and the credit comes back; when the whole price is due, the credit is the price."""
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10, starts=dt.timedelta(days=days))[a.slug]
        buy(world, a, 1)
        seat = enrol_all(a, link, crowd(a, 1)).seated[0]
        with inside(a.scope):
            row = row_of(link, seat.member_id)
            assert terms.fee_cents(row) == fee
            leaving.withdraw(row, "")
            assert row.fee_cents == fee
        assert balance(a) == back


def test_a_substitution_carries_the_credit_over(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10)[a.slug]
        buy(world, a, 1)
        old, new = crowd(a, 2)
        enrol_all(a, link, [old])
        with inside(a.scope):
            swapping.substitute(row_of(link, old), person(new))
        with inside(a.scope):
            assert row_of(link, new).covered and not row_of(link, old).covered
            leaving.withdraw(row_of(link, new), "")
        assert balance(a) == 1


def test_a_cancelled_session_gives_credits_back(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10)[a.slug]
        buy(world, a, 2)
        enrol_all(a, link, crowd(a, 2))
        assert balance(a) == 0
        with inside(world.firms[0].scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == link.session_id)).one()
            moves.move(session, "cancelled", "too few")
        assert balance(a) == 2


def test_a_client_writes_no_credit(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(a.scope):
        db.session.add(SeatCredit(workspace_id=a.id, quantity=5, kind="bought", by="HR"))
        db.session.flush()


def test_a_correction_needs_a_reason_and_leaves_no_debt(app: Flask, world: World) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        buy(world, a, 2)
        for quantity, note in ((-3, "too many"), (1, " "), (0, "none")):
            with pytest.raises(Refused), inside(world.firms[0].scope):
                credits.correct(a.id, quantity, note)
        with inside(world.firms[0].scope):
            credits.correct(a.id, -1, "one too many")
        assert balance(a) == 1


def test_unused_seats_end_by_the_clock_those_that_end_first_used_first(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10)[a.slug]
        buy(world, a, 3, today())
        buy(world, a, 2)
        enrol_all(a, link, crowd(a, 1))
        superuser.execute("UPDATE seat_credit SET expires_on = %s WHERE expires_on IS NOT NULL", (today() - dt.timedelta(1),))
        for _ in range(2):  # twice, as after a crash: it ends once
            superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'enrolments.sweep_credits'")
            tick()
            drain()
        assert balance(a) == 2
    rows = superuser.execute("SELECT quantity FROM seat_credit WHERE kind = 'expired'").fetchall()
    assert rows == [(-2,)]


def test_a_group_costs_its_price_once_however_many_are_in(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10)[a.slug]
        superuser.execute("UPDATE session_link SET basis = 'group', price_cents = 600000 WHERE id = %s", (link.id,))
        year = figures.year_of(link_start(superuser, link.session_id))
        with inside(a.scope):
            before = figures.year(year)
        seat = enrol_all(a, link, crowd(a, 4)).seated[0]
        with inside(a.scope):
            after = figures.year(year)
            assert after.committed - before.committed == 600_000 and after.seats - before.seats == 4
            assert terms.fee_cents(row_of(link, seat.member_id), link_start(superuser, link.session_id)) == 0


def link_start(superuser: Connection, session_id: object) -> dt.datetime:
    row = superuser.execute("SELECT starts_at FROM training_session WHERE id = %s", (session_id,)).fetchone()
    assert row and isinstance(row[0], dt.datetime)
    return row[0]


def test_seats_without_a_name(app: Flask, world: World, superuser: Connection) -> None:
    """They take seats, cost what they cost, get their person at that price, or are given back on the terms they were taken on."""
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 3)
        link = links[a.slug]
        with inside(a.scope):
            rows = placeholders.hold(own_link(link), 5, "night shift")
            assert len(rows) == 3
        assert taken(superuser, link) == 3 and len(enrol_all(b, links[b.slug], crowd(b, 1)).waiting) == 1
        (who,) = crowd(a, 1)
        superuser.execute("UPDATE session_link SET price_cents = 5 WHERE id = %s", (link.id,))
        with inside(a.scope):
            held = db.session.scalars(select(Placeholder).where(Placeholder.link_id == link.id)).all()
            assert placeholders.name(held[0], person(who)).price_cents == 100_000
            placeholders.give_back(held[1])
            assert held[1].fee_cents == 0
        assert taken(superuser, link) == 2
        drain()
        assert taken(superuser, link) == 3  # offered to the other client's person


def test_names_come_in_time(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    superuser.execute("UPDATE firm_profile SET names_days = 45 WHERE firm_id = %s", (world.firms[0].id,))
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        with inside(a.scope), pytest.raises(Refused, match="trop tard"):
            placeholders.hold(own_link(link), 1)


def test_a_cancelled_session_frees_seats_without_a_name(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        with inside(a.scope):
            placeholders.hold(own_link(link), 2)
        with inside(world.firms[0].scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == link.session_id)).one()
            moves.move(session, "cancelled", "too few")
    assert taken(superuser, link) == 0
    rows = superuser.execute("SELECT state, fee_cents FROM placeholder WHERE link_id = %s", (link.id,)).fetchall()
    assert rows == [("released", 0)] * 2


def test_the_year_adds_up(app: Flask, world: World, superuser: Connection) -> None:
    """Seats, fees, credits and kept seats, beside what was meant to be spent; said twice, the last one counts."""
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 10, starts=dt.timedelta(days=10))[a.slug]
        year = figures.year_of(link_start(superuser, link.session_id))
        with inside(a.scope):
            before = figures.year(year)
        buy(world, a, 1)
        done = enrol_all(a, link, crowd(a, 3))
        with inside(a.scope):
            placeholders.hold(own_link(link), 1)
            leaving.withdraw(row_of(link, done.seated[2].member_id), "")
            budgets.set_budget(a.id, year, 1)
            budgets.set_budget(a.id, year, before.spent + 1_000_000)
        with inside(a.scope):
            now = figures.year(year)
            assert now.committed - before.committed == 200_000  # one seat, one kept; the third is prepaid
            assert now.delivered - before.delivered == 50_000 and now.prepaid == 1
            assert now.left == 1_000_000 - 250_000

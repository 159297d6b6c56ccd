"""An offer nobody answers ends by the clock: nobody has to look at a page for it."""

from __future__ import annotations

import psycopg
from flask import Flask

from tenants.queue import drain, tick
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]


def offer_that_ended(superuser: Connection, world: World) -> None:
    superuser.execute(
        "UPDATE enrolment SET state = 'offered', offer_until = now() - interval '1 minute' WHERE id = %s",
        (world.companies[0].ids["enrolment_id"],),
    )
    superuser.execute("UPDATE schedule SET next_at = now()")


def state(superuser: Connection, world: World) -> object:
    row = superuser.execute("SELECT state FROM enrolment WHERE id = %s", (world.companies[0].ids["enrolment_id"],)).fetchone()
    return row and row[0]


def test_a_knock_of_the_clock_ends_the_offers_whose_time_is_over(app: Flask, world: World, superuser: Connection) -> None:
    offer_that_ended(superuser, world)
    with app.app_context():
        tick()
        drain()
    assert state(superuser, world) == "lapsed"


def test_the_clock_looks_once_a_minute(app: Flask, world: World, superuser: Connection) -> None:
    with app.app_context():
        superuser.execute("UPDATE schedule SET next_at = now()")
        for _ in range(3):
            tick()
    assert superuser.execute("SELECT count(*) FROM outbox WHERE kind = 'enrolments.sweep_offers'").fetchone() == (1,)
    assert superuser.execute("SELECT every FROM schedule WHERE name = 'enrolments.sweep_offers'").fetchone() == (60,)


def test_a_firm_that_is_suspended_is_left_alone(app: Flask, world: World, superuser: Connection) -> None:
    offer_that_ended(superuser, world)
    superuser.execute("UPDATE firm SET state = 'suspended' WHERE slug = 'alpha'")
    with app.app_context():
        tick()
        drain()
    assert state(superuser, world) == "offered"

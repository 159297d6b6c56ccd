"""A session's states: by hand, by the clock, who must decide, what cancelling asks and does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.catalogue.commands import moves
from saas.catalogue.queries.sessions import to_decide
from saas.kit.clock import today
from saas.kit.errors import Refused
from tenants.queue import drain, later
from tenants.scope import Scope, inside
from tests.cast import FirmCast, World
from tests.sessions.planning import given, half, loaded, plan, seat, soon

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def state_of(superuser: Superuser, session_id: object) -> object:
    row = superuser.execute("SELECT state FROM training_session WHERE id = %s", (session_id,)).fetchone()
    return row and row[0]


def shift(superuser: Superuser, session_id: object, how: str) -> None:
    """Move a session so that it starts and ends so long from now."""
    superuser.execute(f"UPDATE training_session SET {how} WHERE id = %s".encode(), (session_id,))


STARTED = "starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour'"
OVER = "starts_at = now() - interval '2 days', ends_at = now() - interval '1 day'"
TO_COME = "starts_at = now() + interval '1 hour', ends_at = now() + interval '2 hours'"


@pytest.mark.parametrize(
    ("was", "seats", "moment", "becomes"),
    [
        ("confirmed", 0, STARTED, "running"), ("confirmed", 0, OVER, "done"), ("running", 0, OVER, "done"), ("open", 1, STARTED, "running"),
        ("open", 0, STARTED, "open"), ("open", 0, OVER, "open"), ("draft", 0, OVER, "draft"), ("cancelled", 0, OVER, "cancelled"),
        ("confirmed", 0, TO_COME, "confirmed"), ("running", 0, STARTED, "running"), ("done", 0, OVER, "done"),
    ],
)  # fmt: skip
def test_the_clock_turns_sessions(
    app: Flask, alpha: FirmCast, superuser: Superuser, was: str, seats: int, moment: str, becomes: str
) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))))
        superuser.execute("UPDATE training_session SET state = %s WHERE id = %s", (was, session_id))
        superuser.execute("UPDATE session_seats SET taken = %s WHERE id = %s", (seats, session_id))
        shift(superuser, session_id, moment)
        with inside(Scope.platform()):
            later("catalogue.sweep_sessions")
        drain()
    assert state_of(superuser, session_id) == becomes


def test_the_schedule_asks_for_it(superuser: Superuser, alpha: FirmCast) -> None:
    assert superuser.execute("SELECT every FROM schedule WHERE name = 'catalogue.sweep_sessions'").fetchone() == (300,)


@pytest.mark.parametrize(
    ("was", "to", "fine"),
    [
        ("draft", "open", True), ("draft", "confirmed", False), ("open", "confirmed", True), ("open", "draft", False),
        ("confirmed", "done", False), ("confirmed", "open", False), ("cancelled", "open", False), ("done", "cancelled", False),
    ],
)  # fmt: skip
def test_by_hand(app: Flask, alpha: FirmCast, superuser: Superuser, was: str, to: str, fine: bool) -> None:
    """`done` is refused to what has not started, whatever its state."""
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))))
        superuser.execute("UPDATE training_session SET state = %s WHERE id = %s", (was, session_id))
        with inside(alpha.scope):
            if fine:
                moves.move(loaded(session_id), to)
            else:
                with pytest.raises(Refused):
                    moves.move(loaded(session_id), to)
    assert state_of(superuser, session_id) == (to if fine else was)


def test_cancelling_asks_why_and_says_how_many_first(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=2), links=(a, b))
        for company, role in ((a, "participant"), (b, "participant"), (a, "second")):
            seat(company, role)
    browser, address = signed_in("owner@alpha.example"), f"/alpha/sessions/{session_id}/cancel"
    assert "3 people are concerned" in browser.get(address).get_data(as_text=True)
    assert browser.post(address, data={"reason": " "}).status_code == 422
    assert state_of(superuser, session_id) == "open"
    assert browser.post(address, data={"reason": "The trainer is ill"}).status_code == 303
    assert state_of(superuser, session_id) == "cancelled"
    assert superuser.execute("SELECT taken FROM session_seats WHERE id = %s", (session_id,)).fetchone() == (0,)
    hr = signed_in(b.address("hr")).get(f"/alpha/w/{b.slug}/sessions/{b.ids['own_link']}").get_data(as_text=True)
    assert "The trainer is ill" in hr and a.canary not in hr
    assert browser.post(address, data={"reason": "Again"}).status_code == 422, "a page that was open: said, not done twice"
    assert superuser.execute("SELECT sequence, reason FROM training_session WHERE id = %s", (session_id,)).fetchone() == (
        1,
        "The trainer is ill",
    )


def test_who_must_decide_today(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    """Due decisions and sessions that began undecided, for who was named; nothing is cancelled by itself."""
    owner, advisor = alpha.ids["owner"], alpha.ids["advisor"]
    with app.app_context():
        due = given(alpha, plan(half(soon(10)), decision_on=today(), decider_id=advisor))
        coming = given(alpha, plan(half(soon(30)), decision_on=today() + dt.timedelta(days=3), decider_id=owner))
        decided = given(alpha, plan(half(soon(10)), decision_on=today()), state="confirmed")
        began = given(alpha, plan(half(soon(10))))
        shift(superuser, began, STARTED)
        with inside(alpha.scope):
            everybody = [row.id for row in to_decide()]
            assert due in everybody and began in everybody and not {coming, decided} & set(everybody)
            assert due not in [row.id for row in to_decide(owner)] and due in [row.id for row in to_decide(advisor)]
            assert began in [row.id for row in to_decide(owner)], "nobody was named: everybody's"
            soonish = to_decide(within=dt.timedelta(days=7))
            assert coming in [row.id for row in soonish]
            named = next(row for row in soonish if row.id == due)
            assert named.seats.decider and named.seats.decider.name == "Alpha Advisor"
        with inside(Scope.firm(alpha.id, frozenset({alpha.companies[0].id}))):
            assert due in [row.id for row in to_decide()], "open to nobody yet: within reach of all"


def test_a_draft_is_no_clients(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    a = alpha.companies[0]
    with app.app_context():
        given(alpha, plan(half(soon(40))), state="draft", links=(a,))
    browser = signed_in(a.address("hr"))
    assert browser.get(f"/alpha/w/{a.slug}/sessions/{a.ids['own_link']}").status_code == 404
    month = browser.get(f"/alpha/w/{a.slug}/sessions/calendar?on={soon(40)}").get_data(as_text=True)
    assert str(a.ids["own_link"]) not in month

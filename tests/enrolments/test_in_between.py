"""What somebody else does between reading and writing: the later of two acts finds how things stand, and no money is lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import moves, sessions
from saas.catalogue.models import ProgrammeVersion, TrainingSession
from saas.enrolments import jobs
from saas.enrolments.commands import credits, enrolling, leaving, placeholders, swapping, waiting
from saas.enrolments.commands.terms import fee_cents
from saas.enrolments.models import Enrolment, EnrolmentEvent, Placeholder
from saas.kit.errors import Refused
from saas.workspaces.commands import clients
from saas.workspaces.commands.parties import add_billing_party
from tenants.db import db
from tenants.models import Workspace
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World, a_session
from tests.enrolments.scene import (
    Connection,
    Seat,
    crowd,
    enrol_all,
    open_for,
    own_link,
    person,
    row_of,
    state_of,
    states,
    taken,
)


def behind(app: Flask, first: Callable[[], object], scope: object, then: Callable[[], object]) -> list[object]:
    """`first` in a scope; before it commits, `then` begins elsewhere, and has half a second to get as far as it can."""
    found: list[object] = []

    def run() -> None:
        with app.app_context():
            try:
                found.append(then())
            except Exception as error:  # noqa: BLE001
                found.append(error)

    other = threading.Thread(target=run)
    with inside(scope):  # type: ignore[arg-type]
        first()
        db.session.flush()
        other.start()
        other.join(0.7)
    other.join(20)
    return found


def cancel(world: World, session_id: UUID) -> Callable[[], object]:
    def act() -> None:
        with inside(world.firms[0].scope):
            row = db.session.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()
            moves.move(row, "cancelled", "too few")

    return act


def offered(app: Flask, world: World, superuser: Connection) -> tuple[Company, object, Seat]:
    """A client with one prepaid seat, one of whose people is offered the only seat of a session."""
    a = world.firms[0].companies[0]
    link = open_for(world, 1)[a.slug]
    one, two = crowd(a, 2)
    done = enrol_all(a, link, [one, two])
    with inside(a.scope):
        leaving.withdraw(row_of(link, one), "")
    drain()
    assert state_of(superuser, done.waiting[0].id) == "offered"
    with inside(world.firms[0].scope):
        credits.buy(a.id, 1, "", None)
    return a, link, done.waiting[0]


def balance(superuser: Connection, company: Company) -> int:
    row = superuser.execute(
        "SELECT coalesce(sum(quantity), 0) FROM seat_credit WHERE workspace_id = %s", (company.id,)
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_a_substitution_while_the_session_is_cancelled_keeps_nobody(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        old, new = crowd(a, 2)
        enrol_all(a, link, [old])
        found = behind(app, lambda: swapping.substitute(row_of(link, old), person(new)), a.scope, cancel(world, link.session_id))
    assert found == [None]
    assert set(states(superuser, link.session_id)) == {"substituted", "cancelled"} and taken(superuser, link) == 0


def test_a_name_given_while_the_session_is_cancelled_keeps_nobody(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        (who,) = crowd(a, 1)
        with inside(a.scope):
            held = placeholders.hold(own_link(link), 1)[0].id

        def name() -> None:
            row = db.session.scalars(select(Placeholder).where(Placeholder.id == held)).one()
            placeholders.name(row, person(who))

        found = behind(app, name, a.scope, cancel(world, link.session_id))
    assert found == [None]
    assert set(states(superuser, link.session_id)) == {"cancelled"} and taken(superuser, link) == 0


def test_a_prepaid_seat_taken_while_the_session_is_cancelled_comes_back(app: Flask, world: World, superuser: Connection) -> None:
    with app.app_context():
        a, link, seat = offered(app, world, superuser)
        session_id = link.session_id  # type: ignore[attr-defined]
        found = behind(app, lambda: waiting.accept(row_of(link, seat.member_id)), a.scope, cancel(world, session_id))  # type: ignore[arg-type]
    assert found == [None]
    assert state_of(superuser, seat.id) == "cancelled" and balance(superuser, a) == 1


def test_a_withdrawal_sees_the_seat_as_it_has_become(app: Flask, world: World, superuser: Connection) -> None:
    """Read while it was an offer, given back after it was taken with a prepaid seat: the credit comes back."""
    with app.app_context():
        a, link, seat = offered(app, world, superuser)

        def take() -> None:
            with inside(a.scope):
                waiting.accept(row_of(link, seat.member_id))  # type: ignore[arg-type]

        with inside(a.scope):
            row = row_of(link, seat.member_id)  # type: ignore[arg-type]
            assert not row.covered
            other = threading.Thread(target=lambda: _in_context(app, take))
            other.start()
            other.join(20)
            leaving.withdraw(row, "")
    assert state_of(superuser, seat.id) == "withdrawn" and balance(superuser, a) == 1


def _in_context(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context():
        act()


def test_a_request_refused_while_people_are_enrolled_stays_refused(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 3)[a.slug]
        (who,) = crowd(a, 1)
        with inside(a.scope):
            asked = enrolling.request(own_link(link), person(who)).id
        behind(app, lambda: enrolling.refuse(row_of(link, who), "no"), a.scope, lambda: enrol_all(a, link, [who]))
    assert state_of(superuser, asked) == "refused"
    assert taken(superuser, link) == states(superuser, link.session_id).get("seated", 0)


def test_one_offer_that_was_answered_does_not_hold_up_the_others(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 2)[a.slug]
        people = crowd(a, 4)
        done = enrol_all(a, link, people)
        with inside(a.scope):
            for row in done.seated:
                leaving.withdraw(row_of(link, row.member_id), "")
        drain()
        superuser.execute("UPDATE enrolment SET offer_until = now() - interval '1 minute' WHERE state = 'offered'")
        first, second = done.waiting

        def sweep() -> None:
            with inside(world.firms[0].scope):
                jobs.lapse_offers()

        found = behind(app, lambda: leaving.withdraw(row_of(link, first.member_id), ""), a.scope, sweep)
    assert found == [None]
    assert (state_of(superuser, first.id), state_of(superuser, second.id)) == ("withdrawn", "lapsed")
    assert taken(superuser, link) == 0


def test_a_move_to_a_session_where_the_person_waits_gives_one_seat(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        here = open_for(world, 3)[a.slug]
        there = open_for(world, 3, starts=dt.timedelta(days=50))[a.slug]
        (who,) = crowd(a, 1)
        seat = enrol_all(a, here, [who]).seated[0]
        with inside(a.scope):
            asked = enrolling.request(own_link(there), person(who)).id
        with inside(a.scope):
            assert swapping.transfer(row_of(here, who), own_link(there)).state == "seated"
        assert (state_of(superuser, seat.id), state_of(superuser, asked)) == ("transferred", "withdrawn")
        enrol_all(a, here, [who])
        with inside(a.scope), pytest.raises(Refused, match="une place dans cette session"):
            swapping.transfer(row_of(here, who), own_link(there))
        assert taken(superuser, there) == 1


def test_whoever_pays_is_who_was_chosen(app: Flask, world: World, superuser: Connection) -> None:
    """For somebody who had asked, too: by a seat kept for a name, and by being enrolled."""
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        one, two = crowd(a, 2)
        with inside(world.firms[0].scope):
            payer = add_billing_party(a.id, name="Other payer", siret="", is_default=False).id
        with inside(a.scope):
            for who in (one, two):
                enrolling.request(own_link(link), person(who))
            held = placeholders.hold(own_link(link), 1, party_id=payer)[0]
            placeholders.name(held, person(one))
        enrol_all(a, link, [two], party_id=payer)
    rows = superuser.execute("SELECT billing_party_id, state FROM enrolment WHERE link_id = %s", (link.id,)).fetchall()
    assert rows == [(payer, "seated"), (payer, "seated")]


def test_undoing_gives_a_request_back_to_be_answered(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    app.config["UNDO_SECONDS"], before = 600, app.config["UNDO_SECONDS"]
    try:
        with app.app_context():
            link = open_for(world, 5)[a.slug]
            asking, other = crowd(a, 2)
            with inside(a.scope):
                asked = enrolling.request(own_link(link), person(asking)).id
            done = enrol_all(a, link, [asking, other], undoable=True)
            with inside(a.scope):
                batch = db.session.scalars(select(Enrolment).where(Enrolment.id == asked)).one().batch
                assert batch is not None and batch.id == done.batch_id
                assert enrolling.undo(batch) == 2
            with inside(a.scope):
                last = select(EnrolmentEvent.step).where(EnrolmentEvent.enrolment_id == asked).order_by(EnrolmentEvent.at.desc())
                assert db.session.scalars(last.limit(1)).one() == "undone"
    finally:
        app.config["UNDO_SECONDS"] = before
    assert state_of(superuser, asked) == "requested" and taken(superuser, link) == 0
    assert states(superuser, link.session_id) == {"requested": 1, "withdrawn": 1}


def test_a_client_that_keeps_seats_for_names_is_not_archived(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    superuser.execute("UPDATE enrolment SET state = 'withdrawn' WHERE workspace_id = %s", (a.id,))
    with app.app_context(), inside(a.scope), pytest.raises(Refused, match="1 personne"):
        clients.archive(db.session.scalars(select(Workspace)).one())


def test_an_offer_is_not_taken_once_the_session_has_begun(app: Flask, world: World, superuser: Connection) -> None:
    """The session was moved nearer while the offer was open."""
    with app.app_context():
        a, link, seat = offered(app, world, superuser)
        superuser.execute("UPDATE training_session SET starts_at = now() - interval '1 hour'")
        with inside(a.scope), pytest.raises(Refused):
            waiting.accept(row_of(link, seat.member_id))  # type: ignore[arg-type]


def test_an_intra_session_opened_to_two_clients_at_once_has_one(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        with inside(world.firms[0].scope):
            session_id = a_session(db.session.scalars(select(ProgrammeVersion)).one()).id
        superuser.execute("UPDATE training_session SET kind = 'intra' WHERE id = %s", (session_id,))

        def open_to(company: Company) -> None:
            row = db.session.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()
            sessions.link(row, company.id, 100)

        def later() -> None:
            with inside(world.firms[0].scope):
                open_to(b)

        found = behind(app, lambda: open_to(a), world.firms[0].scope, later)
    assert [type(one) for one in found] == [Refused]


def test_somebody_who_is_in_again_does_not_wait_too(app: Flask, world: World, superuser: Connection) -> None:
    """Their offer ended, HR enrolled them since, and the page of the old offer is still open."""
    with app.app_context():
        a, link, seat = offered(app, world, superuser)
        superuser.execute("UPDATE enrolment SET offer_until = now() - interval '1 minute' WHERE id = %s", (seat.id,))
        with inside(world.firms[0].scope):
            jobs.lapse_offers()
        enrol_all(a, link, [seat.member_id])  # type: ignore[arg-type]
        with inside(a.scope), pytest.raises(Refused, match="entre-temps"):
            waiting.wait_again(db.session.scalars(select(Enrolment).where(Enrolment.id == seat.id)).one())
    assert state_of(superuser, seat.id) == "lapsed"


def test_half_a_cent_of_a_fee_goes_up_as_on_invoices(app: Flask, world: World, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    superuser.execute("UPDATE session_link SET price_cents = 2501 WHERE workspace_id = %s", (a.id,))
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        (who,) = crowd(a, 1)
        enrol_all(a, link, [who])
        superuser.execute("UPDATE enrolment SET price_cents = 2501, terms = '[[0, 50]]' WHERE link_id = %s", (link.id,))
        with inside(a.scope):
            assert fee_cents(row_of(link, who)) == 1251
            held = placeholders.hold(own_link(link), 1)[0]
            held.price_cents, held.terms = 2501, [[0, 50]]
            assert placeholders.fee_cents(held) == 1251


def test_what_a_move_costs_is_what_was_shown(
    app: Flask, world: World, superuser: Connection, signed_in: Callable[[str], FlaskClient]
) -> None:
    """The page was drawn the evening before, when leaving was free; so for a seat without a name."""
    a = world.firms[0].companies[0]
    with app.app_context():
        here, there = open_for(world, 5)[a.slug], open_for(world, 5, starts=dt.timedelta(days=50))[a.slug]
        (who,) = crowd(a, 1)
        seat = enrol_all(a, here, [who]).seated[0]
        with inside(a.scope):
            unnamed = placeholders.hold(own_link(here), 1)[0].id
    browser, root = signed_in(a.address("hr")), f"/alpha/w/{a.slug}"
    page = browser.get(f"{root}/seats/{seat.id}/transfer").get_data(as_text=True)
    assert '<input type="hidden" name="fee" value="0">' in page
    assert '<input type="hidden" name="fee" value="0">' in browser.get(f"{root}/placeholders/{unnamed}").get_data(as_text=True)
    for table in ("enrolment", "placeholder"):
        superuser.execute(f"UPDATE {table} SET terms = '[[0, 50]]' WHERE link_id = %s", (here.id,))  # type: ignore[arg-type]
    refused = browser.post(f"{root}/seats/{seat.id}/transfer", data={"link": str(there.id), "fee": "0"})
    assert refused.status_code == 422 and "look once more" in refused.get_data(as_text=True)
    assert browser.post(f"{root}/placeholders/{unnamed}/give-back", data={"fee": "0"}).status_code == 422
    assert state_of(superuser, seat.id) == "seated"
    moved = browser.post(f"{root}/seats/{seat.id}/transfer", data={"link": str(there.id), "fee": "50000"})
    assert moved.status_code == 303 and state_of(superuser, seat.id) == "transferred"

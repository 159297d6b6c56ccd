"""A mail and a feed say the same of a day: one UID, and a SEQUENCE that never goes back, whatever becomes of the session."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from saas.catalogue.commands import moves
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World
from tests.letters.support import Superuser, arrived, empty_box, entries, hurry
from tests.sessions import rfc5545
from tests.sessions.planning import half, loaded, soon
from tests.sessions.test_feeds import changed, fetched, member_url, three_days


def test_mail_and_feed_move_together(app: Flask, world: World, client: FlaskClient, superuser: Superuser) -> None:
    alpha = world.firms[0]
    company = alpha.companies[0]
    session_id = three_days(app, alpha)
    url = member_url(app, company, "participant")
    with app.app_context():
        drain()
        first = {uid: sequence for mail in arrived(company.address("participant")) for _m, uid, sequence, _d in entries(mail)}
        assert set(first) == set(rfc5545.events(fetched(client, url)))
        empty_box()
    # The middle day goes, the last one moves, another one comes.
    changed(app, alpha, session_id, lambda was: replace(was, halves=(was.halves[0], half(soon(64)), half(soon(65)))))
    with app.app_context():
        hurry(superuser)
        (mail,) = [m for m in arrived(company.address("participant")) if list(m.iter_attachments())]
        told = {uid: (method, sequence) for method, uid, sequence, _d in entries(mail)}
    feed = rfc5545.events(fetched(client, url))
    assert {uid for uid, (method, _s) in told.items() if method == "REQUEST"} == {
        uid for uid, event in feed.items() if event.text("STATUS") == "CONFIRMED"
    }
    assert {uid for uid, (method, _s) in told.items() if method == "CANCEL"} <= {
        uid for uid, event in feed.items() if event.text("STATUS") == "CANCELLED"
    }
    assert all(told[uid][1] > sequence for uid, sequence in first.items() if uid in told)
    with app.app_context():
        empty_box()
        with inside(alpha.scope):
            moves.move(loaded(session_id), "cancelled", "Too few")
        drain()
        (mail,) = [m for m in arrived(company.address("participant")) if list(m.iter_attachments())]
        gone = {uid: (method, sequence) for method, uid, sequence, _d in entries(mail)}
    assert {method for method, _s in gone.values()} == {"CANCEL"} and gone.keys() == {
        uid for uid, (method, _s) in told.items() if method == "REQUEST"
    }
    assert all(sequence > told[uid][1] for uid, (_m, sequence) in gone.items())

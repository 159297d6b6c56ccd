"""Planning a session: lines, patterns, seasons, clashes, what two people do at once, what is told."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import absences, sessions, venues
from saas.catalogue.models import SessionSeats
from saas.catalogue.planning import Place
from saas.catalogue.queries import clashes as clashing
from saas.kit.clock import PARIS
from saas.kit.errors import Refused
from tenants.db import db
from tenants.scope import Scope, inside
from tests.cast import FirmCast, World
from tests.sessions.planning import given, half, loaded, mark, newest, plan, planned_ones, seat, slots_of, soon, typed

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def test_lines_become_half_days(alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    """A whole day, a morning elsewhere, an evening by video at its own hours."""
    lines = [
        {"day": str(soon(40))},
        {"day": str(soon(41)), "part": "am", "venue": "Refuge, 1 chemin du Col"},
        {"day": str(soon(42)), "part": "timed", "start": "18:00", "end": "20:00", "video_url": "https://visio.example/x"},
        {"day": ""},
    ]  # fmt: skip
    form = typed(lines, version=str(alpha.ids["version_id"]), trainers=[str(alpha.ids["trainer"])], cost="1 200", notes="Ours")
    answer = signed_in(OWNER).post("/alpha/sessions/new", data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    found = slots_of(superuser, newest(superuser))
    assert [(s.date(), s.hour, e.hour, entry) for s, e, entry, *_ in found] == [
        (soon(40), 9, 12, 1), (soon(40), 14, 17, 1), (soon(41), 9, 12, 2), (soon(42), 18, 20, 3),
    ]  # fmt: skip
    assert [row[3:] for row in found][2:] == [("Refuge", ""), ("", "https://visio.example/x")]
    assert superuser.execute("SELECT cost_cents, notes FROM session_seats WHERE id = %s", (newest(superuser),)).fetchone() == (
        120_000,
        "Ours",
    )


def test_lines_are_added_taken_out_and_repeated_without_javascript(alpha: FirmCast, signed_in: SignedIn) -> None:
    """Every two weeks, four times: over the end of March, at nine each time."""
    browser, version = signed_in(OWNER), str(alpha.ids["version_id"])
    lines = [{"day": "2027-03-01", "part": "am", "venue": "Kept"}]
    asked = typed(lines, version=version, notes="Kept as well")
    body = browser.post("/alpha/sessions/new", data={**asked, "do": "add"}).get_data(as_text=True)
    assert 'name="lines-1-day"' in body and "Kept as well" in body
    body = browser.post("/alpha/sessions/new", data={**asked, "do": "fill"}).get_data(as_text=True)
    assert re.findall(r'name="lines-\d+-day" type="date" value="([^"]+)"', body) == [
        "2027-03-01", "2027-03-15", "2027-03-29", "2027-04-12",
    ]  # fmt: skip
    assert body.count('value="Kept"') == 4
    body = browser.post("/alpha/sessions/new", data={**asked, "do": "remove-0"}).get_data(as_text=True)
    assert 'value="2027-03-01"' not in body


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        ([], {}, "Give at least one half-day."), ([{"day": "nonsense"}], {}, "Line 1"),
        ([{"day": "2027-03-01", "part": "timed", "start": "10:00"}], {}, "Line 1 needs both hours"),
        ([{"day": "2027-03-01"}, {"day": "2027-03-01", "part": "pm"}], {}, "Two half-days overlap"),
        ([{"day": "2027-03-01", "part": "timed", "start": "12:00", "end": "10:00"}], {}, "ends before it starts"),
        ([{"day": "2027-03-01"}], {"minimum": "11"}, "The minimum is above"), ([{"day": "2027-03-01"}], {"video_url": "http://x"}, "https://"),
        ([{"day": "2027-03-01", "video_url": "javascript:x"}], {}, "Line 1: A video link starts"),
        ([{"day": "2027-03-01"}], {"decision_on": "2027-03-02"}, "The decision is due before"),
        ([{"day": "2027-03-01"}], {"capacity": "0"}, "between 1 and 1000"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_everything_typed_stays(
    alpha: FirmCast, signed_in: SignedIn, superuser: Superuser, lines: list[dict[str, str]], more: dict[str, str], said: str
) -> None:
    before = planned_ones(superuser)
    form = typed(lines, version=str(alpha.ids["version_id"]), access="By the back door", **more)
    answer = signed_in(OWNER).post("/alpha/sessions/new", data=form)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in body and "By the back door" in body
    assert planned_ones(superuser) == before


def test_a_copy_keeps_its_hours_across_the_change_of_clocks(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    """From winter on: four weeks apart, three times, at nine on the wall each time."""
    with app.app_context():
        first = given(alpha, plan(half(dt.date(2027, 3, 1)), half(dt.date(2027, 3, 2))), links=tuple(alpha.companies))
        with inside(alpha.scope):
            made = sessions.duplicate(loaded(first), dt.date(2027, 3, 22), times=3, weeks=1, with_links=True)
            ids = [session.id for session in made]
    days = [[(s.date(), s.hour) for s, *_ in slots_of(superuser, i)] for i in ids]
    assert days == [[(dt.date(2027, 3, d), 9), (dt.date(2027, 3, d + 1), 9)] for d in (22, 29)] + [
        [(dt.date(2027, 4, 5), 9), (dt.date(2027, 4, 6), 9)]
    ]
    rows = superuser.execute("SELECT count(*) FROM session_link WHERE session_id = ANY(%s)", (ids,)).fetchone()
    assert (
        rows == (6,)
        and not superuser.execute(
            "SELECT 1 FROM enrolment WHERE link_id IN (SELECT id FROM session_link WHERE session_id = ANY(%s))", (ids,)
        ).fetchall()
    )


def test_a_trainer_in_two_places_is_said_by_name_and_may_be_meant(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    trainer = alpha.ids["trainer"]
    with app.app_context():
        other = given(alpha, plan(half(soon(40)), trainers=frozenset({trainer})))
    before, browser = planned_ones(superuser), signed_in(OWNER)
    form = typed([{"day": str(soon(40))}], version=str(alpha.ids["version_id"]), trainers=[str(trainer)], notes="Kept")
    answer = browser.post("/alpha/sessions/new", data=form)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422 and planned_ones(superuser) == before
    assert "Alpha Trainer" in body and f"/alpha/sessions/{other}" in body and "Plan anyway" in body and "Kept" in body
    assert browser.post("/alpha/sessions/new", data={**form, "anyway": mark(answer, "anyway")}).status_code == 303
    assert planned_ones(superuser) == before + 1


def test_planning_anyway_means_these_clashes_and_no_others(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    trainer, browser = alpha.ids["trainer"], signed_in(OWNER)
    with app.app_context():
        given(alpha, plan(half(soon(40)), trainers=frozenset({trainer})))
    form = typed([{"day": str(soon(40))}], version=str(alpha.ids["version_id"]), trainers=[str(trainer)])
    seen = mark(browser.post("/alpha/sessions/new", data=form), "anyway")
    with app.app_context(), inside(alpha.scope):
        absences.add_absence(trainer, soon(40), soon(40), "")
    answer = browser.post("/alpha/sessions/new", data={**form, "anyway": seen})
    assert answer.status_code == 422 and "not available that day" in answer.get_data(as_text=True)


def test_what_clashes_and_what_does_not(app: Flask, alpha: FirmCast) -> None:
    """Back to back is no clash; a cancelled session is none; a room of its own for one half-day counts."""
    trainer, room = alpha.ids["trainer"], alpha.ids["room_id"]
    here = Place("V", room_id=room)
    with app.app_context():
        own = given(alpha, plan(half(soon(40), 9, 12), place=here, trainers=frozenset({trainer})))
        with inside(alpha.scope):

            def kinds(*halves: Any, place: Place | None = None, who: bool = True, own_id: UUID | None = None) -> list[str]:
                wanted = plan(*halves, place=place, trainers=frozenset({trainer} if who else ()))
                return [c.kind for c in clashing.clashes(wanted, own_id)]

            assert kinds(half(soon(40), 12, 14)) == [] and kinds(half(soon(40), 7, 9)) == []
            assert kinds(half(soon(40), 11, 14)) == ["trainer"] and kinds(half(soon(40), 10, 11)) == ["trainer"]
            assert kinds(half(soon(40), 8, 18), place=here) == ["room", "trainer"]
            assert kinds(half(soon(40), 8, 18), place=here, who=False) == ["room"]
            assert kinds(half(soon(40), 10, 11, place=here), who=False) == ["room"]
            assert kinds(half(soon(40), 8, 18), own_id=own) == [], "a session does not clash with itself"
            sessions.move(loaded(own), "cancelled", "ill")
            assert kinds(half(soon(40), 8, 18), place=here) == []


def test_a_limited_advisor_hears_of_another_session_not_of_its_name(app: Flask, alpha: FirmCast) -> None:
    a, b = alpha.companies
    trainer = alpha.ids["trainer"]
    with app.app_context():
        for n, company in enumerate((a, b)):
            given(alpha, plan(half(soon(40 + n)), trainers=frozenset({trainer})), "intra", links=(company,))
        with inside(Scope.firm(alpha.id, frozenset({a.id}))):
            wanted = plan(half(soon(40)), half(soon(41)), trainers=frozenset({trainer}))
            theirs, hidden = clashing.clashes(wanted)
    assert theirs.session_id and theirs.title and hidden.session_id is None and hidden.title is None


def test_two_people_who_plan_at_once_see_each_other(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    """The same trainer, the same day, at the same moment: one session, and one warning."""
    before = planned_ones(superuser)
    form = typed([{"day": str(soon(40))}], version=str(alpha.ids["version_id"]), trainers=[str(alpha.ids["trainer"])])
    browsers, start = [signed_in(OWNER), signed_in("advisor@alpha.example")], threading.Barrier(2)

    def post(browser: FlaskClient) -> int:
        start.wait()
        return browser.post("/alpha/sessions/new", data=form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(post, browsers)) == [303, 422]
    assert planned_ones(superuser) == before + 1


def test_a_venue_lends_its_words_and_its_room(app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    form = typed([{"day": str(soon(40))}], version=str(alpha.ids["version_id"]), room=str(alpha.ids["room_id"]))
    assert signed_in(OWNER).post("/alpha/sessions/new", data=form).status_code == 303
    row = superuser.execute(
        "SELECT venue, address, access, accessibility, room_id FROM training_session WHERE id = %s", (newest(superuser),)
    ).fetchone()
    assert row == ("alpha venue, Room", "1 rue", "Tram", "Lift", alpha.ids["room_id"])
    small = signed_in(OWNER).post("/alpha/sessions/new", data={**form, "lines-0-day": str(soon(41)), "capacity": "13"})
    assert small.status_code == 422 and "12 seats only" in small.get_data(as_text=True)
    with app.app_context(), inside(alpha.scope), pytest.raises(Refused) as no:
        venues.add_venue(venues.About("alpha venue"))
    assert no.value.field == "name"


def test_programmes_to_choose_from_are_said_in_the_readers_language(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    page = signed_in(OWNER).get("/alpha/sessions/new").get_data(as_text=True)
    assert "Committed manager</option>" in page and "Manager engagé</option>" not in page


def test_margin_is_the_firms_alone(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    a = alpha.companies[0]
    with app.app_context():
        session_id = given(
            alpha,
            plan(half(soon(40)), cost_cents=40_000, notes="zq-ours", trainers=frozenset({alpha.ids["trainer"]})),
            links=(a,),
        )
        seat(a, "participant")
    page = f"/alpha/sessions/{session_id}"
    assert "€600.00" in signed_in(OWNER).get(page).get_data(as_text=True)
    trainer = signed_in("trainer@alpha.example").get(page).get_data(as_text=True)
    assert "€" not in trainer and "zq-ours" not in trainer, "what seats cost is not a trainer's"
    assert f"/w/{a.slug}/" not in trainer, "a link into the client's space would lead to a refusal"
    hr = signed_in(a.address("hr")).get(f"/alpha/w/{a.slug}/sessions/{a.ids['own_link']}").get_data(as_text=True)
    assert "€600.00" not in hr and "zq-ours" not in hr and "40" not in re.findall(r"€400.00", hr)


def test_hours_of_another_zone_are_said_with_it(app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    form = typed([{"day": "2027-07-01", "part": "am"}], version=str(alpha.ids["version_id"]), time_zone="Indian/Reunion")
    assert signed_in(OWNER).post("/alpha/sessions/new", data=form).status_code == 303
    start = slots_of(superuser, newest(superuser))[0][0].replace(tzinfo=PARIS)
    assert start.hour == 7, "nine in Réunion is seven in Paris, in summer"
    page = signed_in(OWNER).get(f"/alpha/sessions/{newest(superuser)}").get_data(as_text=True)
    assert "9:00 – 12:30" in page and "Hours are those of Réunion." in page


def test_seats_beside_a_session_are_its_own(app: Flask, alpha: FirmCast) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=7, minimum=3, decider_id=alpha.ids["advisor"]))
        with inside(alpha.scope):
            seats = db.session.scalars(select(SessionSeats).where(SessionSeats.id == session_id)).one()
            assert (seats.capacity, seats.minimum, seats.decider_id) == (7, 3, alpha.ids["advisor"])

"""Planning a session: lines, patterns, seasons, clashes, what two people do at once, what is told."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import absences, changing, sessions, venues
from saas.catalogue.models import SessionLink, SessionSeats, Slot, TrainingSession
from saas.catalogue.planning import Place, planned
from saas.catalogue.queries import clashes as clashing
from saas.catalogue.signals import session_moved
from saas.enrolments import commands as enrolments
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import PARIS
from saas.kit.errors import Refused
from saas.workspaces.commands import staff
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import FirmCast, World, add_person
from tests.sessions.planning import given, half, loaded, plan, seat, soon, typed

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


@pytest.fixture
def heard() -> Iterator[list[set[str]]]:
    """What session_moved told, in order."""
    told: list[set[str]] = []

    def note(_sender: Any, session: TrainingSession, changed: set[str]) -> None:
        told.append(changed)

    with session_moved.connected_to(note):
        yield told


def slots_of(superuser: Superuser, session_id: object) -> list[tuple[Any, ...]]:
    return superuser.execute(
        "SELECT (starts_at AT TIME ZONE 'Europe/Paris'), (ends_at AT TIME ZONE 'Europe/Paris'), entry, venue, video_url FROM slot"
        " WHERE session_id = %s ORDER BY starts_at", (session_id,)
    ).fetchall()  # fmt: skip


def newest(superuser: Superuser) -> UUID:
    row = superuser.execute("SELECT id FROM training_session ORDER BY created_at DESC, id DESC LIMIT 1").fetchone()
    assert row and isinstance(row[0], UUID)
    return row[0]


def planned_ones(superuser: Superuser) -> int:
    row = superuser.execute("SELECT count(*) FROM training_session").fetchone()
    return int(str(row and row[0]))


def mark(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" type="hidden" value="([^"]*)"', answer.get_data(as_text=True))
    assert found, name
    return found[1]


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


def test_a_change_is_shown_before_it_is_told_and_told_once(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser, heard: list[set[str]]
) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), half(soon(41))), links=(a, b))
        for company in (a, b):
            seat(company, "participant")
    browser, address = signed_in(OWNER), f"/alpha/sessions/{session_id}/change"
    page = browser.get(address)
    slots = re.findall(r'name="lines-\d-slot" type="hidden" value="([^"]+)"', page.get_data(as_text=True))
    lines = [{"slot": slots[n], "day": str(soon(d)), "start": "09:00", "end": "12:00"} for n, d in enumerate((50, 41))]
    form = typed(lines, seen=mark(page, "seen"))
    answer = browser.post(address, data=form)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "2 people hear of it, once." in said and not heard
    assert browser.post(address, data={**form, "reviewed": mark(answer, "reviewed")}).status_code == 303
    assert heard == [{"dates"}]
    assert [(s.date(), entry) for s, _e, entry, *_ in slots_of(superuser, session_id)] == [(soon(41), 2), (soon(50), 1)]
    row = superuser.execute(
        "SELECT sequence, (starts_at AT TIME ZONE 'Europe/Paris')::date FROM training_session WHERE id = %s", (session_id,)
    ).fetchone()
    assert row == (1, soon(41))
    # Somebody else's form was drawn before: it does not write over this.
    late = browser.post(
        address,
        data={**form, "venue": "Salle 9", "reviewed": mark(browser.post(address, data={**form, "venue": "Salle 9"}), "reviewed")},
    )
    assert late.status_code == 422 and "Somebody changed this session" in late.get_data(as_text=True)
    assert "Salle 9" in late.get_data(as_text=True)


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        ({"place": Place("Salle 2", "Lyon")}, {"place"}), ({"place": Place("Salle 1", "Grenoble", video_url="https://v.example")}, {"video"}),
        ({"language": "en", "capacity": 12, "notes": "x", "cost_cents": 5}, None),
    ],
)  # fmt: skip
def test_what_is_told_of_a_change(
    app: Flask, alpha: FirmCast, heard: list[set[str]], turn: dict[str, Any], told: set[str] | None
) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))))
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), **turn))
            assert session.sequence == (1 if told else 0)
    assert heard == ([told] if told else [])


def test_a_drafts_changes_are_nobodys_news(app: Flask, alpha: FirmCast, heard: list[set[str]]) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))), state="draft")
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), place=Place("Elsewhere")))
    assert heard == []


def test_what_has_begun_stays(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), half(soon(41))))
        superuser.execute(
            "UPDATE slot SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' WHERE session_id = %s AND entry = 1",
            (session_id,),
        )
        with inside(alpha.scope):
            session = loaded(session_id)
            was = planned(session)
            with pytest.raises(Refused) as no:
                changing.change(session, replace(was, halves=was.halves[1:]))
            assert no.value.field == "lines"
            changing.change(session, replace(was, halves=(was.halves[0], half(soon(45)))))
            assert db.session.scalars(select(Slot).where(Slot.session_id == session_id)).all()


def test_seats_never_go_under_what_is_taken_whoever_comes_meanwhile(app: Flask, alpha: FirmCast, superuser: Superuser) -> None:
    """Ten people want seats while somebody lowers the number of seats to three, over and over."""
    a = alpha.companies[0]
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=10), links=(a,))
        with inside(a.scope):
            people = [add_person(a, f"p{n}").id for n in range(10)]
    start = threading.Barrier(11)

    def enrol(member_id: UUID) -> None:
        start.wait()
        with app.app_context(), inside(a.scope):
            link = db.session.scalars(select(SessionLink).where(SessionLink.id == a.ids["own_link"])).one()
            enrolments.enrol(link, db.session.scalars(select(Member).where(Member.id == member_id)).all())

    def lower(_: UUID | None) -> None:
        start.wait()
        for seats in (3, 3, 3, 3):
            try:
                with app.app_context(), inside(alpha.scope):
                    session = loaded(session_id)
                    changing.change(session, replace(planned(session), capacity=seats))
            except Refused as no:
                assert no.field == "capacity"  # noqa: PT017

    with ThreadPoolExecutor(11) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(lower, None), *((enrol, i) for i in people)]))
    row = superuser.execute("SELECT taken, capacity FROM session_seats WHERE id = %s", (session_id,)).fetchone()
    seated = superuser.execute(
        "SELECT count(*) FROM enrolment WHERE state = 'seated' AND link_id = %s", (a.ids["own_link"],)
    ).fetchone()
    assert row and seated and int(str(row[0])) <= int(str(row[1])) and row[0] == seated[0]


def test_more_seats_go_to_whoever_waits(app: Flask, alpha: FirmCast) -> None:
    a = alpha.companies[0]
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40)), capacity=1), links=(a,))
        seat(a, "participant")
        waiting = seat(a, "second")
        drain()
        with inside(alpha.scope):
            session = loaded(session_id)
            changing.change(session, replace(planned(session), capacity=2))
        drain()
        with inside(a.scope):
            row = db.session.scalars(select(Enrolment).where(Enrolment.id == waiting)).one()
            assert row.state == "offered"


def test_a_change_takes_somebody_who_sees_every_client(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(soon(40))), links=(a, b))
        with inside(alpha.scope):
            from saas.identity.models import Staff

            staff.limit(db.session.scalars(select(Staff).where(Staff.id == alpha.ids["advisor"])).one(), [a.id])
    browser, address = signed_in("advisor@alpha.example"), f"/alpha/sessions/{session_id}"
    form = typed([{"day": str(soon(50))}], seen="")
    answer = browser.post(f"{address}/change", data=form)
    form["reviewed"] = mark(answer, "reviewed")
    assert "clients you do not look after" in browser.post(f"{address}/change", data=form).get_data(as_text=True)
    browser.post(f"{address}/cancel", data={"reason": "ill"})
    rows = superuser.execute("SELECT state FROM training_session WHERE id = %s", (session_id,)).fetchone()
    assert rows == ("open",) and slots_of(superuser, session_id)[0][0].date() == soon(40)


def test_a_venue_lends_its_words_and_its_room(app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    form = typed([{"day": str(soon(40))}], version=str(alpha.ids["version_id"]), room=str(alpha.ids["room_id"]))
    assert signed_in(OWNER).post("/alpha/sessions/new", data=form).status_code == 303
    row = superuser.execute(
        "SELECT venue, address, access, accessibility, room_id FROM training_session WHERE id = %s", (newest(superuser),)
    ).fetchone()
    assert row == ("alpha venue, Room", "1 rue", "Tram", "Lift", alpha.ids["room_id"])
    with app.app_context(), inside(alpha.scope), pytest.raises(Refused) as no:
        venues.add_venue(venues.About("alpha venue"))
    assert no.value.field == "name"


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
    assert "€600.00" not in trainer and "zq-ours" not in trainer
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

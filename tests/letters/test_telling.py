"""Told once: retries, two changes, twins; who hears of a session that moves; HR's summary; trainers."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from saas.catalogue.models import TrainingSession
from saas.catalogue.signals import session_moved
from saas.enrolments.commands import leaving
from saas.enrolments.letters.kinds import job_of
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import now
from tenants.db import db
from tenants.queue import drain, later, run, tick
from tenants.scope import inside
from tests.cast import Company, FirmCast, World
from tests.letters.support import (
    Superuser,
    a_session,
    arrived,
    ask,
    empty_box,
    enrol,
    entries,
    hurry,
    session_row,
    state,
    text_of,
)
from tests.workspaces.crowd import limit


def move_by(firm: FirmCast, session_id: UUID, days: int, *, venue: str = "", only: int | None = None) -> None:
    """Move a session as its own commands do: days, place, or its second day taken away; and send the news."""
    with inside(firm.scope):
        session = session_row(session_id)
        for slot in list(session.slots):
            if only is not None and slot.starts_at >= session.slots[0].starts_at + dt.timedelta(days=only):
                db.session.delete(slot)
                continue
            slot.starts_at += dt.timedelta(days=days)
            slot.ends_at += dt.timedelta(days=days)
        session.starts_at += dt.timedelta(days=days)
        session.ends_at += dt.timedelta(days=days)
        session.venue = venue or session.venue
        session.sequence += 1
        session_moved.send(db, session=session, changed={"dates"} | ({"place"} if venue else set()))


def test_two_changes_within_minutes_are_told_once(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company])
        (seat,) = enrol(company, links[company.slug], "participant")
        drain()
        (first,) = entries(arrived(company.address("participant"))[0])
        empty_box()
        move_by(firm, session_id, 1)
        drain()
        assert arrived(company.address("participant")) == [], "a change waits for the next one"
        move_by(firm, session_id, 2, venue="Salle Chartreuse")
        hurry(superuser)
        (mail,) = arrived(company.address("participant"))
        (entry,) = entries(mail)
        assert entry[:2] == ("REQUEST", first[1]) and entry[2] > first[2] and entry[3] == first[3] + dt.timedelta(days=3)
        said = text_of(mail)
        assert "Salle Chartreuse" in said and "the dates or the hours, the place" in said and "Before" in said
        empty_box()
        move_by(firm, session_id, 1)
        move_by(firm, session_id, -1)
        hurry(superuser)
        assert arrived(company.address("participant")) == [], "there and back again is no news"
    assert superuser.execute("SELECT sequence FROM enrolment_told WHERE enrolment_id = %s", (seat,)).fetchone() == (entry[2],)


def test_a_day_that_is_no_more_leaves_the_calendar(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company], length=2)
        (seat,) = enrol(company, links[company.slug], "participant")
        drain()
        empty_box()
        move_by(firm, session_id, 0, only=1)
        hurry(superuser)
        found = entries(arrived(company.address("participant"))[0])
    assert [(method, uid) for method, uid, _s, _d in found] == [("REQUEST", f"{seat}-1@cordee"), ("CANCEL", f"{seat}-2@cordee")]


def test_a_move_is_told_to_those_with_a_seat_or_an_offer_alone(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company])
        seats = enrol(company, links[company.slug], "participant", "sponsor", "hr", "second")
        drain()
        for seat, name in zip(seats, ("seated", "offered", "waiting", "refused"), strict=True):
            state(company, seat, name, offer_until=now() + dt.timedelta(hours=3))
        empty_box()
        move_by(firm, session_id, 1)
        hurry(superuser)
        told = {
            role: sum("the change" in str(m["Subject"]) for m in arrived(company.address(role)))
            for role in ("participant", "sponsor", "hr", "second")
        }
    assert told == {"participant": 1, "sponsor": 1, "hr": 0, "second": 0}


def test_another_trainer_is_news_for_whoever_read_the_name(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company], days=3, state="confirmed")
        later_one, later_links = a_session(firm, [company], days=30)
        enrol(company, links[company.slug], "participant")
        enrol(company, later_links[company.slug], "sponsor")
        drain()
        empty_box()
        for changed in (session_id, later_one):
            superuser.execute("DELETE FROM session_trainer WHERE session_id = %s", (changed,))
            with inside(firm.scope):
                session_moved.send(db, session=session_row(changed), changed={"trainers"})
        hurry(superuser)
        assert [str(m["Subject"]) for m in arrived(company.address("participant"))] == [
            "Please note the change: Committed manager"
        ]
        assert arrived(company.address("sponsor")) == []


def test_the_same_job_run_twice_tells_once(app: Flask, world: World, superuser: Superuser) -> None:
    """A copy of a move's and of a convocation's job finds nothing left to say, one after the other or at the same moment."""
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company], state="confirmed")
        (seat,) = enrol(company, links[company.slug], "participant")
        drain()
        move_by(firm, session_id, 1)
        empty_box()
        with inside(company.scope):
            rows = [later(job_of(code), enrolment_id=seat) for code in ("moved", "moved", "convocation", "convocation")]
        db.engine.dispose()

    def do(row: UUID) -> None:
        with app.app_context():
            run(str(row))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(do, rows))
    with app.app_context():
        subjects = sorted(str(mail["Subject"]) for mail in arrived(company.address("participant")))
    assert subjects.count("Your convocation: Committed manager") == 1 and len(subjects) <= 2, subjects


def test_hr_hears_once_of_many_and_not_of_one(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _session, links = a_session(firm, [company], capacity=2)
        drain()
        empty_box()
        enrol(company, links[company.slug], "participant", "sponsor", "second")
        drain()
        assert arrived(company.address("hr")) == []
        hurry(superuser)
        (mail,) = arrived(company.address("hr"))
        said = text_of(mail)
        assert "With a seat" in said and "On the waiting list" in said and "Participant" in said and "Second" in said
        assert str(mail["Subject"]) == "Enrolled: Committed manager"
        hurry(superuser)
        _other, single = a_session(firm, [company], days=60)
        enrol(company, single[company.slug], "participant")
        hurry(superuser)
        hurry(superuser)
        assert len(arrived(company.address("hr"))) == 1


def test_a_limited_hr_hears_of_their_own_people_alone(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        limit(company, company.ids["member-hr"], sites=["Lyon"])
        superuser.execute("UPDATE member SET site = 'Lyon' WHERE id = ANY(%s)", ([company.ids["member-participant"]],))
        _session, links = a_session(firm, [company])
        hurry(superuser)
        empty_box()
        enrol(company, links[company.slug], "participant", "sponsor", "second")
        hurry(superuser)
        hurry(superuser)
        said = text_of(arrived(company.address("hr"))[0])
    assert "Participant" in said and "Sponsor" not in said and "Second" not in said


def test_hr_hears_when_somebody_asks_and_when_they_give_back(app: Flask, world: World) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _session, links = a_session(firm, [company])
        (seat,) = enrol(company, links[company.slug], "participant")
        drain()
        empty_box()
        state(company, seat, "requested")
        ask(company.scope, "requested", enrolment_id=seat)
        state(company, seat, "seated")
        gives_back(company, seat)
        drain()
        subjects = [str(mail["Subject"]) for mail in arrived(company.address("hr"))]
        assert [subject.split(" zq")[0] for subject in subjects] == ["Participant", "Participant"]
        assert "asks for a seat" in subjects[0] and "gives the seat back" in subjects[1]
        assert arrived("@alpha-b.example") == []


def gives_back(company: Company, seat: UUID) -> None:
    """The person gives the seat back themselves: the step bears their name."""
    from flask import current_app, g

    from saas.identity.viewer import Viewer

    with current_app.test_request_context("/"), inside(company.scope):
        row = db.session.scalars(select(Enrolment).where(Enrolment.id == seat)).one()
        person = db.session.scalars(select(Member).where(Member.id == row.member_id)).one()
        g.viewer = Viewer(account_id=company.id, name=person.name)
        leaving.withdraw(row, "ill")


def test_trainers_hear_of_a_cancelled_session_and_of_a_newcomer(app: Flask, world: World) -> None:
    from saas.catalogue.commands.sessions import move

    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company])
        (old,) = enrol(company, links[company.slug], "participant")
        (new,) = enrol(company, links[company.slug], "second")
        drain()
        state(company, old, "substituted", ended_at=now())
        ask(company.scope, "substituted_out", enrolment_id=old)
        ask(company.scope, "substituted_in", enrolment_id=new)
        with inside(firm.scope):
            move(session_row(session_id), "cancelled", "Too few")
        drain()
        mails = arrived("trainer@alpha.example")
        assert ["remplacement" in str(m["Subject"]) for m in mails] == [True, False] and "annulée" in str(mails[1]["Subject"])
        assert "Second" in text_of(mails[0]) and "Participant" in text_of(mails[0])
        assert company.address("second") not in text_of(mails[0]), "trainers learn no addresses"
        assert arrived("trainer@beta.example") == []


def test_the_clock_convokes_once(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        near, near_links = a_session(firm, [company], days=6, state="open")
        _far, far_links = a_session(firm, [company], days=20, state="confirmed")
        enrol(company, near_links[company.slug], "participant")
        enrol(company, far_links[company.slug], "sponsor")
        drain()
        empty_box()
        for _ in range(2):
            knock(superuser)
        assert arrived() == [], "the session is not confirmed"
        superuser.execute("UPDATE training_session SET state = 'confirmed' WHERE id = %s", (near,))
        for _ in range(3):
            knock(superuser)
        assert [str(m["Subject"]) for m in arrived()] == ["Your convocation: Committed manager"]
        superuser.execute("INSERT INTO letter_settings (firm_id, id, convocation_days) VALUES (%(f)s, %(f)s, 20)", {"f": firm.id})
        knock(superuser)
        assert len(arrived(company.address("sponsor"))) == 1


def knock(superuser: Superuser) -> None:
    superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'enrolments.sweep_convocations'")
    tick()
    drain()


def test_whoever_is_enrolled_late_is_convoked_at_once(app: Flask, world: World, superuser: Superuser) -> None:
    """One mail: the convocation says that they have a seat. The newcomer of a substitution gets both."""
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _session, links = a_session(firm, [company], days=2, state="confirmed")
        enrol(company, links[company.slug], "participant")
        (new,) = enrol(company, links[company.slug], "second")
        superuser.execute("DELETE FROM outbox WHERE payload->>'enrolment_id' = %s", (str(new),))
        drain()
        knock(superuser)
        assert [str(m["Subject"]) for m in arrived(company.address("participant"))] == ["Your convocation: Committed manager"]
        empty_box()
        superuser.execute("DELETE FROM enrolment_told WHERE enrolment_id = %s", (new,))
        ask(company.scope, "substituted_in", enrolment_id=new)
        knock(superuser)
        subjects = [str(m["Subject"]) for m in arrived(company.address("second"))]
    assert subjects == ["You take over a seat: Committed manager", "Your convocation: Committed manager"]


def test_a_session_that_is_cancelled_or_draft_moves_nobody(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company])
        enrol(company, links[company.slug], "participant")
        drain()
        empty_box()
        with inside(firm.scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()
            session.state = "cancelled"
            session_moved.send(db, session=session, changed={"dates"})
        hurry(superuser)
        assert arrived() == []

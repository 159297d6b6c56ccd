"""Dates of rituals: seats and who waits, moving and calling off, summer time, calendar entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaits
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from saas.community.commands import rituals
from saas.community.models import Notice, Occurrence, Rsvp
from saas.kit.clock import PARIS, now
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tenants.scope import Scope, inside
from tests.cast import World
from tests.community.scene import Scene, Superuser

TITLE = "Tea; cakes, \r\nand talk"


@pytest.fixture
def scene(app: Flask, world: World) -> Scene:
    found = Scene(app, world.companies[0])
    found.joins("participant", "hr")
    return found


def plan(scene: Scene, seats: int | None = None, first: dt.datetime | None = None) -> list[UUID]:
    """Three dates, a week apart by the clock on the wall."""
    first = first or dt.datetime.combine(now().date() + dt.timedelta(days=3), dt.time(9), PARIS)
    starts = [dt.datetime.combine(first.date() + dt.timedelta(weeks=n), first.time(), PARIS) for n in range(3)]
    with scene.as_("second"):
        ritual = rituals.plan_ritual(
            scene.zone, "free", TITLE, "", [(start, start + dt.timedelta(hours=1)) for start in starts], "Room; 2, left", seats
        )
        rows = select(Occurrence.id).where(Occurrence.ritual_id == ritual.id).order_by(Occurrence.starts_at)
        return list(db.session.scalars(rows))


def date(occurrence_id: UUID) -> Occurrence:
    return db.session.scalars(select(Occurrence).where(Occurrence.id == occurrence_id)).one()


def answers(scene: Scene, role: str, occurrence_id: UUID, answer: str = "yes") -> bool:
    with scene.as_(role):
        return rituals.answer_date(date(occurrence_id), answer)


def told(scene: Scene, role: str, occurrence_id: UUID) -> list[tuple[str, int]]:
    with scene.as_(role) as account:
        rows = select(Notice).where(Notice.account_id == account, Notice.object_id == occurrence_id)
        return [(row.reason, row.number) for row in db.session.scalars(rows)]


def test_the_next_one_waits_and_gets_the_seat_that_is_given_back(scene: Scene) -> None:
    first, second, _ = plan(scene, seats=1)
    assert not answers(scene, "hr", first, "maybe"), "maybe takes no seat"
    assert answers(scene, "second", first)
    assert not answers(scene, "sponsor", first) and not answers(scene, "participant", first)
    assert not answers(scene, "sponsor", first), "the same answer again keeps the place"
    assert not answers(scene, "second", first, "no")
    assert told(scene, "sponsor", first) == [("seat", 1)] and told(scene, "participant", first) == []
    with scene.as_("sponsor") as account:
        assert rituals.coming(date(first))[0] == account
        assert not rituals.coming(date(second)), "yes to one is not yes to all"


def test_twenty_people_for_the_last_three_seats(scene: Scene, superuser: Superuser) -> None:
    first = plan(scene, seats=3)[0]
    people = [new_id() for _ in range(20)]
    for account in people:
        superuser.execute("INSERT INTO account (id) VALUES (%s)", (account,))
        superuser.execute(
            "INSERT INTO zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, role)"
            " VALUES (%s, %s, %s, %s, %s, 'Racer', 'company', 'member')",
            (scene.company.firm_id, scene.company.id, new_id(), scene.zone, account),
        )

    def race(account: UUID) -> bool:
        scope = Scope.community(scene.company.firm_id, scene.company.id, account)
        with scene.app.app_context(), inside(scope):
            return rituals.answer_date(date(first), "yes")

    with ThreadPoolExecutor(6) as pool:
        seated = list(pool.map(race, people))
    assert seated.count(True) == 3
    with scene.as_("second"):
        assert len(rituals.coming(date(first))) == 20


def test_an_answer_waits_for_whoever_changes_the_same_date(scene: Scene) -> None:
    first = plan(scene, seats=1)[0]
    with ThreadPoolExecutor(1) as pool:
        with scene.as_("second"):
            assert rituals.answer_date(date(first), "yes")
            other = pool.submit(answers, scene, "sponsor", first)
            with pytest.raises(StillWaits):
                other.result(timeout=0.7)
        assert other.result(timeout=10) is False, "the last seat was taken meanwhile"


def test_moving_one_keeps_the_others_and_the_answers_and_tells_once(scene: Scene) -> None:
    first, second, _ = plan(scene)
    answers(scene, "participant", first)
    answers(scene, "hr", first, "no")
    with scene.as_("second"):
        was, other = date(first).starts_at, date(second).starts_at
        assert (
            rituals.move(date(first), was.astimezone(PARIS).date() + dt.timedelta(days=1), dt.time(14), "The room is taken") == 1
        )
        assert date(first).starts_at.astimezone(PARIS).hour == 14 and date(first).sequence == 1
        assert date(second).starts_at == other and date(second).sequence == 0
        assert db.session.scalars(select(Rsvp).where(Rsvp.occurrence_id == first, Rsvp.answer == "yes")).one()
    assert told(scene, "participant", first) == [("ritual_changed", 1)] and told(scene, "hr", first) == []


def test_all_to_come_keep_their_hour_through_summer_time(scene: Scene) -> None:
    for month in (3, 10):
        last = max(dt.date(now().year + 1, month, n) for n in range(25, 32) if dt.date(now().year + 1, month, n).weekday() == 6)
        ids = plan(scene, first=dt.datetime.combine(last - dt.timedelta(days=3), dt.time(9), PARIS))
        with scene.as_("second"):
            hours = {date(one).starts_at.astimezone(PARIS).hour for one in ids}
            assert hours == {9} and len({date(one).starts_at.astimezone(dt.UTC).hour for one in ids}) == 2
            assert rituals.move(date(ids[0]), last - dt.timedelta(days=2), dt.time(8, 30), "Earlier", all_to_come=True) == 3
            starts = [date(one).starts_at.astimezone(PARIS) for one in ids]
            assert {(start.weekday(), start.hour, start.minute) for start in starts} == {(4, 8, 30)}


def test_called_off_once_with_a_reason_by_the_pilot(scene: Scene) -> None:
    first, second, third = plan(scene)
    with pytest.raises(Refused), scene.as_("participant"):
        rituals.call_off(date(first), "I say so")
    with pytest.raises(Refused), scene.as_("second"):
        rituals.call_off(date(first), "  ")
    with scene.as_("second"):
        assert rituals.call_off(date(second), "Stocktaking", all_to_come=True) == 2
        assert date(first).cancelled_at is None and date(third).cancelled_at
    with pytest.raises(Refused), scene.as_("second"):
        rituals.call_off(date(second), "Again")
    with pytest.raises(Refused):
        answers(scene, "participant", second)
    assert told(scene, "participant", second) == [("ritual_cancelled", 1)] and told(scene, "participant", third) == []


def test_the_entry_says_what_became_of_the_date(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    first = plan(scene)[0]
    client = signed_in(scene.company.address("second"))
    page = f"/{scene.company.firm}/w/{scene.company.slug}/community/dates/{first}"
    with scene.as_("second"):
        rituals.call_off(date(first), "Stocktaking")
    event = Calendar.from_ical(client.get(f"{page}/calendar.ics").data).walk("VEVENT")[0]
    assert event["status"] == "CANCELLED" and event["sequence"] == 1 and event["uid"] == f"{first}@cordee"
    assert event["location"] == "Room; 2, left" and event["summary"].startswith("Tea; cakes, ")
    assert "Stocktaking" in client.get(page).get_data(as_text=True)


def test_looking_changes_nothing_and_what_was_typed_stays(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    first = plan(scene)[0]
    client = signed_in(scene.company.address("second"))
    page = f"/{scene.company.firm}/w/{scene.company.slug}/community/dates/{first}"
    assert client.get(f"{page}/answer?answer=yes").status_code == 405
    for act in ("move", "call-off"):
        assert client.get(f"{page}/{act}?reason=x").status_code == 200
        answer = client.post(
            f"{page}/{act}", data={"reason": "Kept words", "day": "2001-01-01", "time": "09:00"} if act == "move" else {}
        )
        assert answer.status_code == 422
        assert act != "move" or "Kept words" in answer.get_data(as_text=True)
        assert signed_in(scene.company.address("participant")).get(f"{page}/{act}").status_code == 404
    with scene.as_("second"):
        assert rituals.coming(date(first)) == [] and date(first).cancelled_at is None and date(first).sequence == 0


def test_whoever_is_told_reads_what_and_of_which_date(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    called_off, moved, _third = plan(scene)
    with scene.as_("second"):
        rituals.call_off(date(called_off), "Stocktaking")
        rituals.move(date(moved), now().date() + dt.timedelta(days=40), dt.time(9), "Train")
    page = signed_in(scene.company.address("participant")).get("/alpha/w/alpha-a/community/notices").get_data(as_text=True)
    assert "A date is called off" in page and "A date has moved" in page and "Tea; cakes," in page

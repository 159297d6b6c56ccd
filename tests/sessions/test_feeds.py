"""Calendar feeds, read by a strict reader of our own: hours in both seasons, identities that stay, secrets that end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.commands import changing, feeds, moves
from saas.catalogue.models import FormerDay
from saas.catalogue.planning import Plan, planned
from saas.enrolments.commands import leaving
from saas.enrolments.models import Enrolment
from saas.kit import calendar
from saas.kit.clock import PARIS, now
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, FirmCast, World
from tests.sessions import rfc5545
from tests.sessions.planning import given, half, loaded, plan, seat, soon

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
NEVER = "/-/calendars/never-was/seats.ics"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def member_url(app: Flask, company: Company, role: str) -> str:
    with app.app_context(), inside(company.scope):
        return f"/-/calendars/{feeds.token_of(feeds.renew_member(company.ids[f'member-{role}']))}/seats.ics"


def staff_url(app: Flask, firm: FirmCast, role: str = "trainer") -> str:
    with app.app_context(), inside(firm.scope):
        return f"/-/calendars/{feeds.token_of(feeds.renew_staff(firm.ids[role]))}/sessions.ics"


def fetched(client: FlaskClient, url: str) -> rfc5545.Component:
    answer = client.get(url)
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return rfc5545.read(answer.get_data())


def three_days(app: Flask, alpha: FirmCast, **more: object) -> object:
    with app.app_context():
        a, b = alpha.companies
        wanted = plan(half(soon(60)), half(soon(61)), half(soon(62)), **more)
        session_id = given(alpha, wanted, links=(a, b))
        seat(a, "participant")
    return session_id


def changed(app: Flask, alpha: FirmCast, session_id: object, turn: Callable[[Plan], Plan]) -> None:
    with app.app_context(), inside(alpha.scope):
        session = loaded(session_id)  # type: ignore[arg-type]
        changing.change(session, turn(planned(session)))


@pytest.mark.parametrize("days", [("2026-10-23", "2026-10-26"), ("2027-03-26", "2027-03-29")], ids=["autumn", "spring"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/London", "America/New_York", "Africa/Casablanca", "Indian/Reunion"])
def test_nine_o_clock_is_nine_o_clock_on_both_sides_of_the_change(days: tuple[str, str], zone: str) -> None:
    """By the VTIMEZONE that the file itself carries, against the machine's zones."""
    there = ZoneInfo(zone)
    slots = [
        (
            dt.datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=there),
            dt.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=there),
        )
        for day in days
    ]
    found = rfc5545.read(calendar.ics(calendar.days("u", 0, "T", slots, there), "PUBLISH"))
    for (start, end), event in zip(slots, found.named("VEVENT"), strict=True):
        assert event.one("DTSTART").value.endswith("T090000")
        assert rfc5545.moment(found, event, "DTSTART") == start and rfc5545.moment(found, event, "DTEND") == end
    if zone == "Europe/Paris":
        offsets = {start.utcoffset() for start, _end in slots}
        assert offsets == {dt.timedelta(hours=1), dt.timedelta(hours=2)}, "the two days are on both sides"


@pytest.mark.parametrize("hour", range(5))
def test_the_night_of_the_change_itself(hour: int) -> None:
    """Hours around two and three, on the nights when clocks change: the onset is right to the minute."""
    for night in (dt.date(2027, 3, 28), dt.date(2026, 10, 25)):
        start = dt.datetime.combine(night, dt.time(hour, 30), PARIS)
        if start.astimezone(dt.UTC).astimezone(PARIS).replace(tzinfo=None) != start.replace(tzinfo=None):
            continue  # half past two does not exist in spring
        found = rfc5545.read(calendar.ics([calendar.Entry("u", 0, "T", start, start + dt.timedelta(minutes=20))], "PUBLISH"))
        read = rfc5545.moment(found, found.named("VEVENT")[0], "DTSTART")
        assert read in (start.astimezone(dt.UTC), start.replace(fold=1).astimezone(dt.UTC))


def test_long_lines_accents_and_signs_come_back_as_they_were() -> None:
    title = "Été ; manager, « engagé » à l’œuvre\\ " * 9
    entry = calendar.Entry("u", 0, title, now(), now() + dt.timedelta(hours=1), place="12 rue, Grenoble; hall\nA", text="é" * 200)
    (event,) = rfc5545.read(calendar.ics([entry], "PUBLISH")).named("VEVENT")
    assert event.text("SUMMARY") == title and event.text("LOCATION") == entry.place and event.text("DESCRIPTION") == entry.text


def test_a_members_feed_says_what_calendars_need(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")
    found = fetched(client, url)
    assert found.text("NAME") == "My training, Alpha" and found.text("COLOR") == "teal"
    assert found.one("REFRESH-INTERVAL").params == {"VALUE": "DURATION"} and found.one("REFRESH-INTERVAL").value == "PT1H"
    first = found.named("VEVENT")[0]
    assert first.text("STATUS") == "CONFIRMED" and first.text("LOCATION") == "Salle 1, Grenoble"
    assert {"LAST-MODIFIED", "DTSTAMP", "SEQUENCE", "URL"} <= first.properties.keys()
    assert not {"ATTENDEE", "ORGANIZER"} & first.properties.keys()


def test_asked_again_a_feed_says_that_nothing_changed(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    session_id = three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")
    first = client.get(url)
    assert first.headers["Cache-Control"].startswith("private") and "no-store" not in first.headers["Cache-Control"]
    assert client.get(url).get_data() == first.get_data(), "the same bytes each time"
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    changed(app, alpha, session_id, lambda was: replace(was, place=replace(was.place, venue="Salle 2")))
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_days_keep_their_uid_when_one_in_the_middle_goes_or_comes(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    session_id = three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")
    before = days_of(fetched(client, url))
    assert len(before) == 3
    changed(app, alpha, session_id, lambda was: replace(was, halves=(was.halves[0], was.halves[2])))
    after = fetched(client, url)
    middle = before[soon(61)]
    assert days_of(after) == before, "the day that is gone is still said, cancelled"
    assert {uid: e.text("STATUS") for uid, e in rfc5545.events(after).items()} == {
        before[soon(60)]: "CONFIRMED", before[soon(62)]: "CONFIRMED", middle: "CANCELLED",
    }  # fmt: skip
    changed(app, alpha, session_id, lambda was: replace(was, halves=(*was.halves, half(soon(63)))))
    again = fetched(client, url)
    assert days_of(again)[soon(62)] == before[soon(62)] and days_of(again)[soon(63)] not in before.values()
    sequences = {uid: int(e.one("SEQUENCE").value) for uid, e in rfc5545.events(again).items()}
    assert sequences[before[soon(60)]] == 2 and sequences[middle] == 1


def test_a_day_typed_anew_keeps_the_uid_of_its_date(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    """Somebody takes a line out and writes it again at other hours: it is the same day for a calendar."""
    session_id = three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")
    before = days_of(fetched(client, url))
    changed(
        app, alpha, session_id, lambda was: replace(was, halves=(half(soon(61), 10, 16), *was.halves[2:], half(soon(60), 10, 16)))
    )
    after = fetched(client, url)
    assert days_of(after) == before and {e.text("STATUS") for e in after.named("VEVENT")} == {"CONFIRMED"}


def days_of(found: rfc5545.Component) -> dict[dt.date, str]:
    return {rfc5545.moment(found, e, "DTSTART").astimezone(PARIS).date(): uid for uid, e in rfc5545.events(found).items()}


def test_a_day_that_moves_takes_its_entry_along(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    session_id = three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")
    before = days_of(fetched(client, url))

    def later(was: Plan) -> Plan:
        moved = half(soon(80), id=was.halves[0].id)
        return replace(was, halves=(moved, *was.halves[1:]))

    changed(app, alpha, session_id, later)
    after = fetched(client, url)
    assert days_of(after)[soon(80)] == before[soon(60)] and len(rfc5545.events(after)) == 3
    with app.app_context(), inside(alpha.scope):
        assert not db.session.scalars(select(FormerDay)).all()


def test_sequence_grows_with_what_calendars_show_alone(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    session_id = three_days(app, alpha)
    url = member_url(app, alpha.companies[0], "participant")

    def sequence() -> int:
        return int(fetched(client, url).named("VEVENT")[0].one("SEQUENCE").value)

    assert sequence() == 0
    changed(
        app, alpha, session_id, lambda was: replace(was, capacity=20, notes="ours", trainers=frozenset({alpha.ids["trainer"]}))
    )
    assert sequence() == 0, "seats, notes and trainers are no fact of a calendar entry"
    changed(app, alpha, session_id, lambda was: replace(was, place=replace(was.place, venue="Salle 9")))
    assert sequence() == 1
    with app.app_context(), inside(alpha.scope):
        moves.move(loaded(session_id), "confirmed")  # type: ignore[arg-type]
    assert sequence() == 1
    with app.app_context(), inside(alpha.scope):
        moves.move(loaded(session_id), "cancelled", "ill")  # type: ignore[arg-type]
    found = fetched(client, url)
    assert {e.text("STATUS") for e in found.named("VEVENT")} == {"CANCELLED"} and sequence() >= 2


def test_what_is_off_is_said_for_a_month(app: Flask, alpha: FirmCast, client: FlaskClient, superuser: Superuser) -> None:
    three_days(app, alpha)
    a = alpha.companies[0]
    url = member_url(app, a, "participant")
    with app.app_context(), inside(a.scope):
        row = db.session.scalars(select(Enrolment).where(Enrolment.link_id == a.ids["own_link"])).one()
        leaving.withdraw(row, "ill")
    assert {e.text("STATUS") for e in fetched(client, url).named("VEVENT")} == {"CANCELLED"}
    superuser.execute("UPDATE enrolment SET ended_at = now() - interval '32 days' WHERE ended_at IS NOT NULL")
    assert not fetched(client, url).named("VEVENT")


def test_two_clients_of_one_session_share_no_word_of_each_other(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    a, b = alpha.companies
    session_id = three_days(app, alpha)
    with app.app_context():
        seat(b, "participant")
    texts = [client.get(member_url(app, c, "participant")).get_data(as_text=True).replace("\r\n ", "") for c in (a, b)]
    uids = [set(rfc5545.events(rfc5545.read(client.get(member_url(app, c, "participant")).get_data()))) for c in (a, b)]
    assert uids[0] and uids[1] and not uids[0] & uids[1]
    for text, own, other in zip(texts, (a, b), (b, a), strict=True):
        assert str(session_id) not in text and other.canary not in text and f"/w/{other.slug}" not in text
        assert str(other.ids["own_link"]) not in text and f"/w/{own.slug}/seats/" in text


def test_a_trainer_finds_own_sessions_and_nobody_elses(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    with app.app_context():
        own = given(alpha, plan(half(soon(40)), trainers=frozenset({alpha.ids["trainer"]})))
        given(alpha, plan(half(soon(41))))
        given(alpha, plan(half(soon(42)), trainers=frozenset({alpha.ids["trainer"]})), state="draft")
    found = fetched(client, staff_url(app, alpha))
    days = days_of(found)
    assert soon(40) in days and soon(41) not in days and soon(42) not in days, "a draft is nobody's date yet"
    assert days[soon(40)].startswith(f"staff-{own}")


def test_an_address_ends_when_it_is_replaced_or_withdrawn(
    app: Flask, alpha: FirmCast, client: FlaskClient, signed_in: SignedIn, superuser: Superuser
) -> None:  # fmt: skip
    a = alpha.companies[0]
    browser = signed_in(a.address("participant"))
    page = f"/alpha/w/{a.slug}/calendar"
    assert browser.post(page).status_code == 303
    first = address_on(browser.get(f"{page}?show=1"))
    assert first not in browser.get(page).get_data(as_text=True), "only shown when asked for"
    assert client.get(first).status_code == 200
    stored = superuser.execute("SELECT token_hash FROM member_feed").fetchall()
    assert len(stored) == 1 and str(stored[0][0]) not in first and first.split("/")[3] not in str(stored)
    browser.post(page)
    second = address_on(browser.get(f"{page}?show=1"))
    gone, never = client.get(first), client.get(NEVER)
    assert client.get(second).status_code == 200 and gone.status_code == never.status_code == 404
    said = [
        a.get_data(as_text=True).replace(path, "").replace(a.headers["X-Request-ID"], "")
        for a, path in ((gone, first), (never, NEVER))
    ]
    assert said[0] == said[1], "a withdrawn address and one that never was are the same"
    browser.post(f"{page}/stop")
    assert client.get(second).status_code == 404


def test_an_address_of_an_older_key_works_and_is_not_shown(
    app: Flask, alpha: FirmCast, client: FlaskClient, signed_in: SignedIn
) -> None:
    """After a change of SECRET_KEY: what programs hold still opens; the page does not show an address that leads nowhere."""
    a, kept = alpha.companies[0], app.config["SECRET_KEY"]
    url = member_url(app, a, "participant")
    app.config["SECRET_KEY"] = "another-key-0123456789abcdef0123456789"
    try:
        page = signed_in(a.address("participant")).get(f"/alpha/w/{a.slug}/calendar?show=1").get_data(as_text=True)
        assert "/-/calendars/" not in page and "cannot be shown any more" in page
        assert client.get(url).status_code == 200
    finally:
        app.config["SECRET_KEY"] = kept


def address_on(answer: object) -> str:
    import re

    found = re.search(r'value="http://localhost(/-/calendars/[^"]+)"', answer.get_data(as_text=True))  # type: ignore[attr-defined]
    assert found
    return found[1]


def test_each_kind_of_address_opens_its_own_kind_of_calendar(app: Flask, alpha: FirmCast, client: FlaskClient) -> None:
    member, staff = member_url(app, alpha.companies[0], "participant"), staff_url(app, alpha)
    assert client.get(member.replace("seats", "sessions")).status_code == 404
    assert client.get(staff.replace("sessions", "seats")).status_code == 404


@pytest.mark.parametrize(
    "change",
    ["UPDATE member SET left_at = now()", "UPDATE workspace SET state = 'suspended'", "UPDATE firm SET state = 'suspended'"],
)
def test_whoever_left_or_was_suspended_has_no_calendar(
    app: Flask, alpha: FirmCast, client: FlaskClient, superuser: Superuser, change: str
) -> None:
    url = member_url(app, alpha.companies[0], "participant")
    assert client.get(url).status_code == 200
    superuser.execute(change.encode())
    assert client.get(url).status_code == 404


def test_staff_who_left_have_no_calendar(app: Flask, alpha: FirmCast, client: FlaskClient, superuser: Superuser) -> None:
    url = staff_url(app, alpha)
    assert client.get(url).status_code == 200
    superuser.execute("UPDATE staff SET left_at = now()")
    assert client.get(url).status_code == 404


def test_a_limited_advisors_feed_keeps_to_their_clients(
    app: Flask, alpha: FirmCast, client: FlaskClient, superuser: Superuser
) -> None:
    a, b = alpha.companies
    with app.app_context():
        given(alpha, plan(half(soon(44)), decider_id=alpha.ids["advisor"]), "intra", links=(a,))
        given(alpha, plan(half(soon(45)), decider_id=alpha.ids["advisor"]), "intra", links=(b,))
    url = staff_url(app, alpha, "advisor")
    assert {soon(44), soon(45)} <= days_of(fetched(client, url)).keys()
    superuser.execute("UPDATE staff SET limited = true WHERE id = %s", (alpha.ids["advisor"],))
    superuser.execute(
        "INSERT INTO staff_client (firm_id, id, staff_id, workspace_id) VALUES (%s, gen_random_uuid(), %s, %s)",
        (alpha.id, alpha.ids["advisor"], a.id),
    )
    assert soon(44) in (days := days_of(fetched(client, url))) and soon(45) not in days

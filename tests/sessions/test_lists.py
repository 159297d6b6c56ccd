"""The list of sessions, the calendars, a trainer's agenda: what is found, who finds it, what it costs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.catalogue.commands import absences
from saas.catalogue.planning import Place
from saas.identity.commands.people import add_staff
from tenants.scope import inside
from tests.cast import FirmCast, World
from tests.house.test_pages import MOST, counted
from tests.sessions.crowd import many_sessions
from tests.sessions.planning import given, half, plan, seat, soon

Superuser = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER, TRAINER = "owner@alpha.example", "trainer@alpha.example"


@pytest.fixture
def alpha(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def listed(browser: FlaskClient, path: str) -> set[str]:
    """The sessions that a page leads to."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return set(re.findall(r'href="/alpha/sessions/([0-9a-f-]{36})"', answer.get_data(as_text=True)))


def test_filters_find_what_they_say(app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    a, b = alpha.companies
    with app.app_context():
        place = Place("Hôtel de l’Écrin", "Briançon")
        one = str(
            given(
                alpha,
                plan(half(dt.date(2027, 4, 6)), place=place, trainers=frozenset({alpha.ids["trainer"]})),
                "intra",
                links=(a,),
            )
        )
        two = str(given(alpha, plan(half(dt.date(2027, 4, 30)), half(dt.date(2027, 5, 3))), state="draft", links=(b,)))
    superuser.execute("UPDATE session_seats SET taken = capacity WHERE id = %s", (one,))
    browser, mine = signed_in(OWNER), {one, two}
    for asked, found in {
        "search=hotel+ecrin": {one}, "search=BRIANCON": {one}, "search=committed": mine, "search=100%25": set(), "search=_": set(),
        "state=draft": {two}, "state=full": {one}, "kind=intra": {one}, f"client={b.id}": {two}, f"client={a.id}": {one},
        f"trainer={alpha.ids['trainer']}": {one}, "month=2027-04": mine, "month=2027-05": {two}, "month=2027-06": set(),
        "when=past": set(), "programme=nonsense&state=nonsense&month=2027-99&client=x": mine,
        f"client={alpha.ids['trainer']}": set(),
    }.items():  # fmt: skip
        assert listed(browser, f"/alpha/sessions?{asked}") & mine == found, asked
    assert "Clear the filters" in browser.get("/alpha/sessions?search=nothing").get_data(as_text=True)


def test_a_calendar_shows_days_and_how_many_more(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    with app.app_context():
        for _ in range(7):
            given(alpha, plan(half(dt.date(2027, 4, 6)), half(dt.date(2027, 4, 7))))
    browser = signed_in(OWNER)
    page = browser.get("/alpha/sessions/calendar?on=2027-04-20").get_data(as_text=True)
    assert page.count('class="cal-entry') == 10 and page.count("2 more") == 2 and 'scope="col"' in page
    week = browser.get("/alpha/sessions/calendar?view=week&on=2027-04-08").get_data(as_text=True)
    assert week.count('class="cal-entry') == 14
    for odd in ("on=nonsense", "on=9999-12-31", "on=0001-01-01", "view=x&on=2027-02-29"):
        assert browser.get(f"/alpha/sessions/calendar?{odd}").status_code == 200, odd


def test_a_trainer_finds_own_sessions_everywhere_and_no_others(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    with app.app_context():
        own = str(given(alpha, plan(half(soon(20)), trainers=frozenset({alpha.ids["trainer"]}))))
        other = str(given(alpha, plan(half(soon(20)))))
    browser = signed_in(TRAINER)
    for path in ("/alpha/sessions", f"/alpha/sessions/calendar?on={soon(20)}", "/alpha/agenda"):
        found = listed(browser, path)
        assert own in found and other not in found, path
    assert browser.get(f"/alpha/sessions/{other}").status_code == 404
    for act in ("change", "duplicate", "cancel"):
        assert browser.get(f"/alpha/sessions/{own}/{act}").status_code == 403
    assert browser.get("/alpha/venues").status_code == 403
    with app.app_context(), inside(alpha.scope):
        colleague = add_staff("Another Trainer", "another@alpha.example", ["trainer"]).id
    for address in (f"/alpha/trainers/{colleague}", f"/alpha/trainers/{alpha.ids['owner']}"):
        assert browser.get(f"{address}/agenda").status_code == 404, "somebody else's agenda"
        assert browser.post(f"{address}/absences", data={"first_on": "2027-01-01", "last_on": "2027-01-02"}).status_code == 404


def test_an_agenda_says_what_clashes(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    trainer = alpha.ids["trainer"]
    with app.app_context():
        for day, hours in ((20, (9, 12)), (20, (11, 15)), (21, (9, 12)), (22, (9, 12))):
            given(alpha, plan(half(soon(day), *hours), trainers=frozenset({trainer})))
    browser = signed_in(TRAINER)
    assert browser.get("/alpha/agenda").get_data(as_text=True).count(">Clash<") == 2
    data = {"first_on": str(soon(22)), "last_on": str(soon(23)), "note": "Mountains"}
    assert browser.post(f"/alpha/trainers/{trainer}/absences", data=data).status_code == 303
    page = browser.get("/alpha/agenda").get_data(as_text=True)
    assert page.count(">Clash<") == 3 and "Mountains" in page
    bad = browser.post(f"/alpha/trainers/{trainer}/absences", data={**data, "last_on": str(soon(21))})
    assert bad.status_code == 422 and "before the first" in bad.get_data(as_text=True)
    with app.app_context(), inside(alpha.scope):
        mine = absences.add_absence(trainer, soon(90), soon(91), "").id
    assert browser.post(f"/alpha/trainers/{trainer}/absences/{mine}/remove").status_code == 303
    assert browser.post(f"/alpha/trainers/{trainer}/absences/{mine}/remove").status_code == 404, "done twice"


def test_a_clients_calendar_holds_words_and_its_own_links(app: Flask, alpha: FirmCast, signed_in: SignedIn) -> None:
    a, b = alpha.companies
    with app.app_context():
        session_id = given(alpha, plan(half(dt.date(2027, 4, 6)), capacity=1), links=(a, b))
        seat(b, "participant")
        given(alpha, plan(half(dt.date(2027, 4, 7))), links=(b,))
    page = signed_in(a.address("hr")).get(f"/alpha/w/{a.slug}/sessions/calendar?on=2027-04-06").get_data(as_text=True)
    assert page.count('class="cal-entry') == 1 and f"/sessions/{a.ids['own_link']}" in page and "Waiting list" in page
    assert str(session_id) not in page and "1/1" not in page and b.canary not in page


def test_a_limited_advisors_calendar_and_list_keep_to_their_clients(
    app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser
) -> None:
    a, b = alpha.companies
    with app.app_context():
        mine, theirs = (str(given(alpha, plan(half(dt.date(2027, 4, 6))), "intra", links=(c,))) for c in (a, b))
    superuser.execute("UPDATE staff SET limited = true WHERE id = %s", (alpha.ids["advisor"],))
    superuser.execute(
        "INSERT INTO staff_client (firm_id, id, staff_id, workspace_id) VALUES (%s, gen_random_uuid(), %s, %s)",
        (alpha.id, alpha.ids["advisor"], a.id),
    )
    browser = signed_in("advisor@alpha.example")
    for path in ("/alpha/sessions", "/alpha/sessions/calendar?on=2027-04-06", f"/alpha/sessions?client={b.id}"):
        found = listed(browser, path)
        assert theirs not in found and (mine in found or "client" in path), path
    for act in ("change", "duplicate", "cancel"):
        assert browser.get(f"/alpha/sessions/{theirs}/{act}").status_code == 404


def costs(alpha: FirmCast) -> list[tuple[str, str]]:
    a, session_id = alpha.companies[0], alpha.ids["session_id"]
    return [
        (OWNER, "/alpha/sessions"), (OWNER, "/alpha/sessions?search=salle&state=open"), (OWNER, "/alpha/sessions/calendar"),
        (OWNER, "/alpha/sessions/calendar?view=week"), (OWNER, f"/alpha/sessions/{session_id}"),
        (OWNER, f"/alpha/sessions/{session_id}/change"), (OWNER, "/alpha/sessions/new"), (TRAINER, "/alpha/agenda"),
        (a.address("hr"), f"/alpha/w/{a.slug}/sessions"), (a.address("hr"), f"/alpha/w/{a.slug}/sessions/calendar"),
    ]  # fmt: skip


def test_ten_thousand_sessions_cost_what_ten_do(app: Flask, alpha: FirmCast, signed_in: SignedIn, superuser: Superuser) -> None:
    """The same statements, eight at most."""
    many_sessions(superuser, alpha, 10)
    figures: dict[str, list[int]] = {}
    for _ in range(2):
        for who, path in costs(alpha):
            browser = signed_in(who)
            with counted(app) as seen:
                answer = browser.get(path)
            assert answer.status_code == 200, path
            figures.setdefault(path, []).append(len(seen))
        if len(figures["/alpha/sessions"]) == 1:
            many_sessions(superuser, alpha, 10_000)
    assert all(few == many <= MOST for few, many in figures.values()), figures

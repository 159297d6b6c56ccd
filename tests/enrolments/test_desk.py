"""HR's desk: choose, give a list, see what it means, enrol many, take it back, act on many in one list."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.enrolments.commands import budgets, enrolling
from saas.identity.models import Member
from saas.kit.clock import today
from saas.sandbox.mailbox import letters
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for, own_link, person, row_of, state_of, states, taken
from tests.house.test_pages import counted

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def slow(app: Flask) -> object:
    """Enrolments can be undone for an hour."""
    app.config["UNDO_SECONDS"] = 3600
    yield
    app.config["UNDO_SECONDS"] = 0


def enrol_path(company: Company, link: object, tail: str = "") -> str:
    return f"/alpha/w/{company.slug}/sessions/{link.id}/enrol{tail}"  # type: ignore[attr-defined]


def test_the_review_says_what_happens_to_each_and_writes_nothing(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link, other = open_for(world, 9)[a.slug], open_for(world, 9)[a.slug]
        new, known, busy, asks = crowd(a, 4)
        enrol_all(a, link, [known])
        enrol_all(a, other, [busy])
        with inside(a.scope):
            enrolling.request(own_link(link), person(asks))
            budgets.set_budget(a.id, (today() + dt.timedelta(days=40)).year, 150_000)
    browser = signed_in(a.address("hr"))
    page = browser.post(enrol_path(a, link, "/review"), data={"member": [str(i) for i in (new, known, busy, asks)]}).text
    for said in ("In already: left as it is", "Has a seat at that hour", "Request approved", "Enrol 2 people", "over it with"):
        assert said in page, said
    assert page.count('name="member"') == 2
    assert states(superuser, link.session_id) == {"seated": 1, "requested": 1}
    browser.post(enrol_path(a, link), data={"member": [str(i) for i in (new, known, busy, asks)]})
    assert states(superuser, link.session_id) == {"seated": 3}


def test_a_list_is_matched_and_its_unclear_lines_stand_in_nobodys_way(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 9)[a.slug]
        one, two, three, twin = crowd(a, 4)
    for i, first, last, folded in (
        (one, "Élodie", "de La Tour", "de la tour elodie"), (two, "Jean", "Martin", "martin jean"),
        (three, "Paul", "Martin", "martin paul"), (twin, "Jean", "Martin", "martin jean"),
    ):  # fmt: skip
        superuser.execute(
            "UPDATE member SET first_name = %s, last_name = %s, name_folded = %s WHERE id = %s", (first, last, folded, i)
        )
    superuser.execute("UPDATE member SET employee_number = 'M-77' WHERE id = %s", (three,))
    lines = "élodie de la tour\nM-77\nJean Martin\nnobody@nowhere.example\nDE LA TOUR Élodie\n"
    browser = signed_in(a.address("hr"))
    page = browser.post(enrol_path(a, link, "/review"), data={"pasted": lines}).text
    assert f'value="{one}"' in page and f'value="{three}"' in page and "Enrol 2 people" in page
    assert "nobody@nowhere.example" in page and "1 line names somebody again." in page
    assert f'<option value="{two}">' in page and f'<option value="{twin}">' in page
    answer = browser.post(enrol_path(a, link), data={"member": [str(one), str(three), str(twin), ""]})
    assert answer.status_code == 303 and states(superuser, link.session_id) == {"seated": 3}


def test_a_file_with_other_columns_is_read(app: Flask, world: World, signed_in: Browser) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 9)[a.slug]
        crowd(a, 2)
    text = f"Matricule;Nom;Prénom;Courriel;Salaire\n;;;p0@{a.slug}.example;12\n;;;P1@{a.slug.upper()}.EXAMPLE;13\n"
    sent = {"file": (io.BytesIO(text.encode("cp1252")), "liste.csv")}
    page = signed_in(a.address("hr")).post(enrol_path(a, link, "/review"), data=sent, content_type="multipart/form-data").text
    assert "Enrol 2 people" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [({}, "Choose at least one person"), ({"pasted": "\n".join(f"n{n}@x.example" for n in range(501))}, "At most 500 people")],
)
def test_a_list_that_cannot_be_used_keeps_what_was_typed(
    app: Flask, world: World, signed_in: Browser, sent: dict[str, str], said: str
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 9)[a.slug]
    answer = signed_in(a.address("hr")).post(enrol_path(a, link, "/review"), data=sent)
    assert answer.status_code == 422 and said in answer.text
    assert sent.get("pasted", "")[:20] in answer.text


def test_an_act_is_undone_before_anybody_is_told(
    app: Flask, world: World, signed_in: Browser, superuser: Connection, slow: object
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 2)[a.slug]
        ids = crowd(a, 3)
    browser, stranger = signed_in(a.address("hr")), signed_in("advisor@alpha.example")
    browser.post(enrol_path(a, link), data={"member": [str(i) for i in ids]})
    assert states(superuser, link.session_id) == {"seated": 2, "waiting": 1}
    page = browser.get(f"/alpha/w/{a.slug}/sessions/{link.id}").text
    assert "You have just enrolled 3 people." in page
    batch = page.split("/enrol/undo/")[1].split('"')[0]
    with app.app_context():
        drain()
        assert not [m for m in letters() if "p0@" in m.to]
    assert stranger.post(enrol_path(a, link, f"/undo/{batch}")).status_code == 404  # somebody else's act
    assert browser.post(enrol_path(a, link, f"/undo/{batch}")).status_code == 303
    assert states(superuser, link.session_id) == {"withdrawn": 3} and taken(superuser, link) == 0
    browser.post(enrol_path(a, link, f"/undo/{batch}"))  # twice is once
    superuser.execute("UPDATE outbox SET due_at = now()")
    with app.app_context():
        drain()
        assert not [m for m in letters() if "p0@" in m.to]
    assert taken(superuser, link) == 0


def test_what_moved_on_since_is_not_undone(
    app: Flask, world: World, signed_in: Browser, superuser: Connection, slow: object
) -> None:
    from saas.enrolments.commands import swapping

    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        one, two, new = crowd(a, 3)
    browser = signed_in(a.address("hr"))
    browser.post(enrol_path(a, link), data={"member": [str(one), str(two)]})
    with app.app_context(), inside(a.scope):
        swapping.substitute(row_of(link, one), person(new))
    page = browser.get(f"/alpha/w/{a.slug}/sessions/{link.id}").text
    browser.post(enrol_path(a, link, f"/undo/{page.split('/enrol/undo/')[1].split(chr(34))[0]}"))
    assert states(superuser, link.session_id) == {"substituted": 1, "seated": 1, "withdrawn": 1} and taken(superuser, link) == 1


def test_it_is_too_late_to_undo(app: Flask, world: World, signed_in: Browser, superuser: Connection, slow: object) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
        ids = crowd(a, 1)
    browser = signed_in(a.address("hr"))
    browser.post(enrol_path(a, link), data={"member": [str(i) for i in ids]})
    batch = browser.get(f"/alpha/w/{a.slug}/sessions/{link.id}").text.split("/enrol/undo/")[1].split('"')[0]
    superuser.execute("UPDATE enrolment_batch SET undo_until = now() - interval '1 second'")
    browser.post(enrol_path(a, link, f"/undo/{batch}"))
    assert states(superuser, link.session_id) == {"seated": 1}


def list_path(company: Company, tail: str = "") -> str:
    return f"/alpha/w/{company.slug}/enrolments{tail}"


def test_many_requests_are_answered_at_once_who_asked_first_first(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link, other = open_for(world, 2)[a.slug], open_for(world, 9)[a.slug]
        ids = crowd(a, 4)
        for i in ids:
            with inside(a.scope):
                enrolling.request(own_link(link), person(i))
        enrol_all(a, other, [ids[1]])  # a seat at that hour since
    browser = signed_in(a.address("hr"))
    chosen = {"whole": "1", "at-state": "requested", "at-link": str(link.id)}
    page = browser.post(list_path(a, "/selected/approve"), data=chosen).text
    assert "Approve 4 requests?" in page and states(superuser, link.session_id) == {"requested": 4}
    browser.post(list_path(a, "/selected/approve"), data={**chosen, "go": "1", "fees": "0"})
    with app.app_context(), inside(a.scope):
        assert [row_of(link, i).state for i in ids] == ["seated", "requested", "seated", "waiting"]
    assert taken(superuser, link) == 2


def test_many_seats_are_given_back_at_the_sum_that_was_shown(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5, starts=dt.timedelta(days=10))[a.slug]
        done = enrol_all(a, link, crowd(a, 3))
    browser, ids = signed_in(a.address("hr")), [str(seat.id) for seat in done.seated]
    page = browser.post(list_path(a, "/selected/withdraw"), data={"enrolment": ids}).text
    assert "€1,500.00" in page and "Give 3 places back?" in page
    again = browser.post(list_path(a, "/selected/withdraw"), data={"enrolment": ids, "go": "1", "fees": "0"}).text
    assert "What it costs has changed" in again and taken(superuser, link) == 3
    browser.post(list_path(a, "/selected/withdraw"), data={"enrolment": ids, "go": "1", "fees": "150000"})
    assert [state_of(superuser, seat.id) for seat in done.seated] == ["withdrawn"] * 3 and taken(superuser, link) == 0


def test_the_list_and_its_workbook_hold_ones_own_people_only(app: Flask, world: World, signed_in: Browser) -> None:
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 9)
        enrol_all(a, links[a.slug], crowd(a, 2))
        enrol_all(b, links[b.slug], crowd(b, 2))
    browser = signed_in(a.address("hr"))
    page = browser.get(list_path(a, f"?link={links[a.slug].id}")).text
    assert "2 enrolments" in page and b.canary not in page
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(list_path(a, "/enrolments.xlsx")).data)).active
    said = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(said) == 4 and not any(b.canary in cell for row in said for cell in row)
    assert browser.get(list_path(a, "?search=p1&state=seated&sort=-name&when=all")).text.count('name="enrolment"') == 1


def test_lists_cost_the_same_for_ten_and_for_ten_thousand(
    app: Flask, world: World, signed_in: Browser, superuser: Connection
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 900)[a.slug]
        enrol_all(a, link, crowd(a, 10))
    browser = signed_in(a.address("hr"))
    paths = [list_path(a), f"/alpha/w/{a.slug}/sessions/{link.id}", enrol_path(a, link), f"/alpha/w/{a.slug}/budget"]

    def statements() -> list[int]:
        found = []
        for path in paths:
            with counted(app) as seen:
                assert browser.get(path).status_code == 200
            found.append(len(seen))
        return found

    few = statements()
    superuser.execute(
        "INSERT INTO member (firm_id, workspace_id, id, first_name, last_name, name_folded, roles) SELECT firm_id, workspace_id,"
        " gen_random_uuid(), 'N' || n, 'Many', 'many n' || n, '{participant}' FROM member, generate_series(1, 10000) n"
        " WHERE id = %s",
        (a.ids["member_id"],),
    )
    superuser.execute(
        "INSERT INTO enrolment (firm_id, workspace_id, id, link_id, member_id, state, price_cents, vat, terms) SELECT m.firm_id,"
        " m.workspace_id, gen_random_uuid(), %s, m.id, 'waiting', 100, 'exempt', '[]' FROM member m WHERE last_name = 'Many'",
        (a.ids["link_id"],),
    )
    superuser.execute("ANALYZE member, enrolment")
    assert statements() == few and max(few) <= 8, few


def test_a_manager_asks_and_hears_no_more_than_that(app: Flask, world: World, signed_in: Browser, superuser: Connection) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        link = open_for(world, 5)[a.slug]
    browser = signed_in(a.address("participant"))
    assert browser.post(f"/alpha/w/{a.slug}/sessions/{link.id}/ask").status_code == 303
    browser.post(f"/alpha/w/{a.slug}/sessions/{link.id}/ask")
    assert states(superuser, link.session_id) == {"requested": 1}
    for path in (list_path(a), enrol_path(a, link), f"/alpha/w/{a.slug}/budget", f"/alpha/w/{a.slug}/credits"):
        assert browser.get(path).status_code == 403
    with app.app_context(), inside(a.scope):
        assert isinstance(db.session.scalars(select(Member.id).limit(1)).one(), UUID)

"""Acts on many people at once: shown first, done once, one line of the journal, taken back within ten minutes."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.catalogue.models import SessionLink
from saas.enrolments.commands import enrolling as enrolments
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import today
from saas.kit.mail import mailbox
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World
from tests.house.test_pages import counted
from tests.workspaces.crowd import acts, add, base, limit, names, the

Superuser = psycopg.Connection[tuple[object, ...]]
Browser = Callable[[str], FlaskClient]


@pytest.fixture
def company(world: World) -> Company:
    return world.companies[0]


@pytest.fixture
def hr(company: Company, signed_in: Browser) -> FlaskClient:
    return signed_in(company.address("hr"))


@pytest.fixture
def crowd(app: Flask, company: Company) -> list[UUID]:
    """Thirty people in Lyon, more than a page."""
    with app.app_context():
        return [add(company, f"Ana{n:02}", site="Lyon", department=f"D{n % 3}") for n in range(30)]


def post(hr: FlaskClient, company: Company, act: str, **data: object) -> tuple[int, str]:
    answer = hr.post(f"{base(company)}/selected/{act}", data=data, follow_redirects=True)
    return answer.status_code, answer.text


def test_nothing_happens_before_it_was_shown(app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]) -> None:
    for act, said in (("invite", "Invite 2 people?"), ("change", "Change 2 people"), ("leave", "Mark 2 people as gone?")):
        status, page = post(hr, company, act, member=[str(i) for i in crowd[:2]])
        assert status == 200 and said in page and "Ana00 Roux" in page
    with app.app_context():
        assert the(company, crowd[0])["left_at"] is None
        assert [acts(company, f"people.{act}") for act in ("invited", "changed", "left")] == [0, 0, 0]


def test_all_who_fit_are_changed_in_one_line_and_put_back(
    app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]
) -> None:
    what = {"whole": "1", "at-site": "Lyon", "go": "1", "number": "30", "to-department": "Ventes", "to-language": "fr"}
    status, page = post(hr, company, "change", **what)
    assert status == 200 and "30 people changed." in page and "Undo" in page
    with app.app_context():
        assert {the(company, i)["department"] for i in crowd} == {"Ventes"} and acts(company, "people.changed") == 1
    assert "changed several people at once (30)" in hr.get(f"{base(company)}/{crowd[3]}").text
    undo = re.search(r"/alpha[^\"]+/undo", page)
    assert undo
    assert "30 people are as before" in hr.post(undo[0], follow_redirects=True).text
    with app.app_context():
        assert [the(company, i)["department"] for i in crowd[:3]] == ["D0", "D1", "D2"]
        assert {the(company, i)["language"] for i in crowd} == {"en"}
    assert hr.post(undo[0]).status_code == 404  # done twice


def test_an_undo_leaves_alone_what_somebody_changed_since(
    app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]
) -> None:
    _status, page = post(
        hr, company, "change", member=[str(i) for i in crowd[:2]], go="1", number="2", **{"to-site": "Metz", "to-language": ""}
    )
    with app.app_context(), inside(company.scope):
        db.session.scalars(select(Member).where(Member.id == crowd[0])).one().site = "Nice"
    undo = re.search(r"/alpha[^\"]+/undo", page)
    assert undo
    hr.post(undo[0])
    with app.app_context():
        assert the(company, crowd[0])["site"] == "Nice" and the(company, crowd[1])["site"] == "Lyon"


def test_an_undo_is_ones_own_and_lasts_ten_minutes(
    app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID], signed_in: Browser, superuser: Superuser
) -> None:
    _status, page = post(
        hr, company, "change", member=str(crowd[0]), go="1", number="1", **{"to-site": "Metz", "to-language": ""}
    )
    undo = re.search(r"/alpha[^\"]+/undo", page)
    assert undo
    assert signed_in("owner@alpha.example").post(undo[0]).status_code == 404
    superuser.execute("UPDATE journal SET at = at - interval '11 minutes'")
    assert hr.post(undo[0]).status_code == 404 and "can be undone" not in hr.get(base(company)).text


def test_a_change_costs_the_same_for_few_and_for_many(app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]) -> None:
    costs = []
    for ids, site in ((crowd[:2], "One"), (crowd, "Two")):
        with counted(app) as seen:
            hr.post(
                f"{base(company)}/selected/change",
                data={"member": [str(i) for i in ids], "go": "1", "number": len(ids), "to-site": site, "to-language": ""},
            )
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 8


def test_invitations_leave_once(app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]) -> None:
    with app.app_context():
        silent = add(company, "Silent", address=None)
        drain()
        before = len(list(mailbox().glob("*.eml")))
    ids = [str(i) for i in (*crowd[:3], silent, company.ids["member_id"])]
    status, page = post(hr, company, "invite", member=ids)
    assert "Invite 3 people?" in page and "Have joined already" in page and "Have no address" in page
    for said in ("3 invitations are on their way.", "Nothing new has left"):
        assert said in post(hr, company, "invite", member=ids, go="1", number="5")[1]
        with app.app_context():
            drain()
            assert len(list(mailbox().glob("*.eml"))) == before + 3 and acts(company, "people.invited") == 1
    assert (
        "3 invitations are on their way." in post(hr, company, "invite", member=ids, go="1", number="5", **{"to-again": "y"})[1]
    )
    with app.app_context():
        drain()
        assert len(list(mailbox().glob("*.eml"))) == before + 6
    assert len(names(hr.get(f"{base(company)}?state=invited").text)) == 3


def test_leavers_give_up_what_they_wait_for_and_keep_their_seats(
    app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID], superuser: Superuser
) -> None:
    with app.app_context(), inside(company.scope):
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["link_id"])).one()
        people = list(db.session.scalars(select(Member).where(Member.id.in_(crowd[:12]))))
        enrolments.enrol(link, people)  # six seats are left for twelve
        offered = db.session.scalars(
            select(Enrolment).where(Enrolment.state == "seated", Enrolment.member_id == people[0].id)
        ).one()
        offered.state = "offered"
    day = today().isoformat()
    ids = [str(i) for i in crowd[:12]]
    page = post(hr, company, "leave", member=ids)[1]
    assert "Mark 12 people as gone?" in page and "Seats to come" in page
    assert (
        "12 people are marked as gone." in post(hr, company, "leave", member=ids, go="1", number="12", **{"to-left_on": day})[1]
    )
    states = dict(superuser.execute(
        "SELECT state, count(*) FROM enrolment WHERE member_id = ANY(%s) GROUP BY 1", (crowd[:12],)).fetchall())  # fmt: skip
    assert states == {"seated": 5, "withdrawn": 7}
    (taken,) = superuser.execute("SELECT taken FROM session_seats ORDER BY taken DESC LIMIT 1").fetchone() or (0,)
    assert taken == 9  # five of them; one of each company who were there before, and a seat each kept without a name
    with app.app_context():
        assert acts(company, "people.left") == 1
    status, again = post(hr, company, "leave", member=ids, go="1", number="12", **{"to-left_on": day})
    assert status == 422 and "The list has changed in the meantime" in again


def test_the_list_that_changed_since_is_shown_again(app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID]) -> None:
    status, page = post(
        hr, company, "change", whole="1", go="1", number="30", **{"at-site": "Lyon", "to-site": "X", "to-language": ""}
    )
    assert status == 200
    status, page = post(
        hr, company, "change", whole="1", go="1", number="30", **{"at-site": "Lyon", "to-site": "Y", "to-language": ""}
    )
    assert status == 422 and "Nothing was done" in page


@pytest.mark.parametrize(
    ("act", "more", "said"),
    [("change", {"to-language": ""}, "Choose what to change"), ("change", {"to-language": "xx", "to-site": "A"}, "Not a valid choice"),
     ("leave", {}, "Enter the last day"), ("leave", {"to-left_on": "2999-01-01"}, "A day to come")],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    app: Flask, company: Company, hr: FlaskClient, crowd: list[UUID], act: str, more: dict[str, str], said: str
) -> None:
    status, page = post(hr, company, act, member=str(crowd[0]), go="1", number="1", **more)
    assert status == 422 and said in page


def test_nobody_chosen_and_ids_that_are_none(company: Company, hr: FlaskClient) -> None:
    assert "Choose at least one person" in post(hr, company, "invite")[1]
    assert post(hr, company, "invite", member="no-id")[0] == 400
    assert "<h1>Change 0 people</h1>" in post(hr, company, "change", member="01890000-0000-7000-8000-000000000000")[1]


def test_hr_among_the_chosen_do_not_mark_themselves_as_gone(app: Flask, company: Company, hr: FlaskClient) -> None:
    me = str(company.ids["member-hr"])
    status, page = post(
        hr,
        company,
        "leave",
        member=[me, str(company.ids["member_id"])],
        go="1",
        number="2",
        **{"to-left_on": today().isoformat()},
    )
    assert status == 422 and "cannot mark yourself as gone" in page
    with app.app_context():
        assert the(company, company.ids["member_id"])["left_at"] is None


def test_a_limited_hr_moves_nobody_over_the_fence(app: Flask, company: Company, signed_in: Browser, crowd: list[UUID]) -> None:
    with app.app_context():
        limited = add(company, "Limited", roles=["hr"], site="Lyon")
        outside = add(company, "Outside", site="Metz")
        limit(company, limited, ["Lyon"])
    browser = signed_in(f"limited@{company.slug}.example")
    status, page = post(
        browser, company, "change", member=str(crowd[0]), go="1", number="1", **{"to-site": "Metz", "to-language": ""}
    )
    assert status == 422 and "Choose one of your sites: Lyon." in page
    ids = [str(crowd[0]), str(outside)]
    status, page = post(browser, company, "change", member=ids, go="1", number="1", **{"to-department": "New", "to-language": ""})
    assert "1 person changed." in page
    with app.app_context():
        assert the(company, outside)["department"] == "" and the(company, crowd[0])["department"] == "New"


def test_the_workbook_of_those_chosen(company: Company, hr: FlaskClient, crowd: list[UUID]) -> None:
    answer = hr.post(f"{base(company)}/people.xlsx", data={"member": [str(crowd[0]), str(crowd[1])]})
    assert answer.status_code == 200 and answer.mimetype.endswith("sheet")
    answer.close()

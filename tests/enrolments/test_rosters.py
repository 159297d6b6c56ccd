"""A session of many: its pages are as small and as cheap as those of a session of few, and still say everything."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import World
from tests.enrolments.scene import Connection, crowd, enrol_all, open_for
from tests.house.test_pages import MOST, counted

PEOPLE = 120
NAME = re.compile(r"<tr>.*?</tr>", re.S)


def rows(page: str) -> int:
    return len(NAME.findall(page.split("<tbody>", 1)[1])) if "<tbody>" in page else 0


@pytest.mark.parametrize("who", ["staff", "hr"])
def test_a_session_of_many_costs_what_one_of_few_costs(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], who: str
) -> None:
    a = world.firms[0].companies[0]
    with app.app_context():
        few, many = open_for(world, 200)[a.slug], open_for(world, 200, starts=dt.timedelta(days=60))[a.slug]
        people = crowd(a, PEOPLE)
        enrol_all(a, few, people[:3])
        enrol_all(a, many, people)
    browser = signed_in("owner@alpha.example" if who == "staff" else a.address("hr"))

    def path(link: object, number: int = 1) -> str:
        page = f"/sessions/{link.session_id}" if who == "staff" else f"/w/{a.slug}/sessions/{link.id}"  # type: ignore[attr-defined]
        return f"/alpha{page}?page={number}"

    with counted(app) as cheap:
        assert rows(browser.get(path(few)).get_data(as_text=True)) == 3
    with counted(app) as dear:
        first = browser.get(path(many)).get_data(as_text=True)
    assert len(dear) == len(cheap) <= MOST
    assert rows(first) == 50 and f">{PEOPLE}<" in first and "page 1 of 3" in first
    seen = [rows(browser.get(path(many, n)).get_data(as_text=True)) for n in (2, 3, 4)]
    assert seen == [50, 20, 0]


def test_what_hr_must_know_is_said_whatever_page_its_people_are_on(
    app: Flask, world: World, superuser: Connection, signed_in: Callable[[str], FlaskClient]
) -> None:
    """A refused address, an absence, one's own seat and one's own last act, all of people of the last page."""
    a = world.firms[0].companies[0]
    browser = signed_in(a.address("hr"))
    with app.app_context():
        link = open_for(world, 200)[a.slug]
        done = enrol_all(a, link, crowd(a, PEOPLE))
        (late,) = crowd(a, 1, "zz")
    superuser.execute("UPDATE member SET name_folded = 'zzz' WHERE id = ANY (%s)", ([late, a.ids["member-hr"]],))
    superuser.execute("UPDATE member SET refused_email = email_norm WHERE id = %s", (late,))
    app.config["UNDO_SECONDS"] = 60
    try:
        path = f"/alpha/w/{a.slug}/sessions/{link.id}"
        assert browser.post(f"{path}/enrol", data={"member": [str(late), str(a.ids["member-hr"])]}).status_code == 303
    finally:
        app.config["UNDO_SECONDS"] = 0
    browser.get("/alpha/")  # the toast, which has a button of its own, is shown once
    superuser.execute(
        "INSERT INTO absence (firm_id, workspace_id, id, enrolment_id, starts_at, kind, reason) SELECT firm_id, workspace_id,"
        " gen_random_uuid(), id, now(), 'absent', 'Moving house' FROM enrolment WHERE id = %s",
        (done.seated[-1].id,),
    )
    page = browser.get(path).get_data(as_text=True)
    assert "You have just enrolled 2 people." in page and "Undo" in page
    assert "zz0@" in page and "Moving house" in page and "My seat" in page

"""The people of a client: a list of thousands, a person's page, their roles, their leaving and coming back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from saas.community.models import ZoneMember
from saas.kit.clock import today
from saas.kit.mail import mailbox
from tenants.queue import drain
from tests.cast import Company, World
from tests.house.test_pages import counted
from tests.workspaces.crowd import acts, add, base, names, the

Superuser = psycopg.Connection[tuple[object, ...]]
Browser = Callable[[str], FlaskClient]
FIELDS = {"first_name": "Ana", "last_name": "Roux", "language": "en"}


@pytest.fixture
def company(app: Flask, world: World) -> Company:
    """Alpha-a, with a few people more."""
    made = world.companies[0]
    with app.app_context():
        add(made, "Élodie", "Lefèvre", site="Lyon", department="Achats", employee_number="A07", entered_on=dt.date(2021, 3, 1))
        add(made, "Marc", "Petit", site="Paris", department="Ventes", line_manager="A07")
        add(made, "Nour", "Haddad", None, site="Lyon")
    return made


@pytest.fixture
def hr(company: Company, signed_in: Browser) -> FlaskClient:
    return signed_in(company.address("hr"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=elodie", ["Élodie Lefèvre"]), ("search=LEFEVRE Elo", ["Élodie Lefèvre"]), ("search=a07", ["Élodie Lefèvre"]),
        ("search=marc@", ["Marc Petit"]), ("site=Lyon", ["Nour Haddad", "Élodie Lefèvre"]), ("department=Ventes", ["Marc Petit"]),
        ("state=no-address", ["Nour Haddad"]), ("search=%25", []), ("state=never", []), ("site=Lyon&sort=-name", ["Élodie Lefèvre", "Nour Haddad"]),
        ("site=Lyon&sort=entered", ["Élodie Lefèvre", "Nour Haddad"]), ("page=999", []), ("language=fr", []),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_and_sorted(hr: FlaskClient, company: Company, query: str, expected: list[str]) -> None:
    answer = hr.get(f"{base(company)}?{query}")
    assert answer.status_code == 200 and names(answer.text) == expected


def test_a_filter_is_taken_away_by_its_chip_and_the_count_shows(hr: FlaskClient, company: Company) -> None:
    page = hr.get(f"{base(company)}?search=o&site=Lyon").text
    assert "2 people" in page and 'href="/alpha/w/alpha-a/people?site=Lyon"' in page and "people?search=o" in page
    assert "Clear the filters" in hr.get(f"{base(company)}?search=nobody-at-all").text


def test_typing_refreshes_the_list_alone(hr: FlaskClient, company: Company) -> None:
    part = hr.get(f"{base(company)}?search=marc", headers={"HX-Request": "true"})
    assert names(part.text) == ["Marc Petit"] and "<html" not in part.text and "HX-Request" in part.headers["Vary"]
    back = hr.get(f"{base(company)}?search=marc", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in back.text


def test_the_list_costs_the_same_for_few_and_for_many(app: Flask, company: Company, hr: FlaskClient) -> None:
    path = f"{base(company)}?search=a&sort=site"
    with counted(app) as few:
        hr.get(path)
    with app.app_context():
        for n in range(40):
            add(company, f"Ada{n}", site=f"Site {n}", department=f"D{n}")
    with counted(app) as many:
        hr.get(path)
    assert len(few) == len(many) <= 8


def test_a_persons_page_costs_at_most_eight_statements(app: Flask, company: Company, hr: FlaskClient) -> None:
    with app.app_context():
        lead = add(company, "Lead", employee_number="L1")
        for n in range(30):
            add(company, f"Led{n}", line_manager="L1")
    with counted(app) as seen:
        page = hr.get(f"{base(company)}/{lead}")
    assert page.status_code == 200 and len(seen) <= 8 and page.text.count(">Led") == 30


def test_the_workbook_is_the_list_in_the_readers_language(app: Flask, company: Company, hr: FlaskClient) -> None:
    with app.app_context():
        add(company, "=cmd|x", "Evil", "evil@x.example", site="Lyon")
    hr.set_cookie("language", "fr")
    answer = hr.get(f"{base(company)}/people.xlsx?site=Lyon")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [row[0] for row in rows] == ["Nom de famille", "Evil", "Haddad", "Lefèvre"]
    assert rows[1][1] == "'=cmd|x" and rows[3][8] == "English" and rows[3][10] == "manager"
    assert isinstance(rows[3][9], dt.datetime) and rows[3][9].date() == dt.date(2021, 3, 1)
    with app.app_context():
        assert acts(company, "people.exported") == 1


def test_the_workbook_costs_the_same_for_few_and_for_many(app: Flask, company: Company, hr: FlaskClient) -> None:
    with counted(app) as few:
        hr.get(f"{base(company)}/people.xlsx")
    with app.app_context():
        for n in range(40):
            add(company, f"Many{n}")
    with counted(app) as many:
        hr.get(f"{base(company)}/people.xlsx")
    assert len(few) == len(many) <= 4


def test_a_person_is_added_with_what_is_known_of_them(app: Flask, company: Company, hr: FlaskClient) -> None:
    answer = hr.post(f"{base(company)}/new", data={**FIELDS, "line_manager": "Élodie Lefèvre", "entered_on": "2024-09-02"})
    assert answer.status_code == 303
    page = hr.get(answer.location).text
    assert "Élodie Lefèvre</a>" in page.replace("\n", "") and "Sep 2, 2024" in page and "No address" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"email": "no-address"}, "Enter an address such as"), ({"email": "hr@alpha-a.example"}, "has this address already"),
        ({"employee_number": "A07"}, "has this employee number already"), ({"line_manager": "Nobody At All"}, "Nobody here has this name"),
        ({"line_manager": "Nour Haddad"}, "neither a number nor an address"), ({"first_name": ""}, "Enter a first name"),
        ({"entered_on": "2024-13-45"}, "Not a valid date value"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["new", "edit"])
def test_what_cannot_be_is_said_by_its_field_and_keeps_what_was_typed(
    app: Flask, company: Company, hr: FlaskClient, page: str, more: dict[str, str], said: str
) -> None:
    with app.app_context():
        path = base(company) + ("/new" if page == "new" else f"/{add(company, 'Ana')}/edit")
    answer = hr.post(path, data={**FIELDS, "job_title": "Kept as typed", **more})
    assert answer.status_code == 422 and said in answer.text and "Kept as typed" in answer.text


def test_somebody_several_people_are_called_is_asked_for_by_number(app: Flask, company: Company, hr: FlaskClient) -> None:
    with app.app_context():
        add(company, "Jean", "Martin", employee_number="J1")
        add(company, "Jean", "Martin", "jean2@x.example", employee_number="J2")
    answer = hr.post(f"{base(company)}/new", data={**FIELDS, "line_manager": "jean martin"})
    assert answer.status_code == 422 and "Jean Martin (J1)" in answer.text and "Jean Martin (J2)" in answer.text
    options = hr.get(f"{base(company)}/managers?line_manager=martin").text
    assert 'value="J1"' in options and 'value="J2"' in options


def test_a_new_address_has_to_be_proved(
    app: Flask, company: Company, hr: FlaskClient, signed_in: Browser, superuser: Superuser
) -> None:
    """The pilot's address changes: no access, no zone, and the old invitation opens nothing."""
    theirs, second = signed_in(company.address("second")), company.ids["member_id"]
    assert theirs.get(f"/alpha/w/{company.slug}/community").status_code == 200
    form = {**FIELDS, "first_name": "Second", "last_name": company.canary, "email": "new@x.example"}
    answer = hr.post(f"{base(company)}/{second}/edit", data=form, follow_redirects=True)
    assert "has to prove the new address" in answer.text and "changed the details of" in answer.text
    assert theirs.get(f"/alpha/w/{company.slug}/").status_code == 404
    zones = superuser.execute(
        f"SELECT count(*) FROM {ZoneMember.__tablename__} WHERE workspace_id = %s AND left_at IS NULL AND name = 'Second'",  # type: ignore[arg-type]
        (company.id,),
    ).fetchone()
    assert zones == (0,)
    open_ = superuser.execute("SELECT count(*) FROM invitation WHERE member_id = %s AND revoked_at IS NULL", (second,)).fetchone()
    assert open_ == (0,)


def test_capitals_are_no_new_address(app: Flask, company: Company, hr: FlaskClient, signed_in: Browser) -> None:
    theirs = signed_in(company.address("second"))
    form = {**FIELDS, "email": company.address("second").upper()}
    assert hr.post(f"{base(company)}/{company.ids['member_id']}/edit", data=form).status_code == 303
    assert theirs.get(f"/alpha/w/{company.slug}/").status_code == 200


def test_hr_keep_their_own_access(company: Company, hr: FlaskClient) -> None:
    """Neither a new address, nor a role taken away, nor a limit, nor leaving: not for oneself."""
    me = f"{base(company)}/{company.ids['member-hr']}"
    edited = hr.post(f"{me}/edit", data={**FIELDS, "email": "other@x.example"})
    assert edited.status_code == 422 and "lose your own access" in edited.text
    for roles in ({"roles": ["participant"]}, {"roles": ["hr"], "sites": ["Lyon"]}):
        answer = hr.post(f"{me}/roles", data=roles)
        assert answer.status_code == 422 and "cannot take your own role away" in answer.text
    left = hr.post(f"{me}/leave", data={"left_on": today().isoformat()})
    assert left.status_code == 422 and "cannot mark yourself as gone" in left.text
    assert hr.get(me).status_code == 200


def test_the_last_hr_is_the_firms_to_take_away(app: Flask, company: Company, signed_in: Browser) -> None:
    me = f"{base(company)}/{company.ids['member-hr']}/roles"
    staff = signed_in("advisor@alpha.example")
    assert staff.post(me, data={"roles": ["participant"]}).status_code == 303
    with app.app_context():
        assert the(company, company.ids["member-hr"])["roles"] == ["participant"]


def test_roles_go_together_and_the_next_request_knows(app: Flask, company: Company, hr: FlaskClient, signed_in: Browser) -> None:
    second = company.ids["member_id"]
    theirs = signed_in(company.address("second"))
    assert theirs.get(base(company)).status_code == 403
    path = f"{base(company)}/{second}/roles"
    assert hr.post(path, data={"roles": ["hr", "sponsor", "participant"]}).status_code == 303
    assert theirs.get(base(company)).status_code == 200
    assert hr.post(path, data={"roles": ["hr", "participant"], "sites": ["Lyon"]}).status_code == 303
    assert names(theirs.get(base(company)).text) == ["Nour Haddad", "Élodie Lefèvre"]
    assert hr.post(path, data={"roles": ["participant"]}).status_code == 303
    with app.app_context():
        assert the(company, second)["hr_sites"] == [] and acts(company, "member.roles") == 3
    assert theirs.get(base(company)).status_code == 403


@pytest.mark.parametrize("form", [{"other": ["x"]}, {"roles": ["owner"]}, {"roles": ["hr"], "sites": ["Never"]}])
def test_roles_that_are_none_are_refused(company: Company, hr: FlaskClient, form: dict[str, list[str]]) -> None:
    assert hr.post(f"{base(company)}/{company.ids['member_id']}/roles", data=form).status_code == 422


def test_an_invitation_is_sent_once_again_and_taken_back(app: Flask, company: Company, hr: FlaskClient) -> None:
    with app.app_context():
        path = f"{base(company)}/{add(company, 'Ana')}"

    def letters() -> int:
        with app.app_context():
            drain()
            return len(list(mailbox().glob("*.eml")))

    before = letters()
    assert "Not invited yet" in hr.get(path).text
    assert "on its way" in hr.post(f"{path}/invitation", follow_redirects=True).text
    assert letters() == before + 1
    assert "less than a day ago" in hr.post(f"{path}/invitation", follow_redirects=True).text
    assert letters() == before + 1
    hr.post(f"{path}/invitation", data={"again": "1"})
    assert letters() == before + 2
    assert "was taken back" in hr.post(f"{path}/invitation/revoke", follow_redirects=True).text
    assert "There was no open invitation" in hr.post(f"{path}/invitation/revoke", follow_redirects=True).text
    page = hr.get(path).text
    assert "sent an invitation" in page and "took back the invitation of Ana Roux" in page


def test_a_leaver_loses_access_and_keeps_their_history(app: Flask, company: Company, hr: FlaskClient, signed_in: Browser) -> None:
    second = company.ids["member_id"]
    theirs = signed_in(company.address("second"))
    asked = hr.get(f"{base(company)}/{second}/leave").text
    assert "Seats to come" in asked and str(company.ids["enrolment_id"]) in asked
    day = today() - dt.timedelta(days=3)
    assert hr.post(f"{base(company)}/{second}/leave", data={"left_on": day.isoformat()}).status_code == 303
    assert theirs.get(f"/alpha/w/{company.slug}/").status_code == 404
    page = hr.get(f"{base(company)}/{second}").text
    assert "Take back in" in page and "marked Second zq-alpha-a as gone" in page and "Give the seat back" in page
    assert hr.get(f"/alpha/w/{company.slug}/seats/{company.ids['enrolment_id']}").status_code == 200
    assert "Second" in str(names(hr.get(f"{base(company)}?state=left").text)) and not names(
        hr.get(f"{base(company)}?search=second").text
    )
    assert hr.get(f"{base(company)}/{second}/edit").status_code == 404
    assert hr.post(f"{base(company)}/{second}/leave", data={"left_on": day.isoformat()}).status_code == 303  # twice
    with app.app_context():
        assert the(company, second)["left_at"].date() == day and acts(company, "member.left") == 1


def test_nobody_leaves_on_a_day_to_come(company: Company, hr: FlaskClient) -> None:
    tomorrow = today() + dt.timedelta(days=1)
    answer = hr.post(f"{base(company)}/{company.ids['member_id']}/leave", data={"left_on": tomorrow.isoformat()})
    assert answer.status_code == 422 and "A day to come" in answer.text and tomorrow.isoformat() in answer.text


def test_whoever_comes_back_is_no_hr_until_named_anew(app: Flask, company: Company, signed_in: Browser) -> None:
    staff, path = signed_in("owner@alpha.example"), f"{base(company)}/{company.ids['member-hr']}"
    staff.post(f"{path}/leave", data={"left_on": today().isoformat()})
    assert staff.post(f"{path}/return").status_code == 303
    with app.app_context():
        row = the(company, company.ids["member-hr"])
    assert row["left_at"] is None and row["roles"] == ["participant"]
    assert "is here already" in staff.post(f"{path}/return", follow_redirects=True).text

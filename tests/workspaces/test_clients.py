"""A client is opened in one form, set up, archived and restored; nothing happens twice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saas.kit.errors import Refused
from saas.kit.mail import mailbox
from saas.workspaces import logos, numbers
from tenants.queue import drain
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
WHOLE = {
    "name": "Café L’Œuvre", "siren": "732 829 320", "city": "Lyon", "trade": "restauration", "language": "fr", "colour": "#FFD400",
    "siret": "732 829 320 00074", "street": "1 rue Neuve", "postcode": "69001", "vat_number": "FR44732829320",
    "hr_first_name": "Odile", "hr_last_name": "Martin", "hr_email": "odile@oeuvre.example",
}  # fmt: skip


def opened(superuser: Connection, name: str) -> list[tuple[object, ...]]:
    return superuser.execute("SELECT id, slug, siren, logo, state FROM workspace WHERE name = %s", (name,)).fetchall()


def create(browser: FlaskClient, **changes: object) -> TestResponse:
    data = {**WHOLE, "once": str(uuid4()), **changes}
    return browser.post("/alpha/clients/new", data=data, content_type="multipart/form-data")


def test_one_form_opens_the_space_with_who_is_invoiced_and_an_invited_hr_contact(
    app: Flask, world: World, signed_in: SignedIn, superuser: Connection
) -> None:
    answer = create(signed_in(OWNER), logo=(io.BytesIO(PNG), "logo.png"))
    assert answer.status_code == 303 and answer.location.endswith("/alpha/w/cafe-l-oeuvre/")
    ((workspace_id, slug, siren, logo, state),) = opened(superuser, "Café L’Œuvre")
    assert (slug, siren, state) == ("cafe-l-oeuvre", "732829320", "active") and str(logo).endswith(".png")
    party = superuser.execute(
        "SELECT name, siret, vat_number, city, is_default FROM billing_party WHERE workspace_id = %s", (workspace_id,)
    )
    assert party.fetchall() == [("Café L’Œuvre", "73282932000074", "FR44732829320", "Lyon", True)]
    member = superuser.execute("SELECT roles, email, language FROM member WHERE workspace_id = %s", (workspace_id,)).fetchall()
    assert member == [(["hr"], "odile@oeuvre.example", "fr")]
    with app.app_context():
        drain()
        letters = [letter.read_text() for letter in mailbox().glob("*.eml")]
    assert sum("odile@oeuvre.example" in letter for letter in letters) == 1


def test_only_the_name_is_needed(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    answer = signed_in(OWNER).post("/alpha/clients/new", data={"name": "Bare", "language": "en", "colour": "#066584"})
    assert answer.status_code == 303 and len(opened(superuser, "Bare")) == 1


def test_the_same_form_sent_twice_opens_one_space(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser, once = signed_in(OWNER), str(uuid4())
    first, second = create(browser, once=once), create(browser, once=once)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    assert len(opened(superuser, "Café L’Œuvre")) == 1


def test_the_same_form_sent_at_the_same_moment_opens_one_space(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    once, browsers = str(uuid4()), [signed_in(OWNER) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda browser: create(browser, once=once).status_code, browsers))
    assert answers == [303] * 4 and len(opened(superuser, "Café L’Œuvre")) == 1


def test_two_clients_opened_at_the_same_moment_have_addresses_of_their_own(
    world: World, signed_in: SignedIn, superuser: Connection
) -> None:
    browsers = [signed_in(OWNER) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        sent = pool.map(
            lambda n: create(browsers[n], siren="", siret="", vat_number="", name=f"Twin{'!' * n}", hr_email=f"t{n}@x.example"),
            range(3),
        )
    assert [answer.status_code for answer in sent] == [303] * 3
    assert superuser.execute("SELECT count(DISTINCT slug) FROM workspace WHERE slug LIKE 'twin%'").fetchone() == (3,)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"name": "!!!"}, "name", "letters or digits"),
        ({"siren": "732829321"}, "siren", "wrong check digit"),
        ({"siret": "73282932000075"}, "siret", "wrong check digit"),
        ({"siret": "99912101500013"}, "siret", "must start with the SIREN 732829320"),
        ({"vat_number": "FR45732829320"}, "vat_number", "should be FR44732829320"),
        ({"vat_number": "FR40303265045"}, "vat_number", "FR44732829320 is this one"),
        ({"einvoice_address": "732829321"}, "einvoice_address", "e-invoicing address"),
        ({"colour": "red"}, "colour", "such as #0057b8"),
        ({"hr_email": "odile"}, "hr_email", "name@company.com"),
        ({"hr_email": ""}, "hr_email", "Enter an e-mail address"),
        ({"hr_last_name": " "}, "hr_last_name", "Enter a last name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_its_field_and_everything_typed_stays(
    world: World, signed_in: SignedIn, superuser: Connection, changes: dict[str, str], field: str, says: str
) -> None:
    answer = create(signed_in(OWNER), **changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and not opened(superuser, "Café L’Œuvre")
    assert re.search(rf'id="{field}-error">.*?{re.escape(says)}', page, re.DOTALL), page
    assert 'value="1 rue Neuve"' in page and (field == "hr_first_name" or 'value="Odile"' in page)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"GIF89a" + b"x" * 40, "neither a PNG nor a JPEG"), (b"<svg onload=alert(1)>", "neither a PNG")],
)  # fmt: skip
def test_a_logo_is_a_small_picture_whatever_it_is_called(
    world: World, signed_in: SignedIn, superuser: Connection, content: bytes, says: str
) -> None:
    answer = create(signed_in(OWNER), logo=(io.BytesIO(content), "logo.png"))
    assert answer.status_code == 422 and says in answer.get_data(as_text=True) and not opened(superuser, "Café L’Œuvre")


def test_a_logo_of_more_than_512_kb_is_refused() -> None:
    """The refusal needs no scope: nothing is stored."""
    with pytest.raises(Refused, match="larger than 512 KB"):
        logos.keep(PNG + b"x" * logos.MAX_BYTES)


def test_a_company_is_no_client_twice(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    browser = signed_in(OWNER)
    create(browser)
    assert "Café L’Œuvre has this SIREN already" in create(browser, name="Another").get_data(as_text=True)
    bare = {"siren": "", "siret": "", "vat_number": "", "hr_first_name": "", "hr_last_name": "", "hr_email": ""}
    assert create(browser, name="Bare", **bare).status_code == 303
    assert "Give the SIREN to tell them apart" in create(browser, name="BARÉ", **bare).get_data(as_text=True)


def test_another_firm_may_have_the_same_client(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    create(signed_in(OWNER))
    data = {**WHOLE, "once": str(uuid4())}
    assert signed_in("owner@beta.example").post("/beta/clients/new", data=data).status_code == 303
    assert len(opened(superuser, "Café L’Œuvre")) == 2


def test_a_form_id_of_another_firm_opens_nothing_there(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    """The id in the form is anybody's to choose: it can only lead to a space of one's own firm."""
    taken = str(world.firms[1].companies[0].id)
    answer = create(signed_in(OWNER), once=taken)
    assert answer.status_code == 303 and "beta" not in answer.location and len(opened(superuser, "Café L’Œuvre")) == 1


def test_the_preview_tells_what_the_guard_does(world: World, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    yellow = browser.get("/alpha/clients/preview?colour=%23ffd400&name=Soleil").get_data(as_text=True)
    assert "The logo tile keeps #ffd400" in yellow and ">Soleil<" in yellow and "style=" not in yellow
    assert "Close to the red of errors" in browser.get("/alpha/clients/preview?colour=%23d01c20").get_data(as_text=True)
    assert browser.get("/alpha/clients/preview?colour=<script>").status_code == 200


LOGO = "/alpha/w/alpha-a/logo"


def with_logo(browser: FlaskClient, content: bytes = PNG, **more: object) -> int:
    data = {"name": "alpha-a", "language": "en", "colour": "#0057b8", "logo": (io.BytesIO(content), "x.png"), **more}
    return browser.post("/alpha/w/alpha-a/settings", data=data, content_type="multipart/form-data").status_code


def test_a_logo_is_served_to_the_house_alone_and_kept_for_ever_under_its_stamp(world: World, signed_in: SignedIn) -> None:
    owner = signed_in(OWNER)
    assert with_logo(owner) == 303
    found = re.search(r'<img class="logo" src="([^"]+)"', owner.get("/alpha/w/alpha-a/").get_data(as_text=True))
    assert found
    for address in (OWNER, "trainer@alpha.example", "participant@alpha-a.example"):
        answer = signed_in(address).get(found[1])
        assert answer.status_code == 200 and answer.get_data() == PNG and answer.content_type == "image/png"
        assert "immutable" in answer.headers["Cache-Control"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in owner.get(f"{LOGO}?v=other").headers["Cache-Control"]
    for stranger in ("hr@alpha-b.example", "owner@beta.example"):
        assert signed_in(stranger).get(found[1]).status_code == 404
    assert signed_in("").get(found[1]).status_code == 303


def test_a_logo_is_replaced_and_taken_away(world: World, signed_in: SignedIn) -> None:
    owner = signed_in(OWNER)
    with_logo(owner)
    with_logo(owner, b"\xff\xd8\xff" + b"j" * 40)
    assert owner.get(LOGO).content_type == "image/jpeg"
    assert with_logo(owner, b"", no_logo="y") == 303 and owner.get(LOGO).status_code == 404


def test_settings_change_what_is_known_of_the_company(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    data = {"name": "Âlpha", "language": "fr", "colour": "#0057b8", "siren": "732829320", "city": "Annecy", "trade": "bois"}
    assert signed_in(OWNER).post("/alpha/w/alpha-a/settings", data=data).status_code == 303
    assert superuser.execute("SELECT name_folded, searched FROM workspace WHERE slug = 'alpha-a'").fetchone() == (
        "alpha", "alpha annecy bois 732829320",
    )  # fmt: skip
    bad = signed_in(OWNER).post("/alpha/w/alpha-a/settings", data={**data, "siren": "1", "city": "Chambéry"})
    assert bad.status_code == 422 and 'value="Chambéry"' in bad.get_data(as_text=True)


def test_an_invitation_is_sent_again_and_withdrawn_with_the_role(
    app: Flask, world: World, signed_in: SignedIn, superuser: Connection
) -> None:
    browser = signed_in(OWNER)
    person = {"first_name": "Odile", "last_name": "Martin", "email": "odile@x.example", "language": "fr"}
    browser.post("/alpha/w/alpha-a/hr", data=person)
    (member_id,) = superuser.execute("SELECT id FROM member WHERE email = 'odile@x.example'").fetchone() or (None,)
    assert "invited until" in browser.get("/alpha/w/alpha-a/settings").get_data(as_text=True)
    assert browser.post(f"/alpha/w/alpha-a/hr/{member_id}/resend").status_code == 303
    with app.app_context():
        drain()
        letters = [letter.read_text() for letter in mailbox().glob("*.eml")]
        assert sum("odile@x.example" in letter and "vous invite" in letter for letter in letters) == 2
    for _ in range(2):  # a second withdrawal finds nobody
        browser.post(f"/alpha/w/alpha-a/hr/{member_id}/revoke")
    row = superuser.execute("SELECT left_at IS NOT NULL, (SELECT count(*) FROM invitation i WHERE i.member_id = m.id AND revoked_at IS NULL) FROM member m WHERE id = %s", (member_id,)).fetchone()  # fmt: skip
    assert row == (True, 0)
    browser.post("/alpha/w/alpha-a/hr", data=person)
    assert superuser.execute("SELECT left_at, roles FROM member WHERE id = %s", (member_id,)).fetchone() == (None, ["hr"])


def test_whoever_has_joined_is_not_withdrawn(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    company = world.firms[0].companies[0]
    signed_in(company.address("hr"))
    answer = signed_in(OWNER).post(f"/alpha/w/alpha-a/hr/{company.ids['member-hr']}/revoke", follow_redirects=True)
    assert superuser.execute("SELECT roles, left_at FROM member WHERE id = %s", (company.ids["member-hr"],)).fetchone() == (
        ["hr"],
        None,
    )
    assert "has joined already" in answer.get_data(as_text=True)


def free_of_seats(superuser: Connection) -> None:
    superuser.execute("UPDATE enrolment SET state = 'withdrawn'")
    superuser.execute("UPDATE placeholder SET state = 'released'")


def test_a_client_with_seats_to_come_is_not_archived(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    answer = signed_in(OWNER).post("/alpha/w/alpha-a/archive", follow_redirects=True)
    assert "have a seat, or wait for one" in answer.get_data(as_text=True)
    assert opened(superuser, "alpha-a")[0][4] == "active"


def test_archiving_closes_the_space_to_its_members_and_leaves_it_to_staff_to_read(
    world: World, signed_in: SignedIn, superuser: Connection
) -> None:
    free_of_seats(superuser)
    owner, hr = signed_in(OWNER), signed_in("hr@alpha-a.example")
    assert owner.post("/alpha/w/alpha-a/archive").status_code == 303
    assert owner.post("/alpha/w/alpha-a/archive").status_code == 409  # done already: nothing changes there any more
    assert hr.get("/alpha/w/alpha-a/").status_code == 404
    page = owner.get("/alpha/w/alpha-a/people").get_data(as_text=True)
    assert "This client is archived" in page and "zq-alpha-a" in page
    assert owner.post("/alpha/w/alpha-a/people/new", data={"first_name": "X"}).status_code == 409
    for path in ("/alpha/", "/alpha/clients", "/alpha/switch", "/alpha/search?q=alpha-a"):
        assert 'w/alpha-a/"' not in owner.get(path).get_data(as_text=True), path
    assert "alpha-a" in owner.get("/alpha/clients?state=archived").get_data(as_text=True)
    assert superuser.execute("SELECT count(*) FROM invitation WHERE workspace_id = %s AND revoked_at IS NULL", (world.firms[0].companies[0].id,)).fetchone() == (0,)  # fmt: skip


def test_restoring_gives_everybody_their_access_back(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    free_of_seats(superuser)
    owner, hr = signed_in(OWNER), signed_in("hr@alpha-a.example")
    owner.post("/alpha/w/alpha-a/archive")
    for _ in range(2):
        assert owner.post("/alpha/w/alpha-a/restore").status_code == 303
    assert hr.get("/alpha/w/alpha-a/").status_code == 200
    assert superuser.execute("SELECT state, archived_at FROM workspace WHERE slug = 'alpha-a'").fetchone() == ("active", None)


def test_the_key_of_a_french_vat_number() -> None:
    assert numbers.vat_of("732829320") == "FR44732829320" and numbers.vat_of("303265045") == "FR40303265045"
    assert numbers.vat("fr 44 732 829 320") == "FR44732829320" and numbers.vat("DE811907980") == "DE811907980"


@pytest.mark.parametrize("siret", ["35600000000048", "35600000049832", "732 829 320 00074"])
def test_la_poste_has_a_check_of_its_own(siret: str) -> None:
    assert numbers.siret(siret) == siret.replace(" ", "")

"""The second factor of staff: set up once, asked for each time, each code used once, never a way around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands import factors
from saas.kit.errors import Refused
from tenants.scope import Scope, inside
from tests.cast import World, account_of
from tests.identity.support import Superuser, link_of, mail, set_up_factor

OWNER, ADVISOR = "owner@alpha.example", "advisor@alpha.example"
SignedIn = Callable[[str], FlaskClient]


def forget_step(superuser: Superuser) -> None:
    """The code just used may be used again: time has gone on."""
    superuser.execute("UPDATE second_factor SET last_step = 0")


def test_whoever_has_an_authenticator_is_asked_for_it_before_anything_of_the_firm(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    authenticator, codes = set_up_factor(signed_in(ADVISOR))
    assert len(codes) == 10
    forget_step(superuser)
    browser = signed_in(ADVISOR)
    for path in ("/alpha/", "/alpha/clients", "/alpha/w/alpha-a/people", "/-/account/password"):
        answer = browser.get(path)
        assert answer.status_code == 303 and answer.location.startswith("/-/factor"), path
    assert "alpha-a" not in browser.get("/-/factor?next=/alpha/").get_data(as_text=True)
    answer = browser.post("/-/factor", data={"code": authenticator.now(), "next": "/alpha/clients"})
    assert answer.location == "/alpha/clients" and browser.get("/alpha/clients").status_code == 200


def test_neither_mail_nor_password_goes_around_it(app: Flask, world: World, signed_in: SignedIn, client: FlaskClient) -> None:
    browser = signed_in(ADVISOR)
    browser.post("/-/account/password", data={"password": "a long sentence of mine"})
    set_up_factor(browser)
    client.post("/-/sign-in", data={"email": ADVISOR, "next": "/-/account/password"})
    text = mail(app, ADVISOR)
    by_link = app.test_client()
    assert by_link.post(link_of(text)).location.startswith("/-/factor")
    by_password = app.test_client()
    answer = by_password.post("/-/sign-in/password", data={"email": ADVISOR, "password": "a long sentence of mine"})
    assert answer.location.startswith("/-/factor")
    for one in (by_link, by_password):
        assert one.get("/alpha/").location.startswith("/-/factor")
        assert one.post("/-/account/password", data={"password": "another long sentence"}).location.startswith("/-/factor")
        assert one.post("/-/factor/remove").location.startswith("/-/factor")
        assert one.get("/-/factor/new").location == "/-/account", "a second one cannot be set up over the first"


def test_a_code_works_once_even_fifty_times_at_the_same_moment(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    authenticator, _codes = set_up_factor(signed_in(ADVISOR))
    forget_step(superuser)
    code = authenticator.now()
    with app.app_context():
        account = account_of(ADVISOR)

    def give(_: int) -> bool:
        with app.app_context():
            try:
                with inside(Scope.platform()):
                    factors.give(account, code)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(give, range(50))) == 1


@pytest.mark.parametrize(("seconds", "works"), [(-29, True), (29, True), (-95, False), (95, False)])
def test_a_phone_may_be_half_a_minute_off(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser, seconds: int, works: bool
) -> None:
    from saas.kit.clock import now

    authenticator, _codes = set_up_factor(signed_in(ADVISOR))
    forget_step(superuser)
    answer = signed_in(ADVISOR).post("/-/factor", data={"code": authenticator.at(int(now().timestamp()) + seconds)})
    assert (answer.status_code == 303) is works


def test_a_recovery_code_works_once_and_its_owner_hears_of_it(app: Flask, world: World, signed_in: SignedIn) -> None:
    _authenticator, codes = set_up_factor(signed_in(ADVISOR))
    first = signed_in(ADVISOR)
    assert first.post("/-/factor", data={"code": codes[0].lower()}).status_code == 303
    assert "recovery codes was used" in mail(app, ADVISOR) or "codes de secours" in mail(app, ADVISOR)
    assert signed_in(ADVISOR).post("/-/factor", data={"code": codes[0]}).status_code == 422
    new = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", first.post("/-/factor/codes").get_data(as_text=True))
    assert len(set(new)) == 10 and not set(new) & set(codes)
    assert signed_in(ADVISOR).post("/-/factor", data={"code": codes[1]}).status_code == 422, "the former ones are worth nothing"


def test_a_firm_requires_it_of_everybody(app: Flask, world: World, signed_in: SignedIn) -> None:
    owner, trainer, hr = signed_in(OWNER), signed_in("trainer@alpha.example"), signed_in("hr@alpha-a.example")
    assert owner.post("/alpha/staff/second-factor", data={"required": "yes"}).status_code == 303
    assert trainer.get("/alpha/programmes").location.startswith("/-/factor/new")
    assert owner.get("/alpha/").location.startswith("/-/factor/new")
    assert hr.get("/alpha/w/alpha-a/people").status_code == 200, "clients are not the firm's staff"
    assert signed_in("owner@beta.example").get("/beta/").status_code == 200, "another firm is not"
    set_up_factor(trainer)
    assert trainer.get("/alpha/programmes").status_code == 200


def test_an_owner_takes_away_the_authenticator_of_somebody_who_lost_it(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    set_up_factor(signed_in(ADVISOR))
    owner, staff = signed_in(OWNER), world.firms[0].ids["advisor"]
    assert "shield-check" in owner.get("/alpha/staff").get_data(as_text=True)
    assert owner.post(f"/alpha/staff/{staff}/second-factor/drop").status_code == 303
    assert superuser.execute("SELECT (SELECT count(*) FROM second_factor) + (SELECT count(*) FROM recovery_code)").fetchone() == (
        0,
    )
    assert signed_in(ADVISOR).get("/alpha/").status_code == 200


def test_no_owner_takes_away_what_guards_another_firm(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    set_up_factor(signed_in(ADVISOR))
    with app.app_context():
        account = account_of(ADVISOR)
    superuser.execute("UPDATE staff SET account_id = %s WHERE email = 'trainer@beta.example'", (account,))
    signed_in(OWNER).post(f"/alpha/staff/{world.firms[0].ids['advisor']}/second-factor/drop")
    assert superuser.execute("SELECT count(*) FROM second_factor").fetchone() == (1,)


def test_the_seed_is_sealed_and_codes_are_hashes(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    authenticator, codes = set_up_factor(signed_in(ADVISOR))
    rows = str(superuser.execute("SELECT t::text FROM second_factor t UNION ALL SELECT t::text FROM recovery_code t").fetchall())
    assert authenticator.secret not in rows and not [c for c in codes if c in rows or c.replace("-", "") in rows]


def test_looking_at_the_picture_sets_nothing_up(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    browser = signed_in(ADVISOR)
    browser.get("/-/factor/new")
    wrong = browser.post("/-/factor/new", data={"code": "000000"})
    assert wrong.status_code == 422 and superuser.execute("SELECT count(*) FROM second_factor").fetchone() == (0,)


def test_a_seed_outlives_the_key_that_sealed_it(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    """The key changes; what was sealed opens with the one before, is sealed anew, and then needs it no more."""
    authenticator, _codes = set_up_factor(signed_in(ADVISOR))
    before = app.config["SECRET_KEY"]
    app.config.update(SECRET_KEY="another-0123456789abcdef0123456789abcdef", SECRET_KEY_FALLBACKS=[before])
    try:
        forget_step(superuser)
        assert signed_in(ADVISOR).post("/-/factor", data={"code": authenticator.now()}).status_code == 303
        assert "1 sealed anew, 0 that neither" in app.test_cli_runner().invoke(args=["secrets", "reseal"]).output
        app.config["SECRET_KEY_FALLBACKS"] = []
        forget_step(superuser)
        assert signed_in(ADVISOR).post("/-/factor", data={"code": authenticator.now()}).status_code == 303
    finally:
        app.config.update(SECRET_KEY=before, SECRET_KEY_FALLBACKS=[])

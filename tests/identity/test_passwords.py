"""Passwords: what is refused, what changing one ends, what it costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands import passwords
from saas.kit.errors import Refused
from tenants.scope import Scope, inside
from tests.cast import World, account_of
from tests.identity.support import Superuser

HR = "hr@alpha-a.example"
GOOD = "a long sentence of mine"
SignedIn = Callable[[str], FlaskClient]


@pytest.mark.parametrize(
    "bad",
    ["short", "password1234", "azertyuiop12", "motdepasse123", "111111111111", "qwertyuiop123456", "x" * 257,
     "hr@alpha-a.example"],
)  # fmt: skip
def test_a_password_that_is_soon_guessed_is_refused_in_words(app: Flask, world: World, signed_in: SignedIn, bad: str) -> None:
    answer = signed_in(HR).post("/-/account/password", data={"password": bad})
    assert answer.status_code == 422 and 'class="errsum"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "good", [GOOD, "dix moutons dans le pré vert", "🏔️ corde et piolet 2026", "x" * 8 + " y z " + "k" * 200 + "é ù"]
)
def test_any_characters_make_a_password(app: Flask, world: World, good: str) -> None:
    with app.app_context():
        account = account_of(HR)
        with inside(Scope.platform()):
            passwords.set_password(account, good)
        with inside(Scope.platform()):
            assert passwords.check_password(HR.upper(), good) == account
            with pytest.raises(Refused):
                passwords.check_password(HR, good + " ")


def test_a_new_password_signs_the_other_devices_out_and_gives_this_one_a_new_token(
    app: Flask, world: World, signed_in: SignedIn
) -> None:
    here, there = signed_in(HR), signed_in(HR)
    before = here.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert here.post("/-/account/password", data={"password": GOOD}).status_code == 303
    after = here.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert before and after and before.value != after.value
    assert here.get("/alpha/w/alpha-a/people").status_code == 200
    assert there.get("/alpha/w/alpha-a/people").status_code == 303
    thief = app.test_client()
    thief.set_cookie(app.config["SIGN_IN_COOKIE"], before.value)
    assert thief.get("/alpha/w/alpha-a/people").status_code == 303, "the token before the change is dead"


def test_hashing_follows_the_current_advice_and_old_hashes_are_made_anew(app: Flask, world: World, superuser: Superuser) -> None:
    """OWASP: argon2id, t=2, m=19 MiB, p=1 or more."""
    with app.app_context():
        account = account_of(HR)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    superuser.execute("UPDATE account SET password_hash = %s WHERE id = %s", (weak, account))
    with app.app_context(), inside(Scope.platform()):
        passwords.check_password(HR, GOOD)
    row = superuser.execute("SELECT password_hash FROM account WHERE id = %s", (account,)).fetchone()
    made = extract_parameters(str(row[0])) if row else None
    assert made and made.type.name == "ID" and made.time_cost >= 2 and made.memory_cost >= 19 * 1024


def test_a_flood_of_passwords_never_hashes_more_than_four_at_once(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [passwords._slots.acquire(blocking=False) for _ in range(5)]
    try:
        assert taken == [True] * 4 + [False]
        monkeypatch.setattr(passwords, "PATIENCE", 0.01)
        with app.app_context(), inside(Scope.platform()), pytest.raises(passwords.TooMany):
            passwords.check_password(HR, GOOD)
    finally:
        for _ in range(4):
            passwords._slots.release()


def test_an_account_without_a_password_has_none_to_guess(app: Flask, world: World) -> None:
    with app.app_context(), inside(Scope.platform()):
        for guess in ("", "None", "null"):
            with pytest.raises(Refused):
                passwords.check_password(HR, guess)


def test_a_password_is_removed_and_the_mail_stays(app: Flask, world: World, signed_in: SignedIn, client: FlaskClient) -> None:
    browser = signed_in(HR)
    browser.post("/-/account/password", data={"password": GOOD})
    assert browser.post("/-/account/password/remove").status_code == 303
    assert client.post("/-/sign-in/password", data={"email": HR, "password": GOOD}).status_code == 422

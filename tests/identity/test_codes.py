"""A code typed where it was asked for; a link that says whose it is; both once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands import links
from saas.kit.errors import Refused
from tenants.scope import Scope, inside
from tests.cast import World
from tests.identity.support import Superuser, digits_of, link_of, mail

HR = "hr@alpha-a.example"


def ask(client: FlaskClient, address: str = HR) -> None:
    assert client.post("/-/sign-in", data={"email": address}).location == "/-/sign-in/code"


def wrong(digits: str) -> str:
    return f"{(int(digits.replace(' ', '')) + 1) % 1_000_000:06}"


def test_the_code_of_the_mail_signs_in_where_it_was_asked_for(app: Flask, world: World, client: FlaskClient) -> None:
    ask(client)
    text = mail(app, HR)
    assert client.post("/-/sign-in/code", data={"code": digits_of(text)}).location == "/alpha/w/alpha-a/"
    assert client.get("/alpha/w/alpha-a/people").status_code == 200
    assert app.test_client().get(link_of(text)).status_code == 410, "the link of a used code opens nothing"


def test_a_code_is_worth_nothing_in_another_browser(app: Flask, world: World, client: FlaskClient) -> None:
    ask(client)
    other = app.test_client()
    ask(other, "nobody@nowhere.example")
    assert other.post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))}).status_code == 422
    assert app.test_client().post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))}).status_code == 422


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(app: Flask, world: World, client: FlaskClient) -> None:
    ask(client)
    right = digits_of(mail(app, HR))
    for _ in range(5):
        answer = client.post("/-/sign-in/code", data={"code": wrong(right)})
        assert answer.status_code == 422 and wrong(right) in answer.get_data(as_text=True), "what was typed is still there"
    assert client.post("/-/sign-in/code", data={"code": right}).status_code == 422


def test_many_guesses_at_once_are_five(app: Flask, world: World, client: FlaskClient, superuser: Superuser) -> None:
    ask(client)
    row = superuser.execute("SELECT id FROM sign_in_code").fetchone()
    assert row
    right = digits_of(mail(app, HR))

    def guess(_: int) -> str:
        with app.app_context():
            try:
                with inside(Scope.platform()):
                    links.use_code(UUID(str(row[0])), wrong(right))
            except Refused as no:
                return str(no.message)
        return ""

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(guess, range(40)))
    judged = [text for text in said if "six" in text]
    assert len(judged) == 5 and superuser.execute("SELECT attempts FROM sign_in_code").fetchone() == (5,)


def test_fifty_uses_of_one_code_give_one_sign_in(app: Flask, world: World, client: FlaskClient, superuser: Superuser) -> None:
    ask(client)
    row = superuser.execute("SELECT id FROM sign_in_code").fetchone()
    superuser.execute("UPDATE sign_in_code SET attempts = -100")
    right = digits_of(mail(app, HR))
    assert row

    def use(_: int) -> bool:
        with app.app_context():
            try:
                with inside(Scope.platform()):
                    links.use_code(UUID(str(row[0])), right)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(50))) == 1


def test_whoever_opens_the_mail_elsewhere_reads_whose_it_is_and_the_code_to_type(
    app: Flask, world: World, client: FlaskClient
) -> None:
    """Somebody may send a victim a link of their own, hoping that they work in the sender's account: it says so."""
    ask(client)
    text = mail(app, HR)
    elsewhere = app.test_client().get(link_of(text)).get_data(as_text=True)
    here = client.get(link_of(text)).get_data(as_text=True)
    assert HR in elsewhere and digits_of(text) in elsewhere
    assert HR in here and digits_of(text) not in here


@pytest.mark.parametrize("typed", ["", "abc", "1" * 41, "12345", "１２３４５６", "%00", "' OR 1=1"])
def test_nonsense_is_answered_in_words(app: Flask, world: World, client: FlaskClient, typed: str) -> None:
    ask(client)
    assert client.post("/-/sign-in/code", data={"code": typed}).status_code == 422


def test_a_code_for_proving_again_opens_no_sign_in(
    app: Flask, world: World, client: FlaskClient, signed_in: object, superuser: Superuser
) -> None:
    ask(client)
    superuser.execute("UPDATE sign_in_code SET purpose = 'again'")
    text = mail(app, HR)
    assert link_of(text) == ""
    assert client.post("/-/sign-in/code", data={"code": digits_of(text)}).status_code == 422


def test_neither_code_nor_link_is_in_a_table_or_in_the_log_of_mails(
    app: Flask, world: World, client: FlaskClient, superuser: Superuser
) -> None:
    ask(client)
    text = mail(app, HR)
    secrets = (digits_of(text), digits_of(text).replace(" ", ""), link_of(text).rsplit("/", 1)[1])
    for table in ("sign_in_code", "outbox", "mail_log", "journal"):
        rows = str(superuser.execute(f"SELECT t::text FROM {table} t").fetchall())
        assert not [secret for secret in secrets if secret in rows], table

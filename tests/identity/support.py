"""What tests of the ways in share: mails read, an authenticator, a firm's own provider without a provider."""

from __future__ import annotations

import re
from uuid import UUID

import psycopg
import pyotp
from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands.signing import Browser, Opens, sign_in
from saas.identity.sso.models import SsoConnection
from saas.sandbox.mailbox import letters
from tenants.db import db, new_id
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import account_of

Superuser = psycopg.Connection[tuple[object, ...]]


def mail(app: Flask, address: str) -> str:
    """The texts of the mails to somebody, the last one first, after all waiting work."""
    with app.app_context():
        drain()
        found = letters(address)
    return "\n".join(letter.text for letter in found)


def link_of(text: str) -> str:
    found = re.search(r"http://localhost(/-/sign-in/link/\S+)", text)
    return found[1] if found else ""


def digits_of(text: str) -> str:
    found = re.search(r"\b(\d{3} \d{3})\b", text)
    return found[1] if found else ""


def secret_on(page: str) -> str:
    """The key that the page for setting up an authenticator shows."""
    found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert found, page[:2000]
    return found[1].replace(" ", "")


def set_up_factor(browser: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    """Turn an authenticator on through its pages; returns it and the recovery codes."""
    authenticator = pyotp.TOTP(secret_on(browser.get("/-/factor/new").get_data(as_text=True)))
    page = browser.post("/-/factor/new", data={"code": authenticator.now()}).get_data(as_text=True)
    return authenticator, re.findall(r"\b([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})\b", page)


def connection(app: Flask, scope: Scope, *, enforced: bool = False, state: str = "active") -> UUID:
    """A connection as it stands after it was switched on; nobody answers behind it."""
    with app.app_context(), inside(scope):
        row = SsoConnection(
            id=new_id(), label="Directory", issuer="https://idp.example", client_id="x", state=state, enforced=enforced
        )
        db.session.add(row)
        return row.id


def through(app: Flask, address: str, opens: Opens) -> FlaskClient:
    """A browser of whoever came in in this way."""
    browser = app.test_client()
    with app.app_context():
        account = account_of(address)
        with inside(Scope.platform()):
            token = sign_in(account, opens, Browser("tests")).token
    browser.set_cookie(app.config["SIGN_IN_COOKIE"], token)
    browser.set_cookie("language", "en")
    return browser

"""Signing in as people do: a manager on a phone by a code, in both languages; a colleague's authenticator; proofs and devices."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import Site
from tests.browser.people import DESK, PHONE, Person, browser

pytestmark = pytest.mark.browser
MANAGER, TRAINER = "manon.benali@alpes-industrie.example", "ines.caradec@equoranda.example"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_manager_signs_in_on_a_phone_and_sees_their_devices(demo: Site, language: str) -> None:
    demo.empty_mailbox()
    with sync_playwright() as playwright, browser(playwright) as started:
        person = Person(started, demo, language, PHONE)
        person.go("/-/sign-in")
        person.check("sign-in-phone")
        person.fill("Work e-mail address", MANAGER)
        person.click("Send me the mail")
        person.check("code-phone")
        person.fill("Six-digit code", person.digits(MANAGER, "Your sign-in link and code"))
        person.click("Sign in")
        assert person.page.url.endswith("/w/alpes-industrie/")
        person.go("/-/account")
        person.sees("Where you are signed in")
        person.check("account-phone")
        person.go("/-/account/password")
        person.check()
        person.go("/-/again?next=/-/account")
        person.check()
        person.go("/-/account")
        person.click("Sign out")
        person.sees("You are signed out")
        person.check()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_colleague_sets_up_an_authenticator_and_is_asked_for_it(demo: Site, language: str) -> None:
    demo.empty_mailbox()
    demo.sql("DELETE FROM second_factor RETURNING 1")
    demo.sql("DELETE FROM recovery_code RETURNING 1")
    with sync_playwright() as playwright, browser(playwright) as started:
        person = Person(started, demo, language, DESK)
        person.sign_in(TRAINER)
        person.go("/-/factor/new")
        person.check("authenticator")
        secret = re.sub(r"\s", "", person.page.locator("code.key").text_content() or "")
        person.fill("Six-digit code", pyotp.TOTP(secret).now())
        person.click("Turn it on")
        person.check()
        spare = person.page.locator(".codes code").all_text_contents()
        assert len(spare) == 10
        person.click("I have kept them")
        demo.empty_mailbox()
        again = Person(started, demo, language, PHONE)
        again.sign_in(TRAINER)
        again.sees("Your second factor")
        again.check("factor-phone")
        again.fill("Code of your authenticator", spare[0])
        again.click("Continue")
        assert "/equoranda/" in again.page.url
    demo.sql("DELETE FROM second_factor RETURNING 1")

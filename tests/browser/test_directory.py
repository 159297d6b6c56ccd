"""In a browser: a company's own directory opens its space on a phone; its HR tries it, and makes it the only way in."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import Site
from tests.browser.people import DESK, PHONE, Person, browser

pytestmark = pytest.mark.browser
SPACE = "/equoranda/w/vercors-sante"
HR, HR_NAME = "estelle.ravel@vercors-sante.example", "Estelle Ravel"


def come_in(person: Person, name: str) -> None:
    """From the demo's people to the directory's page, and in as somebody of the company."""
    person.go("/-/personae")
    person.click("Come in through a company's own directory")
    person.check()
    person.page.get_by_role("button", name=name).click()
    person.page.wait_for_load_state()


def test_a_newcomer_comes_in_by_the_directory_and_somebody_elses_does_not(demo: Site) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        newcomer = Person(started, demo, "fr", PHONE)
        come_in(newcomer, "Ariane Teyssier")
        assert newcomer.page.url == f"{demo.url}{SPACE}/"
        newcomer.check()
        newcomer.go("/-/signed-out")
        newcomer.click("Sign out at “%(label)s” too", label="mon compte Vercors Santé")
        newcomer.go("/-/sign-in")
        newcomer.sees("Continue with %(label)s", label="mon compte Vercors Santé")
        newcomer.check()
        outsider = Person(started, demo, "fr", PHONE)
        come_in(outsider, "Loïc Maréchal")
        outsider.sees("You could not be let in")
        outsider.faults.clear()  # the browser itself tells of the 403
        outsider.check()


def test_hr_tries_it_and_makes_it_the_only_way_in(demo: Site) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        hr = Person(started, demo, "fr", DESK)
        hr.become(HR)
        hr.go(f"{SPACE}/people")
        hr.click("How they sign in")
        hr.check()
        hr.click("Try again")
        hr.page.get_by_role("button", name=HR_NAME).click()
        hr.page.wait_for_load_state()
        hr.sees("It lets in %(name)s.", name=HR_NAME)
        hr.check()
        hr.click("Make it the only way in…")
        hr.page.locator("dialog[open] button[type=submit]").click()
        hr.page.wait_for_load_state()
        hr.page.get_by_role("button", name=HR_NAME).click()  # their mailed sign-in opens the space no more: on to the directory
        hr.page.wait_for_load_state()
        hr.go(f"{SPACE}/people")
        owner = Person(started, demo, "fr", DESK)
        owner.become("camille.lenoir@equoranda.example")
        owner.go(f"{SPACE}/sign-in")
        owner.click("Allow the mailed link again")
        owner.check()

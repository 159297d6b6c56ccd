"""A session planned by keyboard alone: every stop is seen, and no mouse is needed."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from saas.kit.clock import today
from tests.browser.conftest import Site
from tests.browser.people import Person, browser

pytestmark = pytest.mark.browser
# What a sighted person sees of the focus: an outline, or the ring of a field.
SEEN = """() => { const s = getComputedStyle(document.activeElement);
  return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none' }"""
HERE = "() => document.activeElement.id || document.activeElement.textContent.trim()"


class Keys:
    """Somebody without a mouse."""

    def __init__(self, person: Person) -> None:
        self.page = person.page

    def to(self, name: str) -> None:
        """Press Tab until the focus is on the field of this id, or the button of this name."""
        for _ in range(120):
            if self.page.evaluate(HERE) == name:
                return
            self.page.keyboard.press("Tab")
            self.page.wait_for_function(SEEN, timeout=2_000)  # drawn with the next frame
        raise AssertionError(f"Tab never reaches {name!r}")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)


def test_a_session_is_planned_by_keyboard_alone(demo: Site) -> None:
    day = today() + dt.timedelta(days=-today().weekday() + 7 * 17)  # a Monday, after everything the demo plans
    with sync_playwright() as playwright, browser(playwright) as started:
        camille = Person(started, demo, "en")
        camille.become("camille.lenoir@equoranda.example")
        camille.go("/equoranda/sessions/new")
        keys = Keys(camille)
        keys.press("Tab")
        assert camille.page.evaluate(HERE) == "Skip to the content"
        keys.press("Enter")
        keys.to("version")
        keys.press("P")  # the only programme of this letter: typing ahead depends on how fast one types
        for line in range(2):
            keys.to(f"lines-{line}-day")
            keys.type((day + dt.timedelta(days=line)).strftime("%m%d%Y"))  # as Chromium's own interface orders them here
        keys.to("venue")
        keys.type("Salle Belledonne")
        keys.to("trainers-0")
        keys.press("Space")
        keys.to("capacity")
        keys.press("Control+A")
        keys.type("8")
        keys.to("Open the session")
        keys.press("Enter")
        camille.page.wait_for_load_state()
        expect(camille.page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}$"), timeout=20_000)
        expect(camille.page.get_by_role("heading", level=1)).to_have_text("Preventing burn-out in one’s team")
        expect(camille.page.get_by_text("0 / 8")).to_be_visible()
        camille.check()

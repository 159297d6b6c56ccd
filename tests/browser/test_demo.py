"""The demo firm as a visitor meets it: it loads, and each audience's first pages are whole, at a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import Site
from tests.browser.people import DESK, PHONE, Person, browser

pytestmark = pytest.mark.browser
SPACE = "/equoranda/w/alpes-industrie"
# A manager of this client with a seat to come, who is in its community.
MANAGER = """SELECT m.email FROM member m JOIN workspace w ON (w.firm_id, w.id) = (m.firm_id, m.workspace_id)
  JOIN enrolment e ON (e.workspace_id, e.member_id) = (m.workspace_id, m.id) AND e.state = 'seated'
  JOIN zone_member z ON (z.workspace_id, z.account_id) = (m.workspace_id, m.account_id)
 WHERE w.slug = 'alpes-industrie' AND m.roles = '{participant}' ORDER BY m.name_folded LIMIT 1"""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_demo_shows_each_audience_its_pages(demo: Site, language: str) -> None:
    demo.empty_mailbox()
    manager = str(demo.sql(MANAGER)[0][0])
    visits = {
        "camille.lenoir@equoranda.example": (DESK, {"/equoranda/": "demo-firm-home", "/equoranda/clients": ""}),
        "helene.roux@alpes-industrie.example": (DESK, {f"{SPACE}/": "demo-hr-home", f"{SPACE}/people": ""}),
        manager: (PHONE, {f"{SPACE}/": "demo-manager-home-phone", f"{SPACE}/community": "demo-community-phone"}),
    }
    with sync_playwright() as playwright, browser(playwright) as started:
        for address, (device, pages) in visits.items():
            person = Person(started, demo, language, device)
            if device is DESK:
                person.become(address)
            else:
                person.sign_in(address)
            for path, shot in pages.items():
                person.go(path)
                person.check(shot)

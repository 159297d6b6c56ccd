"""Seats as HR and a manager meet them: a pasted list taken back, a phone before a session, every page of seats looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import Site
from tests.browser.people import DESK, PHONE, Person, browser

pytestmark = pytest.mark.browser
SPACE = "/equoranda/w/alpes-industrie"
STAFF, HR = "camille.lenoir@equoranda.example", "helene.roux@alpes-industrie.example"
MANAGER, TRAINER = "manon.benali@alpes-industrie.example", "ines.caradec@equoranda.example"
# Of this client's people, who has no seat anywhere.
FREE = """SELECT m.email, m.employee_number, m.first_name || ' ' || m.last_name FROM member m
  JOIN workspace w ON (w.firm_id, w.id) = (m.firm_id, m.workspace_id)
 WHERE w.slug = 'alpes-industrie' AND m.roles = '{participant}' AND m.left_at IS NULL
   AND NOT EXISTS (SELECT FROM enrolment e WHERE (e.workspace_id, e.member_id) = (m.workspace_id, m.id))
   AND NOT EXISTS (SELECT FROM member o WHERE o.name_folded = m.name_folded AND (o.workspace_id, o.id) <> (m.workspace_id, m.id))
 ORDER BY m.email LIMIT 3"""
SEATS = """SELECT count(*) FROM enrolment e JOIN member m ON (m.workspace_id, m.id) = (e.workspace_id, e.member_id)
 WHERE m.email = ANY(%s) AND e.state = 'seated'"""
PAGES = {
    STAFF: (
        "/equoranda/programmes", "/equoranda/programmes/new", "/equoranda/programmes/import", "/equoranda/sessions",
        "/equoranda/sessions/calendar", "/equoranda/sessions/new", "/equoranda/venues", "/equoranda/calendar", "/equoranda/letters",
        "/equoranda/letters/convocation", "/equoranda/letters/watch", "/equoranda/letters/convocations",
    ),
    HR: (
        f"{SPACE}/programmes", f"{SPACE}/sessions", f"{SPACE}/sessions/calendar", f"{SPACE}/enrolments", f"{SPACE}/wishes",
        f"{SPACE}/budget", f"{SPACE}/credits", f"{SPACE}/messages",
    ),
    MANAGER: (f"{SPACE}/programmes", f"{SPACE}/sessions", f"{SPACE}/sessions/calendar", f"{SPACE}/wishes/mine"),
    TRAINER: ("/equoranda/agenda", "/equoranda/sessions"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "device"), [("fr", PHONE), ("en", DESK)])
def test_every_list_of_programmes_sessions_and_seats(demo: Site, language: str, device: dict[str, int]) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        for address, pages in PAGES.items():
            person = Person(started, demo, language, device)
            person.become(address)
            for page in pages:
                person.go(page)
                person.check()
            person.context.close()


@pytest.mark.parametrize("width", [1030, 1200, 1440])
def test_the_navigation_of_hr_fits_its_bar(demo: Site, width: int) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        for address in (HR, STAFF):  # staff have the settings besides
            person = Person(started, demo, "fr", {"width": width, "height": 800})
            person.become(address)
            person.go(f"{SPACE}/enrolments")
            nav, end = (person.page.locator(f".wsbar {part}").bounding_box() for part in (".topnav", ".bar-end"))
            last = person.page.locator(".topnav > a").last.bounding_box()
            assert nav and end and last
            assert last["x"] + last["width"] <= end["x"], f"the last entry of {address} runs into what stands at the end"
            assert end["x"] + end["width"] <= width
            person.check("enrolments" if width == 1440 and address == HR else "")


def test_hr_enrols_a_pasted_list_and_takes_it_back(demo: Site) -> None:
    people = demo.sql(FREE)
    addresses = [str(row[0]) for row in people]
    demo.empty_mailbox()
    with sync_playwright() as playwright, browser(playwright) as started:
        hr = Person(started, demo, "fr")
        hr.become(HR)
        hr.click("Sessions")
        hr.page.locator(".agenda li", has_text=hr.say("Places available")).first.get_by_role("link").click()
        hr.check()
        hr.click("Enrol people")
        hr.labelled("Or paste names or addresses").fill(f"{people[0][0]}\n{people[1][1]}\n{people[2][2]}\nPersonne Inconnue")
        hr.click("Check the list")
        hr.sees("Lines that mean nobody here")
        expect(hr.page.get_by_text(hr.say("Is enrolled"), exact=True)).to_have_count(3)
        hr.check("enrol-list")
        assert demo.sql(SEATS, addresses) == [(0,)], "nothing is written by looking"
        hr.page.locator("main form button[type=submit]").click()
        hr.page.wait_for_load_state()
        hr.sees("They are told in a moment; until then you can undo it.")
        assert demo.sql(SEATS, addresses) == [(3,)]
        hr.check("enrolled")
        hr.page.locator(".note").get_by_role("button", name=hr.say("Undo")).click()
        hr.page.wait_for_load_state()
        expect(hr.page.get_by_text(hr.say("They are told in a moment; until then you can undo it."))).to_have_count(0)
        hr.check()
    assert demo.sql(SEATS, addresses) == [(0,)]
    told = b"".join(path.read_bytes() for path in demo.mailbox.glob("*.eml"))
    assert not [address for address in addresses if address.encode() in told], "nobody hears of what was taken back"


def test_a_manager_on_a_phone_before_a_session(demo: Site) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        manon = Person(started, demo, "fr", PHONE)
        manon.become(MANAGER)
        manon.page.locator(f"main a[href*='{SPACE}/seats/']").first.click()
        seat = manon.page.url
        manon.check("my-seat-phone")
        manon.page.locator("a[href$='/absences']").first.click()
        manon.page.get_by_role("checkbox").first.check()
        manon.page.get_by_label(manon.say("Late")).check()
        manon.fill("Why", "Train de 8 h 12, arrivée vers 9 h 30.")
        manon.check("absence-phone")
        manon.page.locator("main form button[type=submit]").first.click()
        manon.page.wait_for_load_state()
        manon.go(seat)
        expect(manon.page.get_by_text(manon.say("Late")).first).to_be_visible()
        manon.page.locator("a[href$='/needs']").first.click()
        manon.page.get_by_role("checkbox").first.check()
        manon.check("needs-phone")
        manon.page.locator("main form button[type=submit]").first.click()
        manon.page.wait_for_load_state()
        manon.check()
        manon.go(f"{SPACE}/programmes")
        manon.click("Ask for a programme")
        manon.labelled("Programme").select_option(label="Piloter par les priorités")
        manon.fill("What would it help you with?", "Tout est urgent dans mon atelier.")
        manon.click("Ask for it")
        expect(manon.page.get_by_text("Tout est urgent dans mon atelier.")).to_be_visible()
        manon.check("wishes-phone")
        manon.go(f"{SPACE}/sessions")
        manon.click("In my own calendar")
        manon.page.locator("main form button[type=submit]").first.click()
        manon.page.wait_for_load_state()
        manon.check()
        dates = manon.context.request.get(manon.page.locator("#url").input_value())
        assert dates.ok
        assert "BEGIN:VEVENT" in dates.text()
        hr = Person(started, demo, "fr")
        hr.become(HR)
        hr.click("Enrolments")
        hr.click("Wishes")
        expect(hr.page.get_by_text("Tout est urgent dans mon atelier.")).to_be_visible()
        hr.check("wishes")

"""The nine steps of the main job, as advisor, HR, managers, pilot, trainer and accountant, in both languages."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from saas.kit.clock import today
from tests.browser.conftest import ROOT, Site
from tests.browser.people import DESK, PHONE, Person, browser, keep_picture

pytestmark = pytest.mark.browser
FILE = ROOT / "tests" / "data" / "alpes-industrie-sirh.csv"


class Story:
    """One client company's story; each method is a step."""

    def __init__(self, started: Browser, site: Site, language: str) -> None:
        self.started, self.site, self.language = started, site, language
        self.company = "Alpes Industrie" if language == "fr" else "Northfield Works"
        self.slug = "alpes-industrie" if language == "fr" else "northfield-works"
        self.siret = "73282932000074" if language == "fr" else "99912122100017"
        self.hr_address = f"hr@{self.slug}.example"
        self.space = f"/equoranda/w/{self.slug}"
        self.people: list[Person] = []

    def person(self, device: dict[str, int] = DESK) -> Person:
        self.people.append(Person(self.started, self.site, self.language, device))
        return self.people[-1]

    def keep_pictures(self) -> None:
        """What everybody sees at the moment of a failure."""
        for number, person in enumerate(self.people):
            keep_picture(person.page, f"failed-{self.language}-{number}")

    def a_client_is_born(self) -> None:
        marc = self.marc = self.person()
        marc.become("marc@equoranda.example")
        marc.check()
        marc.click("New client")
        marc.fill("Company", self.company)
        marc.labelled("Language of the space").select_option(self.language)
        marc.labelled("Brand colour").fill("#0057b8")
        marc.fill("SIRET", self.siret)
        marc.check("new-client")
        marc.click("Open the space")
        marc.fill("First name", "Hélène")
        marc.fill("Last name", "Roux")
        marc.fill("Work e-mail address", self.hr_address)
        marc.click("Send the invitation")
        marc.sees("Invited")
        marc.check()

    def a_session_opens(self) -> None:
        marc = self.marc
        marc.go("/equoranda/programmes")
        marc.check()
        marc.page.get_by_role(
            "link", name=marc.say("Manager engagé") if self.language == "fr" else "The committed manager"
        ).click()
        marc.check()
        marc.click("Offer to clients")
        marc.check()
        marc.page.get_by_label(self.company).check()
        marc.fill("Price excl. VAT (€)", "1 150,00")
        marc.click("Offer it")
        marc.click("New session")
        day = today() + dt.timedelta(days=20 if self.language == "fr" else 27)  # one trainer for both stories
        for line in range(2):
            marc.page.locator(f"#lines-{line}-day").fill((day + dt.timedelta(days=line)).isoformat())
        marc.fill("Venue", "Salle Belledonne")
        marc.fill("Address", "12 rue Lesdiguières, Grenoble")
        marc.page.get_by_label("Inès Caradec").check()
        marc.check()
        marc.click("Open the session")
        marc.labelled("Client").select_option(label=self.company)
        marc.fill("Price excl. VAT (€)", "1150")
        marc.click("Open to this client")
        marc.check("session")
        self.session_page = marc.page.url

    def hr_imports_and_enrols(self) -> None:
        hr = self.hr = self.person()
        hr.follow(hr.letter(self.hr_address, "%(who)s invites you to %(place)s"))
        hr.check()
        hr.click("Join")
        hr.check("hr-home")
        hr.click("Import managers")
        hr.check()
        hr.page.locator("input[type=file]").set_input_files(FILE)
        hr.click("Check the file")
        hr.check("import")
        for line in ("14", "34"):
            row = hr.page.locator("tr", has=hr.page.locator("td.ln", has_text=re.compile(f"^{line}$")))
            row.locator(".msg button").first.click()
            hr.page.wait_for_load_state()
        hr.page.locator(".actionbar button[type=submit]").click()
        expect(hr.page.get_by_role("link", name=hr.say("See the managers"))).to_be_visible(timeout=20_000)
        hr.check("import-done")
        hr.go(f"{self.space}/sessions")
        hr.page.locator(".agenda a").first.click()
        hr.click("Enrol people")
        boxes = hr.page.locator("input[name=member]")
        for number in range(12):
            boxes.nth(number).check()
        hr.check("enrol")
        hr.page.locator(".actionbar button[type=submit]").click()
        hr.page.wait_for_load_state()
        hr.sees("Check before enrolling")
        hr.check("enrol-review")
        hr.page.locator("main form button[type=submit]").click()
        hr.page.wait_for_load_state()
        expect(hr.page.locator("table .pill.ok")).to_have_count(10)
        expect(hr.page.locator("table .pill.warn")).to_have_count(2)
        hr.check("roster")
        self.link_page = hr.page.url
        found = self.site.sql(
            "SELECT m.email, e.state FROM enrolment e JOIN member m ON (m.workspace_id, m.id) = (e.workspace_id, e.member_id)"
            " JOIN workspace w ON w.id = e.workspace_id WHERE w.slug = %s ORDER BY e.queued_at, m.name_folded",
            self.slug,
        )
        self.seated = [str(address) for address, state in found if state == "seated"]
        self.waiting = [str(address) for address, state in found if state == "waiting"]

    def managers_join_and_one_gives_up(self) -> None:
        karim = self.karim = self.person(PHONE)
        karim.follow(karim.letter(self.seated[0], "You have a seat: {title}"))
        karim.click("Join")
        karim.check("seat-phone")
        karim.go(f"{self.space}/")
        karim.check("manager-home-phone")
        other = self.person(PHONE)
        other.follow(other.letter(self.seated[1], "You have a seat: {title}"))
        other.click("Join")
        other.click("Give the seat back")
        other.check()
        other.click("Give it back")
        zoe = self.zoe = self.person(PHONE)
        zoe.follow(zoe.letter(self.waiting[0], "A seat is free for you: {title}"))
        zoe.click("Join")
        zoe.check("offer-phone")
        zoe.click("Take the seat")
        zoe.sees("Has a seat")

    def the_community_begins(self) -> None:
        marc, karim, zoe = self.marc, self.karim, self.zoe
        marc.go(f"{self.space}/community")
        marc.check()
        marc.click("Open the community")
        marc.fill("What it is for", "Oser demander, oser répondre.")
        marc.click("Open the community")
        marc.click("Rituals")
        marc.click("New ritual")
        marc.fill("Name", "Codév flash")
        marc.fill("First date", (today() + dt.timedelta(days=7)).isoformat())
        marc.fill("At", "08:30")
        marc.click("Set the dates")
        marc.check()
        for manager in (karim, zoe):
            manager.go(f"{self.space}/community")
            manager.click("Join the community")
        karim.click("I come")
        karim.check("community-phone")
        karim.page.locator(".compose").click()
        karim.fill("In one line", "Recadrer un ancien collègue ?")
        karim.fill("The situation", "Il arrive en retard depuis que je suis **son chef**.")
        karim.click("Publish")
        thread = karim.page.url
        zoe.go(thread)
        zoe.fill("Your answer", "J’ai redit à froid ce que le rôle change.")
        zoe.click("Answer")
        zoe.check()
        karim.go(thread)
        karim.click("This helped me")
        karim.sees("This helped")
        karim.check("thread-phone")
        self.nobody_else_reads(thread)

    def nobody_else_reads(self, thread: str) -> None:
        """Neither HR nor the firm's owner: for them the thread is not there."""
        camille = self.camille = self.person()
        camille.become("camille@equoranda.example")
        for stranger in (self.hr, camille):
            answer = stranger.page.goto(thread)
            assert answer is not None and answer.status == 404
            stranger.faults.clear()
            stranger.go(f"{self.space}/community")
            expect(stranger.page.get_by_text("Recadrer")).to_have_count(0)

    def the_day_comes(self) -> None:
        """The last half-day began ten minutes ago."""
        self.time_passes("max(x.starts_at) - now() + interval '10 minutes'")

    def time_passes(self, how_much: str) -> None:
        """Move this client's session into the past by an SQL interval over its slots x."""
        self.site.sql(
            f"WITH s AS (SELECT t.firm_id, t.id, {how_much} AS past FROM training_session t"
            " JOIN session_link l ON l.session_id = t.id JOIN workspace w ON w.id = l.workspace_id"
            " JOIN slot x ON x.session_id = t.id WHERE w.slug = %s GROUP BY 1, 2),"
            " a AS (UPDATE slot SET starts_at = starts_at - past, ends_at = ends_at - past FROM s WHERE session_id = s.id)"
            " UPDATE training_session t SET starts_at = starts_at - past, ends_at = ends_at - past FROM s WHERE t.id = s.id",
            self.slug,
        )

    def they_sign(self) -> None:
        karim = self.karim
        karim.go(f"{self.space}/")
        karim.page.locator(".todo a.t").first.click()
        seat = karim.page.url
        for number in range(4):
            karim.go(seat)
            karim.click("Sign")
            if number == 0:
                karim.check("sign-phone")
            karim.click("I attended: sign")
        karim.check()
        ines = self.person()
        ines.become("ines@equoranda.example")
        ines.check("trainer-home")
        ines.go(self.session_page)
        for _ in range(4):
            ines.click("Counter-sign")
        ines.check("attendance")
        karim.letter(self.seated[0], "Your certificate: %(title)s")
        karim.go(seat)
        with karim.page.expect_download() as download:
            karim.page.get_by_role("link", name=karim.say("Download the certificate")).click()
        assert download.value.path().read_bytes().startswith(b"%PDF")

    def the_invoice_is_paid(self) -> None:
        self.time_passes("interval '1 day'")
        nadia = self.person()
        nadia.become("nadia@equoranda.example")
        nadia.go("/equoranda/invoices")
        nadia.check("billing")
        # Both languages' sessions may wait here: this client's own.
        nadia.page.locator(".todo li", has_text=self.company).get_by_role("button").click()
        nadia.page.wait_for_load_state()
        nadia.click("Issue")
        nadia.page.locator("dialog[open] button.danger").click()
        nadia.page.wait_for_load_state()
        nadia.check("invoice")
        hr = self.hr
        hr.follow(hr.letter(self.hr_address, "Invoice %(number)s"))
        hr.check("client-invoice")
        with hr.page.expect_download() as download:
            hr.page.get_by_role("link", name="PDF").click()
        assert download.value.path().read_bytes().startswith(b"%PDF")
        hr.click("Pay by card")
        hr.click("Go to the payment page")
        hr.click("Pay with the test card")
        for _ in range(50):
            if hr.page.get_by_text(hr.say("Paid"), exact=True).count():
                break
            hr.page.wait_for_timeout(200)
            hr.page.reload()
        hr.sees("Paid")
        hr.check()

    def staff_sees_it_all(self) -> None:
        self.camille.go("/equoranda/")
        expect(self.camille.page.get_by_role("link", name=self.company).first).to_be_visible()
        self.camille.check("firm-home")


def tell(site: Site, language: str) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        site.empty_mailbox()  # both stories import the same people
        story = Story(started, site, language)
        try:
            story.a_client_is_born()
            story.a_session_opens()
            story.hr_imports_and_enrols()
            story.managers_join_and_one_gives_up()
            story.the_community_begins()
            story.the_day_comes()
            story.they_sign()
            story.the_invoice_is_paid()
            story.staff_sees_it_all()
        except BaseException:
            story.keep_pictures()
            raise


def test_the_main_job_in_english(site: Site) -> None:
    tell(site, "en")


def test_the_main_job_in_french(site: Site) -> None:
    tell(site, "fr")

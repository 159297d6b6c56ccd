"""People at their browsers: each with a device, a language, and the words of the pages in that language."""

from __future__ import annotations

import email
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from babel.support import NullTranslations, Translations
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.browser.conftest import FLAGS, Site, chromium

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text()
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Headless, the room that a scrollbar keeps shows as an empty strip.
STRIPLESS = "html { scrollbar-gutter: auto !important }"
SHOTS = Path(os.environ.get("CORDEE_SHOTS") or ROOT / "tests" / "shots").absolute()


def keep_picture(page: Page, name: str) -> None:
    """Keep what a page shows, once its fonts are there and nothing moves."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=False, animations="disabled", style=STRIPLESS)


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
    yield started
    started.close()


class Person:
    """Somebody at a desk or on a phone. Every page they see is checked: no error, no overflow, accessible."""

    def __init__(self, started: Browser, site: Site, language: str, device: dict[str, int] = DESK) -> None:
        self.site, self.language = site, language
        found = Translations.load(str(ROOT / "translations"), [language]) if language == "fr" else NullTranslations()
        self.words: NullTranslations = found
        self.context: BrowserContext = started.new_context(
            viewport=device, locale="fr-FR" if language == "fr" else "en-GB", reduced_motion="reduce", bypass_csp=True,
            has_touch=device is PHONE,
        )  # fmt: skip
        self.context.add_cookies([{"name": "language", "value": language, "url": site.url}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def say(self, english: str, **values: object) -> str:
        """The words of a page in this person's language."""
        return (self.words.gettext(english) % values) if values else self.words.gettext(english)

    def go(self, path: str) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.site.url + path)
        assert answer is not None and answer.status < 400, f"{path}: {answer and answer.status}"

    def become(self, address: str) -> None:
        """One of the demo's people."""
        self.go("/-/personae")
        self.page.locator(f'form:has(input[value="{address}"]) button').click()
        self.page.wait_for_load_state()

    def sign_in(self, address: str) -> None:
        """As everybody does: by the code of a mail, typed where it was asked for."""
        self.go("/-/sign-in")
        self.fill("Work e-mail address", address)
        self.click("Send me the mail")
        self.fill("Six-digit code", self.digits(address, "Your sign-in link and code"))
        self.click("Sign in")

    def digits(self, address: str, subject: str) -> str:
        """The code of the last mail of this subject."""
        found = re.search(r"\b(\d{3} \d{3})\b", self.letter(address, subject))
        assert found, "the mail holds no code"
        return found[1]

    def click(self, english: str, **values: object) -> None:
        """A button or a link of this name."""
        name = self.say(english, **values)
        button = self.page.get_by_role("button", name=name, exact=True)
        target: Locator = button if button.count() else self.page.get_by_role("link", name=name, exact=True)
        target.first.click()
        self.page.wait_for_load_state()

    def labelled(self, english: str) -> Locator:
        """The field of this label, optional or not."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(self.say(english))}( \(|$)")).first

    def fill(self, english: str, text: str) -> None:
        self.labelled(english).fill(text)

    def sees(self, english: str, **values: object) -> None:
        expect(self.page.get_by_text(self.say(english, **values)).first).to_be_visible()

    def check(self, shot: str = "") -> None:
        """This page is accessible, fits its screen and has thrown no error; keeps a picture under `shot`."""
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{self.page.url} is {wide} px wide on {width}"
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        assert not found["violations"], [(v["id"], [node["html"][:160] for node in v["nodes"][:3]]) for v in found["violations"]]
        assert not self.faults, f"{self.page.url}: {self.faults}"
        if shot:
            keep_picture(self.page, f"{shot}-{self.language}")

    def letter(self, to: str, english: str) -> str:
        """The text of the newest mail to an address whose subject starts like a text, in the reader's language; waits."""
        french = Translations.load(str(ROOT / "translations"), ["fr"]).gettext(english)
        starts = tuple(re.split(r"%\(|\{", text)[0] for text in (english, french))
        for _ in range(900):  # a loaded machine: the worker is one process among browsers
            files = sorted(self.site.mailbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in files:
                message = email.message_from_bytes(path.read_bytes(), policy=default)
                assert isinstance(message, EmailMessage)
                if to in str(message["to"]) and str(message["subject"]).startswith(starts):
                    body = message.get_body(("plain",))
                    return body.get_content() if body else ""
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no mail to {to} about {english}")

    def follow(self, letter: str) -> None:
        """Open the first address of a mail. Its token is there once the job that sent it has committed, a moment later."""
        found = re.search(r"https?://\S+", letter)
        assert found, letter
        for _ in range(20):
            answer = self.page.goto(found[0])
            if answer is not None and answer.status < 400:
                return
            self.faults.clear()
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{found[0]} leads nowhere")

"""HR and the file from its tool, at a desk and on a phone: look, correct, apply, take back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import ROOT, Site
from tests.browser.people import DESK, PHONE, Person, browser

pytestmark = pytest.mark.browser
DATA = ROOT / "tests" / "data"
SPACE = "/equoranda/w/opale-sante"
HR = "maud.leclercq@opale-sante.example"


def drop(hr: Person, file: Path) -> None:
    """Bring a file, as far as the preview."""
    hr.go(f"{SPACE}/people/import")
    hr.page.locator("input[type=file]").set_input_files(file)
    hr.click("Check the file")


def summary(hr: Person) -> dict[str, int]:
    """What the aside says will happen, by its words."""
    terms, figures = (hr.page.locator(f"aside .sum {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return {term: int(re.sub(r"\D", "", figure)) for term, figure in zip(terms, figures, strict=True)}


@pytest.mark.parametrize(("language", "device"), [("fr", DESK), ("en", PHONE)])
def test_hr_repairs_a_file_applies_it_and_takes_it_back(demo: Site, language: str, device: dict[str, int]) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        hr = Person(started, demo, language, device)
        hr.become(HR)
        drop(hr, DATA / "alpes-industrie-sirh.csv")
        hr.check("import-repairs" if device is DESK else "import-repairs-phone")
        assert summary(hr)[hr.say("Members created")] == 54
        take = hr.page.locator("form[action$='/suggestions'] button")
        for _ in range(take.count()):
            take.first.click()
            hr.page.wait_for_load_state()
        hr.check()
        assert summary(hr)[hr.say("To correct, left as they are")] == 1  # the address given twice has no likely other
        hr.page.locator("details.mapping summary").first.click()
        hr.check("import-columns" if device is DESK else "")
        hr.page.locator(".actionbar button[type=submit]").click()
        undo = hr.page.get_by_role("button", name=hr.say("Undo the import"))
        expect(undo).to_be_visible(timeout=20_000)
        hr.check()
        undo.click()
        hr.page.wait_for_load_state()
        hr.sees("Undone")
        hr.check()


def test_who_is_missing_from_a_whole_list_is_proposed_and_nobody_leaves_by_itself(demo: Site, tmp_path: Path) -> None:
    people = demo.sql(
        "SELECT m.employee_number, m.last_name, m.first_name, m.email FROM member m JOIN workspace w ON w.id = m.workspace_id"
        " WHERE w.slug = 'opale-sante' AND m.roles = '{participant}' AND m.left_at IS NULL ORDER BY 1"
    )
    file = tmp_path / "liste.csv"
    file.write_text("Matricule;Nom;Prénom;Courriel\n" + "\n".join(";".join(map(str, row)) for row in people[1:]))
    with sync_playwright() as playwright, browser(playwright) as started:
        hr = Person(started, demo, "fr")
        hr.become(HR)
        drop(hr, file)
        hr.sees("Not in this file")
        hr.check()
        assert summary(hr)[hr.say("Already there")] == len(people) - 1
        hr.page.locator("#absent").locator("xpath=ancestor::section").locator("summary").click()
        expect(hr.page.locator("input[name=leaver]")).to_have_count(1)
        expect(hr.page.locator("input[name=leaver]")).not_to_be_checked()
        hr.page.locator("input[name=leaver]").check()
        hr.click("Keep this choice")
        hr.check("import-leavers")
        assert summary(hr)[hr.say("Marked as gone")] == 1
    assert demo.sql("SELECT left_at FROM member WHERE email = %s", people[0][3]) == [(None,)]


def test_a_file_that_is_no_list_is_said_to_be_none(demo: Site, tmp_path: Path) -> None:
    with sync_playwright() as playwright, browser(playwright) as started:
        hr = Person(started, demo, "fr", PHONE)
        hr.become(HR)
        for name, content in (("x.csv", b"%PDF-1.7"), ("y.csv", b""), ("z.xlsx", b"PK\x03\x04broken")):
            (tmp_path / name).write_bytes(content)
            hr.go(f"{SPACE}/people/import")
            hr.page.locator("input[type=file]").set_input_files(tmp_path / name)
            hr.page.locator("form.form-page button[type=submit]").last.click()
            hr.page.wait_for_load_state()
            expect(hr.page.locator(".errsum")).to_be_visible()
            hr.faults.clear()  # the browser notes the answer 422
            hr.check()

"""The documentation keeps its word: settings are explained, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest

from saas.config import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.M | re.S)


def anchors(page: Path) -> set[str]:
    """The headings of a page, as addresses name them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def targets(page: Path) -> list[str]:
    """Where a page's links and pictures lead inside this repository."""
    found = re.findall(r"\]\(([^)\s]+)", FENCE.sub("", page.read_text())) + re.findall(
        r'<img[^>]*\bsrc="([^"]+)"', page.read_text()
    )
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def test_every_setting_is_explained_in_the_readme() -> None:
    text = README.read_text()
    missing = [f.name.upper() for f in fields(Settings) if f"`{f.name.upper()}`" not in text]
    assert not missing, f"{missing}: add a row to the table of settings in README.md"


def test_the_readme_names_no_setting_that_is_gone() -> None:
    table = README.read_text().split("## Settings", 1)[1].split("\n## ", 1)[0]
    named = set(re.findall(r"^\| `([A-Z_]+)`", table, re.M))
    gone = named - {f.name.upper() for f in fields(Settings)}
    assert not gone, f"{gone}: saas/config.py does not read it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in targets(page):
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or not there.is_relative_to(ROOT) or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert not lost, f"{page.name}: {lost}"


def test_every_picture_is_shown_and_small() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in targets(page)}
    pictures = list((ROOT / "docs" / "shots").glob("*.png"))
    assert not [p.name for p in pictures if p not in shown], (
        "delete the pictures that no page shows, and from SHOWN in the Makefile"
    )
    assert sum(p.stat().st_size for p in pictures) < 1_500_000, "keep the pictures of docs/shots below 1.5 MB together"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_named_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {name for code in CODE.findall(page.read_text()) for name in re.findall(r"(?:^|[\s`])make ([a-z]+)", code)}
    assert named <= known, f"{page.name}: {named - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tests_named_as_proof_exist(page: Path) -> None:
    """A page that says `tests/x/test_y.py::test_z` shows a test that is there."""
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text()):
        assert (ROOT / path).is_file(), path
        assert not name or f"def {name}(" in (ROOT / path).read_text(), f"{path}::{name}"

"""The rules of the house, as tests that say what to do."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from saas.billing.money import totals, vat_cents
from saas.kit import branding, formats
from saas.kit.i18n import reader_in
from saas.kit.markdown import markdown
from saas.kit.money import cents
from saas.kit.names import email_norm, fold, is_email, luhn, slugify

ROOT = Path(__file__).parents[2]
PO = ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
POT = ROOT / "translations" / "messages.pot"
LINES, FUNCTION_LINES = 400, 60
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
TEMPLATES = [p for p in (ROOT / "saas").rglob("*.html") if "mail" not in p.parts and "mails" not in p.parts]


def test_every_view_says_whom_it_is_open_to(app: Flask) -> None:
    silent = [endpoint for endpoint, view in app.view_functions.items() if not hasattr(view, "access")]
    assert not silent, f"{silent}: mark the view with @open_to(…) from saas.kit.access, right under its route"


def test_a_view_that_does_not_say_answers_500(app: Flask) -> None:
    class Silent:
        """A view without @open_to, put in place of a real one for this test."""

    endpoint = "identity.health"
    view = app.view_functions[endpoint]
    app.view_functions[endpoint] = lambda: "open to all"
    try:
        assert app.test_client().get("/-/health").status_code == 500
    finally:
        app.view_functions[endpoint] = view


def test_every_id_in_an_address_is_a_uuid(app: Flask) -> None:
    loose = [r.rule for r in app.url_map.iter_rules() for a in r.arguments if a.endswith("_id") and f"<uuid:{a}>" not in r.rule]
    assert [rule for rule in loose if "checkout_id" not in rule] == []


def messages(path: Path) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    return {m.id: m.string for m in read_po(io.BytesIO(path.read_bytes())) if m.id}


def test_the_french_is_complete() -> None:
    catalogue = read_po(io.BytesIO(PO.read_bytes()))
    missing = [m.id for m in catalogue if m.id and (m.fuzzy or not (all(m.string) if isinstance(m.string, tuple) else m.string))]
    assert not missing, f"translate these in {PO.relative_to(ROOT)}: {missing[:5]}"
    assert messages(POT).keys() == messages(PO).keys(), "run make translations, then translate what is new"


def test_the_catalogue_holds_every_text_of_the_code(tmp_path: Path) -> None:
    from babel.messages.frontend import CommandLineInterface

    fresh = tmp_path / "fresh.pot"
    CommandLineInterface().run(
        ["pybabel", "-q", "extract", "-F", str(ROOT / "babel.cfg"), "-k", "_l", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2",
         "-o", str(fresh), str(ROOT)]
    )  # fmt: skip
    new = messages(fresh).keys() - messages(POT).keys()
    assert not new, f"run make translations: {sorted(map(str, new))[:5]}"


def test_placeholders_are_the_same_in_both_languages() -> None:
    for source, french in messages(PO).items():
        sources, targets = (x if isinstance(x, tuple) else (x,) for x in (source, french))
        wanted = {p for text in sources for p in PLACEHOLDER.findall(text)}
        for target in targets:
            assert set(PLACEHOLDER.findall(target)) <= wanted, target
        assert {p for text in targets for p in PLACEHOLDER.findall(text)} == wanted, source


def test_the_french_has_its_typography() -> None:
    for french in messages(PO).values():
        for text in french if isinstance(french, tuple) else (french,):
            assert "'" not in text, text
            assert not re.search(r"(?<=\w)[ ][:;?!»]|«[ ]", text), text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_pages_hold_nothing_that_the_content_policy_blocks(path: Path) -> None:
    text = path.read_text()
    for bad in (r"\sstyle=", r"\son[a-z]+=", r"<style", r"<script(?![^>]*\bsrc=)", r"hx-on", r"\|safe"):
        assert not re.search(bad, text), f"{path.relative_to(ROOT)} holds {bad}: use a class, or app.js"


@pytest.mark.parametrize("path", sorted((ROOT / "saas").rglob("*.html")), ids=lambda p: p.name)
def test_a_template_is_laid_out_to_be_read(path: Path) -> None:
    lines = path.read_text().splitlines()
    long = [number for number, line in enumerate(lines, 1) if len(line) > 160]
    assert not long, f"{path.relative_to(ROOT)}, lines {long}: one element a line, long calls and attributes one a line"


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "community" in p.parts], ids=lambda p: p.name)
def test_what_people_write_is_ignored_by_htmx(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert "|markdown" not in line or "hx-ignore" in line, f"{path.name}: put people's text inside hx-ignore"


def test_vendored_files_are_the_recorded_ones() -> None:
    static = ROOT / "saas" / "kit" / "static"
    for name, entry in json.loads((static / "vendor" / "vendor.lock.json").read_text()).items():
        content = (static / name.removeprefix("static/")).read_bytes()
        digest = "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
        assert digest == entry["integrity"], f"{name} is not {entry['package']}"


def python_files() -> list[Path]:
    return [p for folder in ("saas", "tenants", "local", "bench", "tests") for p in sorted((ROOT / folder).rglob("*.py"))]


def too_long(source: str) -> list[str]:
    """What nobody reads in one go."""
    found = [f"{source.count(chr(10))} lines in one file: split it by noun"] if source.count("\n") > LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{node.name} has {length} lines: give its steps names")
    return found


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    assert not too_long(path.read_text())


def test_a_long_file_and_a_long_function_are_noticed() -> None:
    assert too_long("x = 1\n" * (LINES + 1)) and not too_long("x = 1\n" * LINES)
    assert too_long("def f():\n" + "    pass\n" * FUNCTION_LINES) and not too_long(
        "def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)
    )


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("import os\nx = os.environ['HOME']", "saas/kit/new.py"), ("from os import environ\nx = environ", "saas/kit/new.py"),
        ("import os\nx = os.getenv('HOME')", "saas/billing/new.py"), ("import datetime as dt\nx = dt.datetime.now(dt.UTC)", "saas/home/new.py"),
        ("from unittest import mock\nx = mock", "tests/house/new.py"), ("from unittest.mock import patch\nx = patch", "tests/house/new.py"),
        ("print('x')", "saas/kit/new.py"), ("print('x')", "tests/new.py"),
    ],
)  # fmt: skip
def test_the_linter_refuses_what_has_its_one_place(code: str, where: str) -> None:
    """The environment is read in saas/config.py, the clock in saas/kit/clock.py, nothing is printed, nothing is mocked."""
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--stdin-filename", where, "-"]
    done = subprocess.run(command, input=code + "\n", cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and re.search(r"TID251|T201", done.stdout), done.stdout + done.stderr


def test_nothing_names_a_machine() -> None:
    paths = [p for folder in ("saas", "tenants", "migrations", "local", "docs", "bench") for p in (ROOT / folder).rglob("*.py")]
    for path in [*paths, ROOT / "Makefile", ROOT / "requirements.lock"]:
        assert not re.search(r"/root/|/work/|/farm/|pythonhosted|--index-url", path.read_text()), path


def test_any_brand_colour_stays_readable() -> None:
    draw = random.Random(7)
    for colour in [f"#{draw.randrange(1 << 24):06x}" for _ in range(300)] + ["#ffd400", "#ffffff", "#000000", "#ff0000"]:
        tokens = branding.theme(colour)
        (light, dark), (soft_light, soft_dark) = tokens["accent"], tokens["accent_soft"]
        assert min(branding.contrast(light, ground) for ground in (*branding.LIGHT, soft_light)) >= 4.5, colour
        assert min(branding.contrast(dark, ground) for ground in (*branding.DARK, soft_dark)) >= 4.5, colour
        assert branding.contrast(*(tokens[name][0] for name in ("brand", "on_brand"))) >= 4.5, colour


@pytest.mark.parametrize("bad", ["", "red", "#fff", "#12345g", "javascript:alert(1)"])
def test_a_colour_is_six_hex_digits(bad: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        branding.guard(bad)


def test_vat_is_rounded_once_per_rate() -> None:
    assert vat_cents(3, "standard") == 1 and vat_cents(2, "standard") == 0 and vat_cents(-3, "standard") == -1
    assert totals([("standard", 3), ("standard", 3), ("exempt", 100)]) == (106, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1150", 115000),
        ("1 150,00", 115000),
        ("1,150.00", 115000),
        ("1 150,5 €", 115050),
        ("0", 0),
        ("1\u202f150,00\u00a0€", 115000),
    ],
)
def test_money_is_read_as_people_write_it(text: str, expected: int) -> None:
    assert cents(text) == expected


@pytest.mark.parametrize("text", ["", "abc", "-5", "1,234,5", "1e9", "10,00,1", "NaN", "99999999999"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        cents(text)


def test_money_and_dates_follow_the_reader(app: Flask) -> None:
    import datetime as dt

    moment = dt.datetime(2026, 7, 1, 7, 5, tzinfo=dt.UTC)
    with app.test_request_context("/"):
        with reader_in("fr"):
            assert formats.money(115000) == "1\u00a0150,00\u00a0€"
            assert formats.moment(moment) == "Mercredi 1er juillet 2026, 9:05"
            assert formats.moment_within(moment) == "mercredi 1er juillet 2026, 9:05"
            assert formats.day(moment) == "1er juil. 2026"
            assert formats.day(dt.date(2026, 7, 11)) == "11 juil. 2026"
        with reader_in("en"):
            assert formats.money(115000) == "€1,150.00"
            assert formats.clock(dt.datetime(2026, 12, 1, 8, 0, tzinfo=dt.UTC)) == "9:00"


@pytest.mark.parametrize(
    "attack",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "![x](data:text/html;base64,x)",
     '<div hx-get="/x" hx-trigger="load">', "[x](vbscript:x)", "<a href=\"x\" onclick=\"y\">z</a>"],
)  # fmt: skip
def test_what_people_write_stays_text(attack: str) -> None:
    html = str(markdown(attack)).lower()
    assert "<script" not in html and "<img" not in html and "<div" not in html
    assert not re.search(r"<[^>]+(onerror|onclick|hx-get|javascript:|vbscript:)", html)


def test_names_and_addresses_are_compared_folded() -> None:
    assert fold("  ŒUVRE  d’Élise ") == "oeuvre d’elise"
    assert slugify("Maison Aubrac & Fils") == "maison-aubrac-fils"
    assert email_norm(" A@B.Example ") == "a@b.example"
    assert is_email("a.b@c-d.example") and not is_email("a@b") and not is_email("a b@c.example") and not is_email("a@")
    assert luhn("73282932000074") and not luhn("73282932000075")

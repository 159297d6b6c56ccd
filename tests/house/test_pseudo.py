"""No text reaches a reader past the translators: every page, every refusal and every mail in a third language."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import psycopg
import pytest
from babel.support import Translations
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from openpyxl import load_workbook
from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import joinedload
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms.i18n import messages_path

from saas.billing.models import Invoice
from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.letters import words
from saas.enrolments.letters.kinds import KINDS
from saas.enrolments.models import Enrolment
from saas.kit import checks, formats, mail
from saas.kit.clock import now
from tenants.db import db
from tenants.models import Workspace
from tenants.queue import JOBS
from tenants.scope import inside
from tests.cast import Company, World
from tests.conftest import ROOT
from tests.house import pseudo
from tests.house.test_pages import everybody_who_may
from tests.isolation.test_stranger import PLATFORM, path_of, values_for

Connection = psycopg.Connection[tuple[object, ...]]

# Words that are nobody's to translate, and why.
NAMES = {
    "cordée": "the product", "français": "a language in its own name", "english": "a language in its own name",
    "iban": "the same in both languages", "siret": "the same in both languages", "av": "the series of credit notes",
}  # fmt: skip
# Columns of codes and secrets: a page that shows what is in them shows it in words.
CODES = {"kind", "scope", "action", "template", "state", "method", "roles", "language", "token_hash", "key", "verdict"}
ERRORS = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)
ADDRESS = re.compile(r"https?://\S+|\b[0-9a-f]{32}\b")  # the number of a request too: it is quoted as it is
# Whoever left the community sees nothing of it any more, nor an HR who is no longer awaited; an archived client takes no change.
LAST = ("spaces.leave", "clients.revoke", "clients.archive", "clients.restore", "identity.sign_out")
FOLDERS = sorted({p.parent for p in (ROOT / "saas").glob("*/templates/*/mails/*/subject.txt")})


def settled(app: Flask) -> set[str]:
    """Words of settings that the privacy page names: cookies, the host, the address that mails come from."""
    names = [app.config[key] for key in ("SIGN_IN_COOKIE", "SESSION_COOKIE_NAME", "BROWSER_COOKIE", "PUBLIC_URL", "MAIL_FROM")]
    return {word for name in [*names, "language"] for word in pseudo.WORD.findall(name)}


def spoken(app: Flask, endpoint: str) -> set[str]:
    """What a page that shows a mail in both languages says beside this one: English dates, and the names of placeholders.

    The privacy page names what is in the settings, one's own data how a browser calls itself.
    """
    if endpoint.startswith("notice."):
        return settled(app)
    if endpoint.startswith("my_data."):
        return {"tests"}
    if not endpoint.startswith("letters."):
        return set()
    names = {word for name in words.PLACEHOLDERS for word in pseudo.WORD.findall(name)}
    english = pseudo.words_of_dates("en")
    return names | english | {word.capitalize() for word in english}


def codes() -> set[str]:
    """Every code that a CHECK allows."""
    checks = [c for table in db.metadata.tables.values() for c in table.constraints if isinstance(c, CheckConstraint)]
    return {code for check in checks for code in re.findall(r"'([\w-]+)'", str(check.sqltext))}


def data(superuser: Connection) -> set[str]:
    """The texts in the database: names, titles, addresses, what people wrote."""
    found: set[str] = set()
    for name in db.metadata.tables:
        for (row,) in superuser.execute(f'SELECT to_jsonb(t) FROM "{name}" t').fetchall():  # type: ignore[arg-type]
            assert isinstance(row, dict)
            found |= {text for column, value in row.items() if column not in CODES for text in pseudo.leaves(value)}
            if "first_name" in row:
                found.add(f"{row['first_name']} {row['last_name']}")
    # A text of several lines is shown as a list of them.
    return {printed for text in found - codes() for printed in (text, checks.fours(text), *text.splitlines())}


def forms() -> set[str]:
    """What WTForms itself says of a field, in the catalogue that comes with it."""
    return {str(text) for text in Translations.load(messages_path(), ["fr"], "wtforms")._catalog.values() if text}


Reader = Callable[[str], list[str]]


@pytest.fixture
def unmarked(world: World, superuser: Connection) -> Reader:
    """Reads a text and gives the words of it that nobody marked for translation."""
    words = set(NAMES) | pseudo.words_of_dates("fr")
    known = sorted((t for t in data(superuser) | forms() if pseudo.WORD.search(t)), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in known))
    return lambda text: pseudo.unmarked(ADDRESS.sub(" ", text), pattern, words)


def said(answer: TestResponse) -> str:
    """What an answer tells a person, whatever its format. Raises KeyError for a format that this test cannot read."""
    body = answer.get_data()
    kind = answer.mimetype
    answer.close()
    return {
        "text/html": lambda: pseudo.Page(body.decode()).said(),
        "text/calendar": lambda: "\n".join(
            re.findall(r"^(?:SUMMARY|DESCRIPTION|LOCATION)[:;](.*)", unfolded(body), re.MULTILINE)
        ),
        "application/json": lambda: "",
        "text/css": lambda: "",
        "application/xml": lambda: "",
        "application/pdf": lambda: "",
        "application/zip": lambda: archived(body),
        "image/png": lambda: "",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": lambda: cells(body),
    }[kind]()


def unfolded(calendar: bytes) -> str:
    """An iCalendar file with its long lines whole again (RFC 5545, 3.1) and its commas as they are read."""
    return calendar.decode().replace("\r\n ", "").replace("\\", "")


def archived(content: bytes) -> str:
    """The pages of an archive, as they are read."""
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        return "\n".join(pseudo.Page(box.read(name).decode()).said() for name in box.namelist() if name.endswith((".html", "⟧")))


def cells(workbook: bytes) -> str:
    sheet = load_workbook(io.BytesIO(workbook)).active
    assert sheet is not None
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def addresses(app: Flask, world: World, method: str) -> Iterator[tuple[Rule, str]]:
    """Every address, with the ids of alpha-a, platform addresses with example values."""
    firm, company = world.firms[0], world.firms[0].companies[0]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint in LAST):
        if method not in (rule.methods or ()):
            continue
        values = values_for(rule, firm, company)
        platform = rule.rule.startswith(PLATFORM)
        yield rule, app.url_map.bind("").build(rule.endpoint, values) if platform else path_of(app, rule, "alpha", values)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_text_of_every_page_was_given_to_the_translators(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], unmarked: Reader, method: str
) -> None:
    """GET: the pages. POST with nothing filled in: what forms and commands say no with."""
    faults = []
    with pseudo.in_force(app):
        for rule, path in addresses(app, world, method):
            browser = signed_in(everybody_who_may(rule.endpoint))
            browser.set_cookie("language", "fr")
            answer = browser.open(path, method=method, follow_redirects=True)
            if bare := set(unmarked(said(answer))) - spoken(app, rule.endpoint):
                faults.append((method, rule.rule, sorted(bare)))
    assert not faults, f"mark these texts with _(…), in words instead of codes: {faults}"


@pytest.mark.parametrize("code", ERRORS)
def test_every_text_of_every_refusal_was_given_to_the_translators(app: Flask, unmarked: Reader, code: int) -> None:
    from flask import g, render_template

    from saas.identity.viewer import Viewer

    with pseudo.in_force(app), app.test_request_context("/"), force_locale("fr"):
        g.viewer = Viewer()
        words = unmarked(pseudo.Page(render_template("kit/error.html", code=code, message=None)).said())
    assert not words, words


def everything(company: Company) -> dict[str, object]:
    """What any mail may speak of."""
    row = db.session.scalars(
        select(Enrolment).where(Enrolment.id == company.ids["enrolment_id"]).options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
        )
    ).one()  # fmt: skip
    row.offer_until = now()
    db.session.expunge(row)
    return {
        "digits": "123456", "at": now(), "device": "", "network": "",
        "row": row, "member": row.member, "session": row.link.session, "title": row.link.session.version.title["fr"],
        "url": "https://example.org/", "place": company.canary, "firm_name": "Alpha", "invited_by": "Alpha Owner",
        "workspace": db.session.scalars(select(Workspace).where(Workspace.id == company.id)).one(),
        "heading": str(KINDS["seated"].subject), "greeting": str(KINDS["seated"].opening), "button": str(KINDS["seated"].button),
        "invoice": db.session.scalars(select(Invoice).where(Invoice.id == company.ids["invoice_id"])).one(),
    }  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_text_of_every_mail_was_given_to_the_translators(app: Flask, world: World, unmarked: Reader, folder: Path) -> None:
    company = world.firms[0].companies[0]
    template = str(folder.relative_to(folder.parents[2]))
    with pseudo.in_force(app), app.app_context(), inside(company.scope):
        mail.send(("", company.address("second")), "fr", template, sender="Alpha", **everything(company))
        (letter,) = mail.mailbox().glob("*.eml")
    message = message_from_bytes(letter.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text and html
    for part in (str(message["Subject"]), text.get_content(), pseudo.Page(html.get_content()).said()):
        assert "⟦" in part and not unmarked(part), part


def test_every_job_and_every_act_has_words(app: Flask) -> None:
    """What the page of failed work and the journal show is not a code."""
    acts = {found for p in (ROOT / "saas").rglob("*.py") for found in re.findall(r'journal\.note\(\s*"([\w.]+)"', p.read_text())}
    with pseudo.in_force(app), app.test_request_context("/"):
        mute = [kind for kind in JOBS if not kind.startswith("tests.") and "⟦" not in formats.work(kind)]
        mute += [act for act in acts if "⟦" not in formats.act(type("Entry", (), {"action": act, "subject": "x"}))]
    assert acts and not mute, f"{mute}: say it in words in saas/kit/words.py"


def test_the_walk_sees_an_unmarked_text() -> None:
    """The reader can fail: beside the marked text, between the tags, in what is read aloud, and filled into a message."""
    pattern = re.compile(r"(?<!\w)Alpha(?!\w)")
    page = pseudo.Page(
        '<p title="Bare"><b class="av">AB</b>⟦Marked⟧ Alpha plain<script>code</script></p><input placeholder="⟦x⟧ no">'
    )
    assert pseudo.unmarked(page.said(), pattern, set()) == ["plain", "Bare", "no"]
    assert pseudo.unmarked(pseudo.wrap("Lacks %(what)s.") % {"what": "siret"}, pattern, set()) == ["siret"]


def test_every_reason_of_a_notice_has_words() -> None:
    from saas.community.words import REASONS

    said = {
        found
        for p in (ROOT / "saas" / "community").rglob("*.py")
        for found in re.findall(r'tell\([^\n]*?, "(\w+)", "\w+"', p.read_text())
    }
    assert said and said <= REASONS.keys(), f"{said - REASONS.keys()}: say it in words in saas/community/words.py"


def test_no_text_hides_inside_an_f_string() -> None:
    """Whoever collects the texts does not look inside: the French reader would meet English."""
    hidden = re.compile(r"""\bf["'][^\n]*\{\s*(?:_|_l|gettext|ngettext)\(""")
    faults = [str(p.relative_to(ROOT)) for p in (ROOT / "saas").rglob("*.py") if hidden.search(p.read_text())]
    assert not faults, f"{faults}: give the text a name first"

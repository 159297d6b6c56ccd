"""The words of a mail: ours, the firm's, or those for one client; checked when typed, filled in when sent.

Plain text. Names in braces are the only thing that is replaced, by one pass over the text: what is filled in is never
read as a placeholder again, and templates escape the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from saas.enrolments.letters.kinds import KINDS, PERSON
from saas.enrolments.letters.models import ClientLetterText, LetterText
from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES, reader_in
from tenants.db import db

OURS, FIRM, CLIENT = "ours", "firm", "client"
PARTS = ("subject", "opening", "closing")
MOST = {"subject": 160, "opening": 3000, "closing": 3000}
PLACEHOLDERS = {
    "first_name": _l("the reader’s first name"),
    "title": _l("the title of the training"),
    "dates": _l("the days of the session"),
    "place": _l("where it takes place"),
    "firm": _l("your firm’s name"),
    "client": _l("the client’s name"),
    "person": _l("whom it is about, when the reader is HR or a trainer"),
}
BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, opening and closing of a mail, and whose they are: OURS, FIRM or CLIENT."""

    subject: str
    opening: str
    closing: str
    level: str = OURS


def placeholders(code: str) -> tuple[str, ...]:
    """What the texts of a kind may name."""
    return tuple(name for name in PLACEHOLDERS if name != "person" or KINDS[code].audience != PERSON)


def ours(code: str, language: str) -> Words:
    """The product's own words."""
    kind = KINDS[code]
    with reader_in(language):
        return Words(str(kind.subject), str(kind.opening), str(kind.closing))


def check(code: str, part: str, text: str, field: str) -> str:
    """A text as it will be kept. Raises Refused when it names what does not exist, lacks what it must say or is too long."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    known = placeholders(code)
    unknown = [name for name in BRACES.findall(text) if name not in known]
    if unknown or re.search(r"[{}]", BRACES.sub("", text)):
        wrong = "{" + unknown[0] + "}" if unknown else "{ }"
        names = ", ".join("{" + name + "}" for name in known)
        raise Refused(_l("%(wrong)s stands for nothing here. You can use: %(names)s.", wrong=wrong, names=names), field)
    if not text and part != "closing":
        raise Refused(_l("Write something here, or go back to our own text."), field)
    if len(text) > MOST[part]:
        raise Refused(_l("This text is too long: %(most)s characters at most.", most=MOST[part]), field)
    if part == "subject" and "\n" in text:
        raise Refused(_l("The subject is one line."), field)
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders replaced, once."""
    return BRACES.sub(lambda found: values.get(found[1], ""), text)


def paragraphs(text: str) -> list[list[str]]:
    """A text as paragraphs of lines; an empty line parts two of them."""
    return [block.split("\n") for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]


def in_force(code: str, client_id: UUID | None) -> dict[str, Words]:
    """Firm or workspace scope: what is said in each language, to one client or to all: two statements at most."""
    said = {language: ours(code, language) for language in LANGUAGES}
    for row in _newest(LetterText, LetterText.kind == code):
        said[row.language] = _words(row, FIRM) or said[row.language]
    if client_id is not None:
        for row in _newest(ClientLetterText, ClientLetterText.workspace_id == client_id, ClientLetterText.kind == code):
            said[row.language] = _words(row, CLIENT) or said[row.language]
    return said


def _newest(model: Any, *where: Any) -> Sequence[Any]:
    """The text of each language that counts."""
    newest = select(model).ext(distinct_on(model.language)).where(*where)
    return db.session.scalars(newest.order_by(model.language, model.made_at.desc(), model.id.desc())).all()


def _words(row: LetterText | ClientLetterText, level: str) -> Words | None:
    return None if row.is_ours else Words(row.subject, row.opening, row.closing, level)


def of_firm(code: str, language: str) -> Words:
    """Firm or workspace scope: what the firm says to all of its clients."""
    return in_force(code, None)[language]


def of_client(code: str, language: str, workspace_id: UUID) -> Words:
    """Firm or workspace scope: what this client's people read."""
    return in_force(code, workspace_id)[language]

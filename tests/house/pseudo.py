"""A third language, for tests: every message stands in ⟦brackets⟧, and what is filled into it stands outside them.

What a page then shows outside brackets was never given to a translator, or is data, or a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser

from babel import Locale
from babel.support import Translations
from flask import Flask

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
WRAPPED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")
# data-l is the heading that a table's cell shows on a phone.
READ_ALOUD = ("title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-l")
UNREAD = {"script", "style"}
FIRST_OF_MONTH = re.compile(r"\b1er (?=[^\W\d_]{3})")  # how French dates say the first day; a date's, not ours to translate
INITIALS = {"av", "mono", "logo", "logo-letters"}  # classes of the pictures made of a name's first letters
SECRETS = {"key", "codes"}  # classes of what is made of random letters


def wrap(message: str) -> str:
    return "⟦" + PLACEHOLDER.sub(lambda found: f"⟧{found[0]}⟦", message) + "⟧"


class Pseudo(Translations):
    """The catalogue of that language, for whatever message it is asked."""

    def gettext(self, message: str) -> str:
        return wrap(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return wrap(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:  # type: ignore[override]
        return wrap(message)

    ugettext, ungettext, upgettext = gettext, ngettext, pgettext  # type: ignore[assignment]


@contextmanager
def in_force(app: Flask) -> Iterator[None]:
    """The pseudo catalogue in place of both languages' own. Dates and numbers stay as the reader writes them."""
    with app.app_context():
        cache = app.extensions["babel"].instance.domain_instance.cache
    kept = dict(cache)
    cache.update({(code, "messages"): Pseudo() for code in ("fr", "en")})
    try:
        yield
    finally:
        cache.clear()
        cache.update(kept)


class Page(HTMLParser):
    """What a page says: its texts, and the attributes that are shown or read aloud."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.spoken: list[str] = []
        self._unread = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.spoken += [given[name] for name in READ_ALOUD if name in given]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            self.spoken.append(given.get("value", ""))
        if tag in UNREAD or (INITIALS | SECRETS) & set(given.get("class", "").split()):
            self._unread = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)

    def said(self) -> str:
        return "\n".join([*self.texts, *self.spoken])


def leaves(found: object) -> Iterator[str]:
    """The texts inside a value, however deep."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for value in found.values():
            yield from leaves(value)
    elif isinstance(found, list):
        for value in found:
            yield from leaves(value)


def words_of_dates(code: str) -> set[str]:
    """The words of a language that dates, durations and money are written with: they come from CLDR, not from us."""
    data = Locale(code)._data
    known = [data[key] for key in ("months", "days", "date_fields")]
    known += [forms for unit, forms in data["unit_patterns"].items() if unit.startswith("duration-")]
    names = [text for found in known for text in leaves(found)]
    return {word.casefold() for name in names for word in WORD.findall(name.replace("{0}", " "))}


def unmarked(text: str, known: re.Pattern[str], words: set[str]) -> list[str]:
    """The words of a text that no catalogue, no data and no calendar explain."""
    while WRAPPED.search(text):
        text = WRAPPED.sub(" ", text)
    text = FIRST_OF_MONTH.sub("1 ", text)
    return [word for word in WORD.findall(known.sub(" ", text)) if word.casefold() not in words]

"""Two languages: the person's choice, else the workspace's, else the browser's. The English text is the message id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import escape

LANGUAGES = {"fr": "Français", "en": "English"}
CATALOGUES = Path(__file__).parents[2] / "translations"
# Flask-Babel's lazy texts call themselves safe HTML, and ours carry names that people typed.
LazyString.__html__ = lambda self: escape(str(self))


def choose_language() -> str:
    """The language of this request."""
    if not has_request_context():
        return "fr"
    viewer = getattr(g, "viewer", None)
    chosen: str | None = request.cookies.get("language") or getattr(viewer, "language", None)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "fr"


def language() -> str:
    """The language in force here: "fr" or "en"."""
    return str(get_locale() or "fr")[:2]


@contextmanager
def reader_in(code: str) -> Iterator[None]:
    """Write for a reader of this language: mails, documents, calendar entries."""
    with force_locale(code if code in LANGUAGES else "fr"):
        yield


def pick(texts: Mapping[str, Any], code: str | None = None) -> Any:
    """A bilingual value in the reader's language, or in the other one when it is missing."""
    code = code or language()
    other = "en" if code == "fr" else "fr"
    return texts.get(code) or texts.get(other) or ""


def init_i18n(app: Flask) -> None:
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "fr")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Paris")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app, locale_selector=choose_language)
    app.jinja_env.globals.update(pick=pick, languages=LANGUAGES)

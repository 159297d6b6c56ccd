"""Dates as HR tools write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from saas.kit.clock import today
from saas.kit.names import fold

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            ("janvier", "janv", "january", "jan"), ("fevrier", "fevr", "february", "feb"), ("mars", "march", "mar"),
            ("avril", "avr", "april", "apr"), ("mai", "may"), ("juin", "june", "jun"), ("juillet", "juil", "july", "jul"),
            ("aout", "august", "aug"), ("septembre", "sept", "september", "sep"), ("octobre", "oct", "october"),
            ("novembre", "nov", "november"), ("decembre", "dec", "december"),
        ),
        1,
    )
    for word in words
}  # fmt: skip
PARTS = re.compile(r"^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})$")
ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
WORDS = re.compile(r"^(\d{1,2})(?:er|st|nd|rd|th)?[ -]([a-z]+)\.?,?[ -](\d{4}|\d{2})$")
WORDS_FIRST = re.compile(r"^([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$")
TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
EXCEL = re.compile(r"^[1-5]\d{4}$")
EPOCH = dt.date(1899, 12, 30)


def month_first(texts: Iterable[str]) -> bool:
    """Whether a column writes 12/31/2024: some date makes sense in no other way, and none makes sense only as 31/12."""
    american = french = 0
    for text in texts:
        found = PARTS.match(text.strip())
        if found:
            american += int(found[2]) > 12 >= int(found[1])
            french += int(found[1]) > 12 >= int(found[2])
    return american > 0 and french == 0


def parse(text: str, *, american: bool = False) -> str:
    """An ISO date from 31/12/2024, 31.12.24, 2024-12-31, 31 déc. 2024 or Excel's day number; empty when it is no date."""
    text = TIME.sub("", text.strip())
    if EXCEL.match(text):
        return (EPOCH + dt.timedelta(days=int(text))).isoformat()
    if found := ISO.match(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := PARTS.match(text):
        day, month = (int(found[2]), int(found[1])) if american else (int(found[1]), int(found[2]))
        return _date(_year(found[3]), month, day)
    plain = fold(text)
    if found := WORDS.match(plain):
        return _date(_year(found[3]), MONTHS.get(found[2], 0), int(found[1]))
    if found := WORDS_FIRST.match(plain):
        return _date(int(found[3]), MONTHS.get(found[1], 0), int(found[2]))
    return ""


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    # Two digits: no later than next year, else of the century before.
    return year + (2000 if year <= today().year % 100 + 1 else 1900)


def _date(year: int, month: int, day: int) -> str:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""

"""From lines of cells to a table of people: which line is the header, and what is not kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.kit.names import is_email
from saas.workspaces.imports.vocabulary import is_sensitive, known_headers

MAX_ROWS = 20_000
HEADER_SEARCHED = 30
Lines = list[tuple[int, list[str]]]


@dataclass(slots=True)
class Table:
    """What a file holds: headers, then numbered rows. `details` tells where it was found, for the person to check."""

    headers: list[str]
    rows: Lines
    details: dict[str, Any] = field(default_factory=dict)


def clean(text: str) -> str:
    """A cell without the blanks and invisible signs that tools leave around it."""
    for sign in ("\u00a0", "\u202f", "\t", "\r", "\n"):
        text = text.replace(sign, " ")
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "").split())


def clean_lines(text: str) -> str:
    """The same for a cell that holds a text of several lines, which stay."""
    return "\n".join(line for line in (clean(part) for part in text.splitlines()) if line)


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of table is known by: how many of a line's cells are headers we know, and which columns are not kept.

    `tidy` is how a cell is cleaned; long texts keep their lines.
    """

    known: Callable[[list[str]], int]
    forgotten: Callable[[str], bool]
    tidy: Callable[[str], str] = clean


PEOPLE = Words(known_headers, is_sensitive)


def find(lines: Lines, words: Words = PEOPLE) -> Table:
    """The table of some lines. Its header is the line that names most of the columns we know, among the first thirty.

    Raises Refused when there is nobody in it, or more people than one file may bring.
    """
    filled = [(line, cells) for line, cells in lines if any(cells)]
    if not filled:
        raise Refused(_l("This file is empty."), "file")
    if len(filled) > MAX_ROWS:
        raise Refused(_l("This file has more than 20,000 lines. Split it."), "file")
    at = _header(filled, words)
    if at is None:
        width = max(len(cells) for _, cells in filled)
        return _kept([""] * width, filled, {"header_line": None, "blank": len(lines) - len(filled)}, words)
    line, headers = filled[at]
    if not filled[at + 1 :]:
        raise Refused(_l("There is nobody under the headers of this file."), "file")
    blank = sum(1 for n, cells in lines if n > line and not any(cells))
    return _kept(headers, filled[at + 1 :], {"header_line": line, "blank": blank}, words)


def _header(filled: Lines, words: Words) -> int | None:
    """Where the header is. A line that holds an address is a person, however its other cells read."""
    scores = [
        0 if any(is_email(cell) for cell in cells) else words.known(cells) for _, cells in filled[:HEADER_SEARCHED]
    ]  # fmt: skip
    best = max(scores)
    return scores.index(best) if best else None


def _kept(headers: Sequence[str], rows: Lines, details: dict[str, Any], words: Words) -> Table:
    """Rows as wide as the header; what a sensitive column held is forgotten here, before anything is stored."""
    width = max((n for n, cell in enumerate(headers, 1) if cell), default=len(headers))
    dropped = {n for n, header in enumerate(headers[:width]) if words.forgotten(header)}
    kept = []
    for line, cells in rows:
        row = (cells + [""] * width)[:width]
        row = ["" if n in dropped else cell for n, cell in enumerate(row)]
        if any(row):
            kept.append((line, row))
    if not kept:
        raise Refused(_l("There is nobody under the headers of this file."), "file")
    return Table(list(headers[:width]), kept, details | {"forgotten": [headers[n] for n in sorted(dropped)]})


def same_line(cells: Sequence[str], headers: Sequence[str]) -> bool:
    """Whether a row is the header again, as exports in pages repeat it."""
    named = [(a.casefold(), b.casefold()) for a, b in zip(cells, headers, strict=False) if b]
    return bool(named) and sum(a == b for a, b in named) >= max(2, len(named) - 1)

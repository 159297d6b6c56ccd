"""From bytes to a table: what kind of file it is, by what it holds and not by its name; CSV of any dialect."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

from charset_normalizer import from_bytes
from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.workspaces.imports import tables, workbooks
from saas.workspaces.imports.tables import PEOPLE, Table, Words, clean

MAX_BYTES = 10 * 1024 * 1024
SEPARATORS = ";,\t|"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
# One-byte encodings that Western European tools write, the usual one first.
ENCODINGS = (("cp1252", "Windows-1252"), ("mac_roman", "Mac Roman"), ("cp850", "DOS 850"))
# Letters that French texts are full of, those of its neighbours, and what no text holds: signs of another encoding, and
# capitals with accents in the middle of a word.
FRENCH = re.compile("[éèêçàôîûùâïëœ’«»°ÉÈÀÇÔÎ]")
NEIGHBOURS = re.compile("[äöüßñøåæáíóúÄÖÜÑØÅÆÁÍÓÚÊËÂÙÛÜÏŒ]")
ODD = re.compile("[^\\x00-\\x7fà-ÿÀ-ßœŒ’«»°€–—…“”\u00a0]|(?<=[a-zà-ÿ])[À-ß]")


def read(filename: str, content: bytes, words: Words = PEOPLE) -> Table:
    """The table in a file, of people unless other words are given. Raises Refused with a clear sentence when there is none.

    `filename` only serves the sentences: what a file is shows in its first bytes.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise Refused(_l("This file is empty."), "file")
    if len(content) > MAX_BYTES:
        raise Refused(_l("This file is larger than 10 MB. Split it, or remove columns you do not need."), "file")
    if content.startswith(OLE):
        return workbooks.read_old(content, words)
    if content.startswith(b"PK"):
        return workbooks.read(content, words)
    if content.startswith(OTHERS):
        raise Refused(_l("This is neither a CSV file nor an Excel workbook."), "file")
    text, encoding = decode(content)
    if re.match(r"\s*(<\?xml|<!doctype html|<html|<table|<meta)", text, re.IGNORECASE):
        return workbooks.read_markup(text, words)
    if sum(c < " " and c not in "\t\r\n\f" for c in text[:4000]) > 8:
        raise Refused(_l("This is neither a CSV file nor an Excel workbook."), "file")
    return _read_csv(text, encoding, words)


def decode(content: bytes) -> tuple[str, str]:
    """A file's text and the name of its encoding, told by its bytes. Raises Refused."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(content, "utf-16"), "UTF-16"
    zeros = content[:2000:2].count(0), content[1:2000:2].count(0)
    if max(zeros) > 200 or (max(zeros) > 2 * min(zeros) and max(zeros) > len(content[:2000]) // 8):
        return _strictly(content, "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return _one_byte(content)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(_l("The characters of this file cannot be read. Save it as CSV UTF-8."), "file") from None


def _one_byte(content: bytes) -> tuple[str, str]:
    """The encoding in which the letters beyond ASCII make most sense in French or a neighbour language."""
    found = []
    for code, name in ENCODINGS:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        sense = 2 * len(FRENCH.findall(text)) + len(NEIGHBOURS.findall(text)) - 4 * len(ODD.findall(text))
        found.append((sense, text, name))
    if found:
        _, text, name = max(found, key=lambda entry: entry[0])
        return text, name
    best = from_bytes(content).best()
    if best is None:
        raise Refused(_l("The characters of this file cannot be read. Save it as CSV UTF-8."), "file")
    return str(best), best.encoding


def _separator(text: str) -> str:
    """The separator that cuts most lines into the same number of cells, more than one."""

    def evenness(separator: str) -> tuple[int, int]:
        rows = list(_lines(text[:40_000], separator))
        lines = [len(cells) for _, cells in rows if any(cells)]
        width, times = Counter(lines).most_common(1)[0] if lines else (1, 0)
        return (times if width > 1 else 0, width)

    return max(SEPARATORS, key=evenness)


def _lines(text: str, separator: str, tidy: Callable[[str], str] = clean) -> tables.Lines:
    """Numbered lines: the number is that of the line of the file on which a row starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found: tables.Lines = []
    start = 1
    try:
        for row in reader:
            found.append((start, [tidy(cell) for cell in row]))
            start = reader.line_num + 1
    except csv.Error:
        raise Refused(_l("This file stops making sense at line %(line)s.", line=reader.line_num), "file") from None
    return found


def _read_csv(text: str, encoding: str, words: Words) -> Table:
    said = re.match(r"sep=(.)\r?\n", text)
    separator = said[1] if said else _separator(text)
    lines = _lines(text, separator, words.tidy)
    table = tables.find(lines[1:] if said else lines, words)
    table.details |= {"encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)}
    return table

"""From bytes to a table: CSV of any dialect, XLSX of any sheet, or pasted addresses."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Any

import openpyxl
from charset_normalizer import from_bytes
from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.workspaces.imports.columns import known_headers

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 150 * 1024 * 1024
MAX_ROWS = 20_000
SEPARATORS = ";,\t|"
HEADER_SEARCHED = 20


@dataclass(slots=True)
class Table:
    """What a file holds: headers, then numbered rows. `details` tells where it was found, for the person to check."""

    headers: list[str]
    rows: list[tuple[int, list[str]]]
    details: dict[str, Any] = field(default_factory=dict)


def read(filename: str, content: bytes) -> Table:
    """The table of people in a file. Raises Refused with a clear sentence when there is none."""
    if not content.strip():
        raise Refused(_l("This file is empty."), "file")
    if len(content) > MAX_BYTES:
        raise Refused(_l("This file is larger than 10 MB. Split it, or remove columns you do not need."), "file")
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused(_l("This workbook is protected by a password or in the old .xls format. Save it as .xlsx."), "file")
    if content[:4] == b"PK\x03\x04":
        return _read_xlsx(content)
    if content[:5] in (b"%PDF-",) or b"\x00" in content[:2000] and not _is_utf16(content):
        raise Refused(_l("This is neither a CSV file nor an Excel workbook."), "file")
    return _read_csv(content)


def _is_utf16(content: bytes) -> bool:
    return content[:2] in (b"\xff\xfe", b"\xfe\xff")


def _decode(content: bytes) -> tuple[str, str]:
    if _is_utf16(content):
        return content.decode("utf-16"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        best = from_bytes(content).best()
        if best is None:
            raise Refused(_l("The characters of this file cannot be read. Save it as CSV UTF-8."), "file") from None
        return str(best), best.encoding


def _separator(text: str) -> str:
    """The separator that cuts most lines into the same number of cells, more than one."""

    def evenness(separator: str) -> tuple[int, int]:
        lines = [len(row) for row in csv.reader(io.StringIO(text[:20_000]), delimiter=separator) if any(row)]
        width, times = Counter(lines).most_common(1)[0] if lines else (1, 0)
        return (times if width > 1 else 0, width)

    return max(SEPARATORS, key=evenness)


def _read_csv(content: bytes) -> Table:
    text, encoding = _decode(content)
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    raw: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for row in reader:
            raw.append((start, [_clean(cell) for cell in row]))
            start = reader.line_num + 1
    except csv.Error:
        raise Refused(_l("This file stops making sense at line %(line)s.", line=reader.line_num), "file") from None
    table = _table(raw)
    table.details |= {"encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)}
    return table


def _read_xlsx(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise Refused(_l("This workbook unpacks to far more than its size tells. It was not opened."), "file")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Refused:
        raise
    except Exception:
        raise Refused(_l("This workbook cannot be opened. Save it again as .xlsx."), "file") from None
    tables = []
    for sheet in book:
        sheet.reset_dimensions()
        raw = [(n, [_cell(c) for c in row]) for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if n <= MAX_ROWS + 50]
        if any(any(cells) for _, cells in raw):
            table = _table(raw)
            table.details["sheet"] = sheet.title
            tables.append(table)
    if not tables:
        raise Refused(_l("This workbook holds no table."), "file")
    return max(tables, key=lambda t: (known_headers(t.headers), len(t.rows)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u200b", "").split())


def _table(raw: list[tuple[int, list[str]]]) -> Table:
    """Find the header among the first lines: the one that names most columns we know."""
    filled = [(line, cells) for line, cells in raw if any(cells)]
    if not filled:
        raise Refused(_l("This file is empty."), "file")
    if len(filled) > MAX_ROWS:
        raise Refused(_l("This file has more than 20,000 lines. Split it."), "file")
    scores = [known_headers(cells) for _, cells in filled[:HEADER_SEARCHED]]
    at = scores.index(max(scores))
    if scores[at] == 0:
        headers: list[str] = ["" for _ in filled[0][1]]
        return Table(headers, filled, {"header_line": None, "blank": len(raw) - len(filled)})
    line, headers = filled[at]
    width = max(i for i, cell in enumerate(headers) if cell) + 1
    rows = [(n, (cells + [""] * width)[:width]) for n, cells in filled[at + 1 :]]
    rows = [(n, cells) for n, cells in rows if any(cells)]
    if not rows:
        raise Refused(_l("There is nobody under the headers of this file."), "file")
    blank = sum(1 for n, cells in raw if n > line and not any(cells))
    return Table(headers[:width], rows, {"header_line": line, "blank": blank})


_PASTED = re.compile(r"(?P<name>[^()<>]*)\((?P<address>[^()]+@[^()]+)\)")


def read_pasted(text: str) -> Table:
    """People from pasted addresses, in any of the shapes that mail programs copy."""
    rows: list[tuple[int, list[str]]] = []
    for line, text_line in enumerate(text.splitlines(), 1):
        for part in re.split(r";|,(?=\s*$)|,(?=[^\"<]*(?:@|<))(?![^\"]*\"\s*<)", text_line):
            entry = _clean(part).strip(",; ")
            if entry:
                rows.append((line, list(_person(entry))))
    if not rows:
        raise Refused(_l("Paste at least one address."), "pasted")
    return Table(["Nom complet", "E-mail"], rows, {"pasted": True, "blank": 0})


def _person(entry: str) -> tuple[str, str]:
    entry = entry.removeprefix("mailto:")
    if match := _PASTED.match(entry):
        return _clean(match["name"]), _clean(match["address"])
    name, address = getaddresses([entry])[0] if "<" in entry else ("", entry)
    return name, address

"""Workbooks: .xlsx, the old .xls, and the HTML or XML that some tools call .xls. Formulas and macros are never run."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html.parser import HTMLParser
from itertools import takewhile
from operator import is_
from typing import Any

import openpyxl
import xlrd
from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.workspaces.imports import tables
from saas.workspaces.imports.tables import MAX_ROWS, PEOPLE, Table, Words, clean

MAX_UNPACKED = 150 * 1024 * 1024
MAX_COLUMNS = 200
MAX_SHEETS = 30
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
IS_EMPTY = partial(is_, None)
CANNOT_OPEN = _l("This workbook cannot be opened. Save it again as .xlsx.")


def read(content: bytes, words: Words = PEOPLE) -> Table:
    """The table of an .xlsx. Raises Refused with what the file is when it is something else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names, unpacked = set(parts.namelist()), sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused(CANNOT_OPEN, "file") from None
    if unpacked > MAX_UNPACKED:
        raise Refused(_l("This workbook unpacks to far more than its size tells. It was not opened."), "file")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused(_l("This workbook holds macros. Save it as .xlsx, without them."), "file")
    if "content.xml" in names and "mimetype" in names:
        raise Refused(_l("This is an OpenDocument file. Save it as .xlsx or as CSV."), "file")
    if not any(name.startswith("xl/") for name in names):
        raise Refused(_l("This is neither a CSV file nor an Excel workbook."), "file")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [
            (sheet.title, _rows(sheet, words.tidy)) for sheet in book.worksheets[:MAX_SHEETS] if sheet.sheet_state == "visible"
        ]
    except Exception:  # whatever a broken part makes openpyxl say, the person needs the same sentence
        raise Refused(CANNOT_OPEN, "file") from None
    return _best(sheets, words)


def _rows(sheet: Any, tidy: Callable[[str], str]) -> tables.Lines:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_ROWS + 100)
    return [(number, [_cell(value, tidy) for value in _ended(row)]) for number, row in enumerate(rows, 1)]


def _ended(row: Sequence[Any]) -> Sequence[Any]:
    """A row without the empty cells that fill it up to the widest there may be."""
    return row[: len(row) - sum(1 for _ in takewhile(IS_EMPTY, reversed(row)))]


def _cell(value: Any, tidy: Callable[[str], str]) -> str:
    if value is None or value in ERRORS:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return tidy(str(value))


def _best(sheets: Iterable[tuple[str, tables.Lines]], words: Words) -> Table:
    """Of all sheets, the one whose header names most of the columns we know; then the longest."""
    found: list[tuple[int, int, Table | Refused]] = []
    for title, lines in sheets:
        if any(any(cells) for _, cells in lines):
            try:
                table = tables.find(lines, words)
            except Refused as no:
                found.append((-1, 0, no))
                continue
            table.details["sheet"] = title
            found.append((words.known(table.headers), len(table.rows), table))
    if not found:
        raise Refused(_l("This workbook holds no table."), "file")
    best = max(found, key=lambda entry: entry[:2])[2]
    if isinstance(best, Refused):
        raise best
    return best


def read_old(content: bytes, words: Words = PEOPLE) -> Table:
    """The table of an .xls of Excel 97 to 2003. Raises Refused when a password protects it."""
    if ENCRYPTED in content:
        raise Refused(_l("This workbook is protected by a password. Remove it, or save a copy without it."), "file")
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), on_demand=True)
        sheets = [
            (sheet.name, _old_rows(book, sheet, words.tidy)) for sheet in book.sheets()[:MAX_SHEETS] if not sheet.visibility
        ]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise Refused(_l("This workbook is protected by a password. Remove it, or save a copy without it."), "file") from None
        raise Refused(CANNOT_OPEN, "file") from None
    except Exception:  # a broken part again
        raise Refused(CANNOT_OPEN, "file") from None
    return _best(sheets, words)


def _old_rows(book: Any, sheet: Any, tidy: Callable[[str], str]) -> tables.Lines:
    def cell(row: int, column: int) -> str:
        value, kind = sheet.cell_value(row, column), sheet.cell_type(row, column)
        if kind == xlrd.XL_CELL_DATE:
            return str(xlrd.xldate_as_datetime(value, book.datemode).date().isoformat())
        return "" if kind == xlrd.XL_CELL_ERROR else _cell(value, tidy)

    rows, columns = min(sheet.nrows, MAX_ROWS + 100), min(sheet.ncols, MAX_COLUMNS)
    return [(row + 1, [cell(row, column) for column in range(columns)]) for row in range(rows)]


class _Grid(HTMLParser):
    """Rows and cells of an HTML table or of Excel's XML of 2003."""

    ROWS, CELLS, TABLES = {"tr", "row"}, {"td", "th", "cell"}, {"table", "worksheet"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[list[list[str]]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        if tag in self.TABLES and (not self.grids or self.grids[-1]):
            self.grids.append([])
        elif tag in self.ROWS and self.grids:
            self.grids[-1].append([])
        elif tag in self.CELLS and self.grids and self.grids[-1]:
            said = next((value for name, value in attrs if name.rpartition(":")[2] == "index" and value), "")
            row = self.grids[-1][-1]
            if said.isdigit() and int(said) <= MAX_COLUMNS:
                row.extend([""] * (int(said) - 1 - len(row)))
            row.append("")
            self.open = True
        elif tag == "br" and self.open:
            self.grids[-1][-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag.rpartition(":")[2] in self.CELLS:
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open and self.grids and self.grids[-1] and self.grids[-1][-1]:
            self.grids[-1][-1][-1] += data


def read_markup(text: str, words: Words = PEOPLE) -> Table:
    """The table of HTML or XML that a tool saved under an Excel name. Raises Refused when there is none."""
    grid = _Grid()
    grid.feed(text)
    sheets = [("", [(n, [clean(cell) for cell in row]) for n, row in enumerate(rows, 1)]) for rows in grid.grids]
    if not any(lines for _, lines in sheets):
        raise Refused(_l("This is neither a CSV file nor an Excel workbook."), "file")
    return _best(sheets, words)

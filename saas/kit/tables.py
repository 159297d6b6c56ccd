"""Lists of thousands, 25 at a time; and as workbooks."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import openpyxl
from flask import request, send_file
from flask_babel import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response

from saas.kit.paging import Page
from tenants.db import db

Row = TypeVar("Row")
PER_PAGE = 25
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def count(statement: Select[Row]) -> int:
    """How many rows a statement finds."""
    counted: Select[Any] = select(func.count()).select_from(statement.order_by(None).options().subquery())
    return db.session.scalar(counted) or 0


def paged(statement: Select[Row], per_page: int = PER_PAGE) -> Page[Row]:
    """The page of a statement that the address asks for, with the total: two statements whatever the number of rows."""
    number = max(request.args.get("page", 1, type=int), 1)
    total = count(statement)
    items = db.session.scalars(statement.limit(per_page + 1).offset((number - 1) * per_page)).unique().all()
    return Page(list(items[:per_page]), number, len(items) > per_page, total, per_page)


def saved(book: openpyxl.Workbook) -> io.BytesIO:
    """A workbook as the bytes of an .xlsx, to be read from the start."""
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def rejected(title: str, headers: Sequence[str], lines: Iterable[tuple[int, Sequence[str], str]]) -> io.BytesIO:
    """An .xlsx of lines of a file as they came, each with its number before and the reason after: (line, cells, reason)."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append([_("Line"), *[safe_cell(header) for header in headers], _("Reason")])
    for line, cells, reason in lines:
        sheet.append([line, *[safe_cell(cell) for cell in cells], safe_cell(reason)])
    return saved(book)


def download(workbook: io.BytesIO, name: str) -> Response:
    """An .xlsx to keep, under a name without its suffix."""
    return send_file(workbook, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def safe_cell(text: str) -> str:
    """A cell that a workbook can hold, and that no spreadsheet takes for a formula (OWASP, CSV injection).

    What is not seen does not hide a sign that is, and full-width signs count as the ones that they stand for.
    """
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    first = next((char for char in text if unicodedata.category(char)[0] not in "ZC"), "")
    is_formula = unicodedata.normalize("NFKC", first) in ("=", "+", "-", "@")
    return f"'{text}" if is_formula or text[:1] in ("\t", "\r", "\n") else text

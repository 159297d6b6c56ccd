"""Lists of thousands, 25 at a time; and as workbooks."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from sqlalchemy import Select, func, select

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


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else text

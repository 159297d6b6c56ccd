"""The people of a client company as a workbook: read row by row, written row by row."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
from flask_babel import gettext as _
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import Select

from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import PARIS
from saas.kit.formats import role_name
from saas.kit.i18n import LANGUAGES
from saas.kit.tables import safe_cell, saved
from saas.workspaces.queries.people import open_invitation
from tenants.db import db

COLUMNS = (
    Member.last_name, Member.first_name, Member.email, Member.employee_number, Member.department, Member.site,
    Member.job_title, Member.line_manager, Member.language, Member.entered_on, Member.roles, Member.account_id, Member.left_at,
)  # fmt: skip
WIDTHS = (20, 18, 34, 16, 24, 18, 28, 16, 12, 13, 20, 16, 13)


def people(who: Select[Member]) -> io.BytesIO:
    """Workspace scope: a workbook of these people, in the order of the statement, in the reader's language."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("People"))
    for number, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, title) for title in _titles()])
    number = 0
    for line in _lines(who):
        sheet.append(line)
        number += 1
    sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(WIDTHS) - 1)}{number + 1}"
    journal.note("people.exported", str(number))
    return saved(book)


def _titles() -> list[str]:
    return [
        _("Last name"), _("First name"), _("E-mail"), _("Employee number"), _("Department"), _("Site"), _("Job title"),
        _("Line manager"), _("Language"), _("Entry date"), _("Roles"), _("State"), _("Leaving date"),
    ]  # fmt: skip


def _bold(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, str(title))
    cell.font = Font(bold=True)
    return cell


def _lines(who: Select[Member]) -> Iterator[list[Any]]:
    columns = who.with_only_columns(*COLUMNS, open_invitation().label("invited"))
    states = {"left": _("Left"), "joined": _("Has joined"), "none": _("No address"), "invited": _("Invited"), "": _("To invite")}
    roles = {code: role_name(code) for code in ("hr", "sponsor", "participant")}
    for row in db.session.execute(columns, execution_options={"yield_per": 1000}):
        yield [
            *[safe_cell(value or "") for value in row[:8]], LANGUAGES.get(row.language, row.language), row.entered_on,
            ", ".join(roles[role] for role in row.roles), states[_state(row)], _day(row.left_at),
        ]  # fmt: skip


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(PARIS).date() if moment else None


def _state(row: Any) -> str:
    if row.left_at:
        return "left"
    if row.account_id:
        return "joined"
    return ("invited" if row.invited else "") if row.email else "none"

"""What became of the rows that were not applied: as they came, with the reason, and in words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from flask_babel import gettext as _

from saas.workspaces.models import ImportRow, PeopleImport


def words(problem: dict[str, Any]) -> str:
    """One sentence for a problem that the judge found."""
    seen = problem["seen"]
    said = {
        "bad_email": _("“%(seen)s” is not a complete address.", seen=seen),
        "no_email": _("No address: this person cannot sign in or get mails."),
        "no_first_name": _("The first name is missing."),
        "no_last_name": _("The last name is missing."),
        "twin_email": _("The same address is on line %(seen)s.", seen=seen),
        "twin_number": _("The same employee number is on line %(seen)s.", seen=seen),
        "taken_email": _("This address belongs to somebody here with another employee number (%(seen)s).", seen=seen),
        "bad_date": _("“%(seen)s” is not a date.", seen=seen),
        "formula": _("This looks like a formula, not a name."),
        "total": _("A totals line, not a person."),
        "repeated": _("The same person as line %(seen)s.", seen=seen),
    }
    return str(said[problem["code"]])


def reasons(row: ImportRow) -> str:
    """Why a row was not applied."""
    return " ".join(words(problem) for problem in row.problems) or _("Left out by hand.")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else text


def rejected(draft: PeopleImport, rows: Sequence[ImportRow]) -> bytes:
    """An XLSX of rows as they came, with their line and the reason."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("To correct"))
    sheet.append([_("Line"), *[safe_cell(h) for h in draft.headers], _("Reason")])
    for row in rows:
        sheet.append([row.line, *[safe_cell(cell) for cell in row.cells], reasons(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

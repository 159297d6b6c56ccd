"""What became of each row: in words on the page, and as workbooks to download."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from flask_babel import gettext as _

from saas.kit.i18n import LANGUAGES
from saas.kit.tables import safe_cell
from saas.workspaces.models import ImportRow, PeopleImport


def words(problem: dict[str, Any]) -> str:
    """One sentence for a problem that the judge found."""
    seen = problem["seen"]
    said = {
        "bad_email": _("“%(seen)s” is not a complete address.", seen=seen),
        "no_email": _("No address: this person cannot sign in or get mails."),
        "near_domain": _("“%(seen)s” has a rare domain: a slip of the pen?", seen=seen),
        "email_moves": _("The new address has to be proved before it opens this person’s space."),
        "no_first_name": _("The first name is missing."),
        "no_last_name": _("The last name is missing."),
        "name_from_address": _("The name was read in the address: check it."),
        "twin_email": _("The same address is on line %(seen)s.", seen=seen),
        "twin_number": _("The same employee number is on line %(seen)s.", seen=seen),
        "taken_email": _("This address belongs to %(seen)s here, who has another employee number.", seen=seen),
        "other_email": _("This address belongs to %(seen)s here.", seen=seen),
        "other_person": _("This employee number is that of %(seen)s here. Is it the same person?", seen=seen),
        "bad_date": _("“%(seen)s” is no plausible date.", seen=seen),
        "formula": _("This looks like a formula, not a name."),
        "unknown_manager": _("Nobody in the file or here is “%(seen)s”: kept as it is.", seen=seen),
        "two_managers": _("Several people are called “%(seen)s”: kept as it is.", seen=seen),
        "outside": _("Outside your sites and departments."),
        "total": _("A totals line, not a person."),
        "header": _("The header again, not a person."),
        "note": _("A note or a heading, not a person."),
        "left": _("Has left according to the file (%(seen)s).", seen=seen),
        "repeated": _("The same person as line %(seen)s.", seen=seen),
    }
    return str(said[problem["code"]])


def kind(code: str) -> str:
    """A kind of trouble, for the list of what is to be corrected."""
    said = {
        "bad_email": _("Incomplete addresses"), "no_email": _("Without an address"), "near_domain": _("Rare domains"),
        "email_moves": _("Addresses that change"), "no_first_name": _("First names missing"),
        "no_last_name": _("Last names missing"), "name_from_address": _("Names read in addresses"),
        "twin_email": _("Addresses given twice"), "twin_number": _("Employee numbers given twice"),
        "taken_email": _("Addresses of somebody else here"), "other_email": _("Addresses of somebody else here"),
        "other_person": _("Employee numbers of somebody else here"), "bad_date": _("Dates that are none"),
        "formula": _("Formulas"), "unknown_manager": _("Unknown line managers"), "two_managers": _("Ambiguous line managers"),
        "outside": _("Outside your sites and departments"),
    }  # fmt: skip
    return str(said[code])


def field_names() -> dict[str, str]:
    """The fields of an import in the reader's words, in the order of a page."""
    said = {
        "employee_number": _("Employee number"), "full_name": _("First and last name in one column"),
        "last_name": _("Last name"), "first_name": _("First name"), "email": _("E-mail"), "department": _("Department"),
        "site": _("Site"), "job_title": _("Job title"), "line_manager": _("Line manager"), "entered_on": _("Entry date"),
        "left_on": _("Leaving date"), "language": _("Language"),
    }  # fmt: skip
    return {name: str(text) for name, text in said.items()}


def reasons(row: ImportRow) -> str:
    """Why a row was not applied."""
    return " ".join(words(problem) for problem in row.problems) or _("Left out by hand.")


def outcome(row: ImportRow) -> str:
    """What became of a row, in a word."""
    said = {
        "create": _("created"), "update": _("updated"), "same": _("already there"), "fix": _("not imported"), "skip": _("left out"),
    }  # fmt: skip
    return str(said[row.verdict])


def rejected(draft: PeopleImport, rows: Sequence[ImportRow]) -> bytes:
    """An XLSX of rows as they came, with their line and the reason."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("To correct"))
    sheet.append([_("Line"), *[safe_cell(h) for h in draft.headers], _("Reason")])
    for row in rows:
        sheet.append([row.line, *[safe_cell(cell) for cell in row.cells], reasons(row)])
    return _saved(book)


def whole(draft: PeopleImport, rows: Sequence[ImportRow], fields: dict[str, str]) -> bytes:
    """An XLSX of every row: what became of it, as whom, and what was to be said of it. `fields` names the columns."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("Report"))
    sheet.append([_("Line"), _("Outcome"), *fields.values(), _("Remarks")])
    for row in rows:
        values = [safe_cell(str(row.values.get(name, ""))) for name in fields if name != "language"]
        values += [LANGUAGES.get(row.values.get("language", ""), "")] if "language" in fields else []
        remarks = [words(problem) for problem in row.problems]
        remarks += [
            _("%(field)s: was %(old)s.", field=fields[name], old=old or "–") for name, old in row.before.items() if name in fields
        ]
        sheet.append([row.line, outcome(row), *values, safe_cell(" ".join(remarks))])
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

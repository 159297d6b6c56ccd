"""What became of each row: in words on the page, and as workbooks to download."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from saas.kit import tables
from saas.kit.i18n import LANGUAGES
from saas.kit.tables import safe_cell
from saas.workspaces.models import ImportRow, PeopleImport

# What the judge found, as a sentence about one row and as the name of a kind. `seen` is what stood in the way.
SENTENCES = {
    "bad_email": _l("“%(seen)s” is not a complete address."),
    "no_email": _l("No address: this person cannot sign in or get mails."),
    "near_domain": _l("“%(seen)s” has a rare domain: a slip of the pen?"),
    "email_moves": _l("The new address has to be proved before it opens this person’s space."),
    "no_first_name": _l("The first name is missing."),
    "no_last_name": _l("The last name is missing."),
    "name_from_address": _l("The name was read in the address: check it."),
    "twin_email": _l("The same address is on line %(seen)s."),
    "twin_number": _l("The same employee number is on line %(seen)s."),
    "taken_email": _l("This address belongs to %(seen)s here, who has another employee number."),
    "other_email": _l("This address belongs to %(seen)s here."),
    "other_person": _l("This employee number is that of %(seen)s here. Is it the same person?"),
    "bad_date": _l("“%(seen)s” is no plausible date."),
    "formula": _l("This looks like a formula, not a name."),
    "unknown_manager": _l("Nobody in the file or here is “%(seen)s”: kept as it is."),
    "two_managers": _l("Several people are called “%(seen)s”: kept as it is."),
    "outside": _l("Outside your sites and departments."),
    "total": _l("A totals line, not a person."),
    "header": _l("The header again, not a person."),
    "note": _l("A note or a heading, not a person."),
    "left": _l("Has left according to the file (%(seen)s)."),
    "repeated": _l("The same person as line %(seen)s."),
}
KINDS = {
    "bad_email": _l("Incomplete addresses"), "no_email": _l("Without an address"), "near_domain": _l("Rare domains"),
    "email_moves": _l("Addresses that change"), "no_first_name": _l("First names missing"),
    "no_last_name": _l("Last names missing"), "name_from_address": _l("Names read in addresses"),
    "twin_email": _l("Addresses given twice"), "twin_number": _l("Employee numbers given twice"),
    "taken_email": _l("Addresses of somebody else here"), "other_email": _l("Addresses of somebody else here"),
    "other_person": _l("Employee numbers of somebody else here"), "bad_date": _l("Dates that are none"),
    "formula": _l("Formulas"), "unknown_manager": _l("Unknown line managers"), "two_managers": _l("Ambiguous line managers"),
    "outside": _l("Outside your sites and departments"),
}  # fmt: skip
OUTCOMES = {
    "create": _l("created"), "update": _l("updated"), "same": _l("already there"), "fix": _l("not imported"),
    "skip": _l("left out"),
}  # fmt: skip
FIELD_NAMES = {
    "employee_number": _l("Employee number"), "full_name": _l("First and last name in one column"), "last_name": _l("Last name"),
    "first_name": _l("First name"), "email": _l("E-mail"), "department": _l("Department"), "site": _l("Site"),
    "job_title": _l("Job title"), "line_manager": _l("Line manager"), "entered_on": _l("Entry date"),
    "left_on": _l("Leaving date"), "language": _l("Language"),
}  # fmt: skip


def words(problem: dict[str, Any]) -> str:
    """One sentence for a problem that the judge found."""
    return str(SENTENCES[problem["code"]]) % {"seen": problem["seen"]}


def kind(code: str) -> str:
    """A kind of trouble, for the list of what is to be corrected. An unknown one, out of an old address, has no name."""
    return str(KINDS.get(code, ""))


def field_names() -> dict[str, str]:
    """The fields of an import in the reader's words, in the order of a page."""
    return {name: str(text) for name, text in FIELD_NAMES.items()}


def reasons(row: ImportRow) -> str:
    """Why a row was not applied."""
    return " ".join(words(problem) for problem in row.problems) or _("Left out by hand.")


def rejected(draft: PeopleImport, rows: Sequence[ImportRow]) -> BytesIO:
    """An XLSX of rows as they came, with their line and the reason."""
    return tables.rejected(_("To correct"), draft.headers, ((row.line, row.cells, reasons(row)) for row in rows))


def whole(draft: PeopleImport, rows: Sequence[ImportRow], fields: dict[str, str]) -> BytesIO:
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
        sheet.append([row.line, str(OUTCOMES[row.verdict]), *values, safe_cell(" ".join(remarks))])
    return tables.saved(book)

"""A list of companies said in words: fields, problems, and the lines that were not created as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from saas.kit import tables
from saas.workspaces.models import ClientImport


def field_names() -> dict[str, str]:
    """The fields in the reader's words."""
    said = {
        "name": _("Company"), "siren": _("SIREN"), "siret": _("SIRET"), "street": _("Street"), "postcode": _("Postcode"),
        "city": _("City"), "trade": _("Trade"), "vat_number": _("VAT number"), "hr_first_name": _("HR contact, first name"),
        "hr_last_name": _("HR contact, last name"), "hr_email": _("HR contact, e-mail"), "language": _("Language"),
        "colour": _("Brand colour"),
    }  # fmt: skip
    return {name: str(text) for name, text in said.items()}


def why(problem: dict[str, Any]) -> str:
    """What is wrong with a line."""
    said = {
        "no_name": _("A company needs a name with letters or digits."),
        "bad_siren": _("This SIREN has a wrong check digit."), "bad_siret": _("This SIRET has a wrong check digit."),
        "other_company": _("This SIRET is not of this SIREN."), "bad_vat": _("This VAT number does not fit the SIREN."),
        "bad_email": _("Nobody can be written to at this address."),
        "no_contact_name": _("The HR contact has an address and no last name."),
        "bad_colour": _("A colour is six digits, such as #0057b8."), "bad_language": _("The languages are French and English."),
    }[problem["code"]]  # fmt: skip
    return str(said)


def reasons(row: dict[str, Any]) -> str:
    """Why a line was not created."""
    if row["verdict"] == "same":
        return str(_("Already there: %(name)s.", name=row["holder"]))
    return " ".join(why(problem) for problem in row["problems"]) or str(_("Left out by hand."))


def rejected(draft: ClientImport) -> BytesIO:
    """An XLSX of the lines that were not created, as they came, with the reason."""
    left = (row for row in draft.rows if row["verdict"] != "done")
    return tables.rejected(_("Not created"), draft.headers, ((row["line"], row["cells"], reasons(row)) for row in left))

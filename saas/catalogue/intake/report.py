"""A catalogue from a file, said in words: fields, problems, and the lines that brought nothing as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from saas.catalogue.intake.vocabulary import TEXTS
from saas.catalogue.models import ProgrammeImport
from saas.catalogue.texts import BY_NAME, CODES, FACTS, LISTS
from saas.kit import tables


def field_names() -> dict[str, str]:
    """The fields in the reader's words."""
    said: dict[str, Any] = {
        "reference": FACTS["reference"], "hours": FACTS["minutes"], "days": _("Days"), "half_days": FACTS["days"],
        "modality": FACTS["modality"], "min_group": FACTS["min_group"], "max_group": FACTS["max_group"],
        "price_seat": FACTS["price_seat_cents"], "price_group": FACTS["price_group_cents"], "vat": FACTS["vat"],
        "nsf_code": FACTS["nsf_code"], "languages": FACTS["languages"],
    }  # fmt: skip
    where = {"fr": _("in French"), "en": _("in English")}
    for name in TEXTS:
        label = _("Title") if name == "title" else LISTS[name] if name in LISTS else BY_NAME[name].label
        said |= {f"{name}_{code}": f"{label}, {where[code]}" for code in CODES}
    return {name: str(text) for name, text in said.items()}


def why(problem: dict[str, Any]) -> str:
    """What is wrong with a line."""
    said = {
        "no_title": _("A programme needs a title, in one language at least."),
        "no_reference": _("A programme needs a reference: it tells next time that it is the same."),
        "long_reference": _("A reference has up to 40 signs."),
        "twice": _("Another line of the file has this reference."),
        "bad_hours": _("A length is a number of hours or of days, such as 14 h or 2 days."),
        "bad_modality": _("The forms are on site, remote and blended."),
        "bad_vat": _("VAT is exempt or 20%."),
        "bad_price": _("A price is an amount such as 1150 or 1 150,00."),
        "bad_group": _("A group is a number of people from 1 to 1,000."),
        "bad_order": _("The smallest group is larger than the largest one."),
        "bad_language": _("The languages are French and English."),
        "bad_nsf": _("An NSF code is three digits and perhaps a letter, such as 310 or 315p."),
        "too_long": _("This text is too long."),
    }[problem["code"]]
    return str(said)


def reasons(row: dict[str, Any]) -> str:
    """Why a line brought nothing."""
    if row["verdict"] == "same":
        return str(_("The same as in your catalogue."))
    return " ".join(why(problem) for problem in row["problems"]) or str(_("Left out by hand."))


def rejected(draft: ProgrammeImport) -> BytesIO:
    """An XLSX of the lines that brought nothing, as they came, with the reason."""
    left = (row for row in draft.rows if row["verdict"] != "done")
    return tables.rejected(_("Not taken in"), draft.headers, ((row["line"], row["cells"], reasons(row)) for row in left))

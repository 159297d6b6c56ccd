"""What becomes of each line of a list of companies: created, there already, or to correct, with why and what would do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saas.kit.checks import tight, vat_of
from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES
from saas.kit.names import email_norm, fold, is_email, luhn, slugify
from saas.workspaces import numbers
from saas.workspaces.imports.addresses import tidy
from saas.workspaces.intake.vocabulary import FIELDS

HEX = re.compile(r"^#?[0-9a-fA-F]{6}$")
LONGEST = 160


@dataclass(slots=True)
class Known:
    """The clients that are there, by SIREN and by folded name, each with its name; lines of the file join them."""

    by_siren: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)

    def holder(self, values: Mapping[str, str]) -> str | None:
        """Who is this company already: told by the SIREN, else by the name of one that has none, or has the same."""
        siren, name = values["siren"], fold(values["name"])
        if siren and siren in self.by_siren:
            return self.by_siren[siren]
        known = self.by_name.get(name)
        return known if known is not None and not (siren and any(n == known for n in self.by_siren.values())) else None

    def add(self, name: str, siren: str) -> None:
        self.by_name.setdefault(fold(name), name)
        if siren:
            self.by_siren.setdefault(siren, name)


def judge(rows: Sequence[dict[str, Any]], mapping: Mapping[str, int], known: Known) -> None:
    """Write values, problems and a verdict into each row: create, same, fix or skip. Rows that are done are left."""
    for row in rows:
        if row["verdict"] == "done":
            continue
        values, problems = _read({name: _said(row, mapping, name) for name in FIELDS})
        row["values"], row["problems"], row["holder"] = values, problems, ""
        if row["fixes"].get("skip") == "1":
            row["verdict"] = "skip"
        elif (holder := known.holder(values)) is not None and values["name"]:
            row["verdict"], row["holder"] = "same", holder
        else:
            row["verdict"] = "fix" if problems else "create"
        if row["verdict"] == "create":
            known.add(values["name"], values["siren"])


def _said(row: Mapping[str, Any], mapping: Mapping[str, int], name: str) -> str:
    """What a line says of a field, or what a person made of it."""
    if name in row["fixes"]:
        return str(row["fixes"][name])
    column = mapping.get(name)
    return str(row["cells"][column])[:LONGEST] if column is not None and column < len(row["cells"]) else ""


def _read(said: dict[str, str]) -> tuple[dict[str, str], list[dict[str, str | None]]]:
    problems: list[dict[str, str | None]] = []

    def wrong(name: str, code: str, suggestion: str | None = None) -> None:
        problems.append({"field": name, "code": code, "suggestion": suggestion})

    values = {name: text.strip() for name, text in said.items()}
    if not slugify(values["name"]):
        wrong("name", "no_name")
    _numbers(values, wrong)
    _contact(values, wrong)
    colour = values["colour"]
    if colour and not HEX.match(colour):
        wrong("colour", "bad_colour", "")
    values["colour"] = f"#{colour.removeprefix('#').lower()}" if HEX.match(colour) else colour
    language = fold(values["language"])[:2]
    if values["language"] and language not in LANGUAGES:
        wrong("language", "bad_language", "")
    values["language"] = language if language in LANGUAGES else values["language"]
    return values, problems


def _numbers(values: dict[str, str], wrong: Any) -> None:
    """Digits as they are typed or as a spreadsheet left them: without their leading zeros, a SIRET for a SIREN."""
    for name in ("siren", "siret"):
        values[name] = tight(values[name])
    if len(values["siren"]) == 14 and not values["siret"]:
        values["siret"], values["siren"] = values["siren"], values["siren"][:9]
    siren, siret = values["siren"], values["siret"]
    if siren and not (len(siren) == 9 and luhn(siren)):
        padded = siren.zfill(9)
        wrong("siren", "bad_siren", padded if siren.isdigit() and len(siren) < 9 and luhn(padded) else "")
        return
    if siret and not numbers.is_siret(siret):
        padded = siret.zfill(14)
        wrong("siret", "bad_siret", padded if siret.isdigit() and numbers.is_siret(padded) else "")
        return
    if siren and siret and not siret.startswith(siren):
        wrong("siret", "other_company", "")
        return
    values["siren"] = siren or siret[:9]
    try:
        values["vat_number"] = numbers.vat(values["vat_number"], values["siren"])
    except Refused:
        wrong("vat_number", "bad_vat", vat_of(values["siren"]) if values["siren"] else "")


def _contact(values: dict[str, str], wrong: Any) -> None:
    """An HR contact is invited by an address; without one, a name alone is left aside."""
    address = values["hr_email"]
    if is_email(better := tidy(address)):
        values["hr_email"] = email_norm(better)
        if not values["hr_last_name"]:
            wrong("hr_last_name", "no_contact_name")
    elif address:
        wrong("hr_email", "bad_email", "")

"""What becomes of each line of a catalogue: a new programme, a new version, the same, or to correct, with why and what would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from saas.catalogue.commands.programmes import LONGEST_REFERENCE
from saas.catalogue.commands.versions import LONGEST, Wording
from saas.catalogue.intake import wording
from saas.catalogue.intake.vocabulary import FIELDS
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.texts import CODES
from saas.kit.names import slugify

Known = Mapping[str, ProgrammeVersion]


def judge(rows: Sequence[dict[str, Any]], mapping: Mapping[str, int], known: Known) -> None:
    """Write values, problems and a verdict into each row: create, version, same, fix or skip. Rows that are done are left.

    `known` holds the newest version of each programme by its reference in lower case.
    """
    seen: set[str] = set()
    for row in rows:
        if row["verdict"] == "done":
            continue
        values = {name: _said(row, mapping, name) for name in FIELDS}
        problems: list[dict[str, str | None]] = []
        asked = wanted(values, known, problems)
        reference = _reference(values).lower()
        if reference in seen:
            problems.append({"field": "reference", "code": "twice", "suggestion": None})
        row["values"], row["problems"] = values, problems
        row["verdict"] = _verdict(row, problems, asked, known.get(reference))
        if row["verdict"] in ("create", "version", "same"):
            seen.add(reference)


def _verdict(row: Mapping[str, Any], problems: Sequence[Any], asked: Wording, before: ProgrammeVersion | None) -> str:
    if row["fixes"].get("skip") == "1":
        return "skip"
    if problems:
        return "fix"
    if before is None:
        return "create"
    return "same" if same(asked, before) else "version"


def same(asked: Wording, before: ProgrammeVersion) -> bool:
    """Whether a line changes nothing of a programme."""
    return asked == Wording.of(before)


def wanted(values: Mapping[str, str], known: Known, problems: list[dict[str, str | None]]) -> Wording:
    """The wording that a line asks for; what is wrong with it is added to `problems`."""

    def wrong(field: str, code: str, suggestion: str | None = None) -> None:
        problems.append({"field": field, "code": code, "suggestion": suggestion or None})

    reference = _reference(values)
    before = known.get(reference.lower())
    if not any(values[f"title_{code}"].strip() for code in CODES) and before is None:
        wrong("title_fr", "no_title")
    if not reference:
        title = next((values[f"title_{code}"] for code in CODES if values[f"title_{code}"].strip()), "")
        wrong("reference", "no_reference", slugify(title).upper()[:20].strip("-"))
    elif len(reference) > LONGEST_REFERENCE:
        wrong("reference", "long_reference")
    given = wording.facts(values, wrong)
    if given.get("min_group", 1) > given.get("max_group", 1000):
        wrong("min_group", "bad_order", str(given["max_group"]))
    if any(len(text) > (160 if field.startswith("title_") else LONGEST) for field, text in values.items()):
        wrong(next(f for f, t in values.items() if len(t) > (160 if f.startswith("title_") else LONGEST)), "too_long")
    if problems:
        given = {}
    return wording.merged(values, given, before)


def _reference(values: Mapping[str, str]) -> str:
    return " ".join(values["reference"].split())


def _said(row: Mapping[str, Any], mapping: Mapping[str, int], name: str) -> str:
    """What a line says of a field, or what a person made of it."""
    if name in row["fixes"]:
        return str(row["fixes"][name])
    column = mapping.get(name)
    return str(row["cells"][column]) if column is not None and column < len(row["cells"]) else ""

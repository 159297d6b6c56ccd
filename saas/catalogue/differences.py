"""What changed from one wording of a programme to another, said in words: for histories, renewals and two editors at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.texts import BPF_CLASSES, CODES, FACTS, KINDS, LISTS, VATS
from saas.kit import formats
from saas.kit.i18n import LANGUAGES

NUMBERS = ("minutes", "days", "modality", "languages", "min_group", "max_group", "price_seat_cents", "price_group_cents", "vat",
           "nsf_code", "bpf_class")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same: what it is called, in which language, before and after."""

    label: str
    language: str
    before: str
    after: str


def differences(old: ProgrammeVersion, new: ProgrammeVersion) -> list[Change]:
    """What reads otherwise in `new` than in `old`, texts first."""
    return [*_texts(old, new), *_facts(old, new)]


def _texts(old: ProgrammeVersion, new: ProgrammeVersion) -> Iterator[Change]:
    pairs: list[tuple[Any, dict[str, str], dict[str, str]]] = [(_("Title"), old.title, new.title)]
    pairs += [(kind.label, old.texts.get(kind.name, {}), new.texts.get(kind.name, {})) for kind in KINDS]
    pairs += [
        (LISTS["objectives"], _joined(old.texts.get("objectives", [])), _joined(new.texts.get("objectives", []))),
        (LISTS["modules"], _modules(old.texts.get("modules", [])), _modules(new.texts.get("modules", []))),
    ]
    for label, before, after in pairs:
        for code in CODES:
            if (was := before.get(code, "")) != (now := after.get(code, "")):
                yield Change(str(label), code, *_apart(was, now))


def _apart(was: str, now: str) -> tuple[str, str]:
    """Of two texts of several lines, the lines that are not in both; of shorter ones, the whole."""
    before, after = was.splitlines(), now.splitlines()
    if min(len(before), len(after)) < 2:
        return was, now
    rows = list(difflib.ndiff(before, after))
    gone, come = ("\n".join(row[2:] for row in rows if row.startswith(sign)) for sign in "-+")
    return gone, come


def _joined(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    rows = list(rows)
    return {code: "\n".join(row.get(code, "") for row in rows).strip() for code in CODES}


def _modules(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    said = [{code: _module(row, code) for code in CODES} for row in rows]
    return {code: "\n".join(row[code] for row in said).strip() for code in CODES}


def _module(row: dict[str, Any], code: str) -> str:
    parts = (row.get("title", {}).get(code, ""), row.get("content", {}).get(code, ""))
    return "\n".join(part for part in parts if part)


def _facts(old: ProgrammeVersion, new: ProgrammeVersion) -> Iterator[Change]:
    for name in NUMBERS:
        if (was := getattr(old, name)) != (now := getattr(new, name)):
            yield Change(str(FACTS[name]), "", fact(name, was), fact(name, now))


def fact(name: str, value: Any) -> str:
    """A fact of a programme as it is read."""
    if name == "languages":
        return ", ".join(LANGUAGES[code] for code in value)
    if name.endswith("_cents"):
        return formats.money(value)
    if name == "minutes":
        return f"{formats.number(value / 60)} h"
    if name == "modality":
        return formats.modality(value)
    choices = {"vat": dict(VATS), "bpf_class": dict(BPF_CLASSES)}.get(name)
    return str(choices[value]) if choices and value in choices else str(value)

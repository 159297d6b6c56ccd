"""What the public must be told of a programme (Qualiopi, indicator 1), and what of it is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.texts import BY_NAME, CODES
from saas.kit.names import fold

# The texts that indicator 1 asks for (reading guide V9): objectives are looked at apart.
DEMANDED = ("prerequisites", "methods", "assessment", "accessibility", "access")
# What no trainer can see done: an objective says what a person will be able to do.
VAGUE = {
    "fr": {"comprendre", "connaitre", "savoir", "decouvrir", "apprehender", "sensibiliser", "etre", "avoir", "voir", "reflechir"},
    "en": {"understand", "know", "learn", "discover", "be", "have", "see", "appreciate", "grasp", "think", "realise", "realize"},
}
NOT_VERBS = {"the", "a", "an", "how", "what", "why", "basics", "knowledge", "awareness", "introduction", "overview", "principles"}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing: the field to fill in and what it is called. `language` when only that translation lacks."""

    field: str
    label: Any
    language: str = ""

    @property
    def anchor(self) -> str:
        """The input of the editor where it is typed."""
        return self.field if self.field in INPUTS else f"{self.field}_{self.language or 'fr'}"


INPUTS = {"contact", "modules", "hours", "price_seat"}


def missing(version: ProgrammeVersion, has_contact: bool = True) -> list[Gap]:
    """What the public must be told and is told in no language, in the order of the page."""
    gaps = [] if version.title else [Gap("title", _l("Title"))]
    if not version.texts.get("objectives"):
        gaps.append(Gap("objectives", _l("Objectives")))
    gaps += [Gap(name, BY_NAME[name].label) for name in DEMANDED if not version.texts.get(name)]
    if not version.minutes:
        gaps.append(Gap("hours", _l("Duration")))
    if not version.price_seat_cents and not version.price_group_cents:
        gaps.append(Gap("price_seat", _l("Price")))
    if not has_contact:
        gaps.append(Gap("contact", _l("Contact of the firm")))
    return gaps


def untranslated(version: ProgrammeVersion) -> list[Gap]:
    """What is said in one language only: the page shows the other language there, marked."""
    gaps = [Gap("title", _l("Title"), code) for code in CODES if version.title and not version.title.get(code)]
    gaps += [
        Gap(name, kind.label, code)
        for name, kind in BY_NAME.items()
        for code in CODES
        if version.texts.get(name) and not version.texts[name].get(code)
    ]
    for code in CODES:
        if any(not objective.get(code) for objective in version.texts.get("objectives", [])):
            gaps.append(Gap("objectives", _l("Objectives"), code))
        if any(_half_said(module, code) for module in version.texts.get("modules", [])):
            gaps.append(Gap("modules", _l("Content"), code))
    return gaps


def _half_said(module: Mapping[str, Any], code: str) -> bool:
    return any(module.get(part) and not module[part].get(code) for part in ("title", "content"))


def share(version: ProgrammeVersion, has_contact: bool = True) -> tuple[int, int]:
    """(told, asked): how much of what the public must be told is there."""
    asked = len(DEMANDED) + 5
    return asked - len(missing(version, has_contact)), asked


def unassessable(version: ProgrammeVersion) -> list[str]:
    """Objectives that nobody can see reached: they start with no verb, or with one that cannot be assessed. A hint only."""
    return [
        text
        for objective in version.texts.get("objectives", [])
        for code in CODES
        if (text := objective.get(code)) and not is_assessable(text, code)
    ]


def is_assessable(text: str, code: str) -> bool:
    """Whether an objective starts with a verb of action: in French an infinitive, in English no noun or article."""
    words = re.findall(r"[a-z]+", fold(text))
    if code == "fr" and words[:1] in (["s"], ["se"]):
        words = words[1:]
    if not words or words[0] in VAGUE[code]:
        return False
    if code == "fr":
        return bool(re.search(r"(er|ir|re|oir)$", words[0]))
    return words[0] not in NOT_VERBS and not re.search(r"(tion|ness|ment|ing)$", words[0])

"""What a programme says: its texts by name, how long they are, and a value in the reader's language with its own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from saas.kit.i18n import language

CODES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Kind:
    """A text of a programme: its name, what it is called, how many rows it is typed in, and what helps to write it."""

    name: str
    label: Any
    rows: int = 3
    hint: Any = ""


# In the order in which a programme is read. Objectives and modules are lists, and stand between.
KINDS = (
    Kind("summary", _l("Summary"), 3, _l("Two sentences: what for, and for whom. It opens the programme’s page and every list.")),
    Kind("audience", _l("Audience"), 2, _l("Who should come.")),
    Kind("prerequisites", _l("Prerequisites"), 2, _l("What one must know or have done before. “None” is an answer too.")),
    Kind("methods", _l("Methods"), 3, _l("How people learn: practice, cases, work between two days.")),
    Kind("assessment", _l("Assessment"), 3, _l("How one knows, before, during and after, that the objectives are reached.")),
    Kind("accessibility", _l("Accessibility"), 3, _l("What is done for people with disabilities, and whom they ask.")),
    Kind("access", _l("Access terms and delays"), 3, _l("How one enrols, and how long it takes until the training starts.")),
    Kind("results", _l("Results"), 2, _l("Satisfaction, completion, people trained: with the year and the number of answers.")),
    Kind("skills", _l("Trainer’s skills"), 2, _l("What a trainer must master to give it. For the staff only.")),
)
BY_NAME = {kind.name: kind for kind in KINDS}
SECRET = ("skills",)
LISTS = {"objectives": _l("Objectives"), "modules": _l("Content")}
FACTS = {
    "reference": _l("Reference"), "minutes": _l("Hours"), "days": _l("Half-days"), "modality": _l("Form"), "languages": _l("Languages"),
    "group": _l("Group"), "min_group": _l("Smallest group"), "max_group": _l("Largest group"),
    "price_seat_cents": _l("Price per seat excl. VAT (€)"), "price_group_cents": _l("Price per group excl. VAT (€)"), "vat": _l("VAT"),
    "nsf_code": _l("NSF code"), "bpf_class": _l("Objective in the BPF"),
}  # fmt: skip
# Objective of the training, as frame F-3 of the yearly return names them (Cerfa 10443*17).
BPF_CLASSES = (
    ("", _l("Not said")),
    ("a", _l("Diploma, title or certification registered at the RNCP")),
    ("b", _l("Certification or habilitation registered at the RS")),
    ("c", _l("Certificate of professional qualification that is not registered")),
    ("d", _l("Other vocational training")),
    ("e", _l("Skills assessment")),
    ("f", _l("Validation of experience")),
)
VATS = (("exempt", _l("exempt")), ("standard", _l("20%")))


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the language it is in: the reader's, or the other one where it is missing."""

    text: str
    language: str

    @property
    def is_foreign(self) -> bool:
        """Whether it stands in for a missing translation."""
        return self.language != language()

    def __bool__(self) -> bool:
        return bool(self.text)


def said(texts: Mapping[str, Any] | None, code: str | None = None) -> Said:
    """A bilingual value for the reader, with the language it is in."""
    texts, code = texts or {}, code or language()
    other = "en" if code == "fr" else "fr"
    chosen = code if texts.get(code) or not texts.get(other) else other
    return Said(str(texts.get(chosen) or ""), chosen)


def title_of(version: Any, offer: Any = None) -> Said:
    """A programme's title, or the one that an offer adapts for its client."""
    adapted = {code: text for code, text in ((offer.title if offer else None) or {}).items() if text}
    return said({**version.title, **adapted})


def lines(text: str) -> list[str]:
    """What is written one a line, without the dashes and bullets that people type or paste before."""
    return [line for line in (raw.strip().lstrip("-–—•*·").strip() for raw in text.splitlines()) if line]


def both_filled(texts: Mapping[str, str]) -> dict[str, str]:
    """A bilingual value without its empty languages."""
    return {code: text.strip() for code, text in texts.items() if code in CODES and text and text.strip()}

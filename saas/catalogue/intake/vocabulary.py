"""The words that stand above the columns of a catalogue, in French and English, folded."""

from __future__ import annotations

from collections.abc import Sequence

from saas.workspaces.imports.tables import Words, clean_lines
from saas.workspaces.imports.vocabulary import key

# A header that says its language ends in one of these.
SUFFIXES = {
    "fr": ("fr", "francais", "en francais", "french", "vf"), "en": ("en", "anglais", "en anglais", "english", "in english", "va"),
}  # fmt: skip
TEXTS: dict[str, tuple[str, ...]] = {
    "title": ("titre", "intitule", "intitule de la formation", "nom", "nom de la formation", "formation", "programme", "libelle",
              "title", "name", "course", "course title", "course name", "training"),
    "summary": ("resume", "presentation", "description", "accroche", "en bref", "summary", "overview", "abstract"),
    "objectives": ("objectifs", "objectif", "objectifs pedagogiques", "objectifs operationnels", "competences visees", "objectives",
                   "learning objectives", "learning outcomes", "outcomes"),
    "audience": ("public", "public vise", "public cible", "pour qui", "participants", "audience", "target audience", "for whom"),
    "prerequisites": ("prerequis", "pre requis", "prerequisites", "requirements", "prior knowledge"),
    "modules": ("contenu", "contenus", "programme detaille", "deroule", "plan", "content", "contents", "outline", "agenda", "syllabus"),
    "methods": ("methodes", "methodes pedagogiques", "moyens pedagogiques", "methodes mobilisees", "pedagogie", "methods",
                "teaching methods"),
    "assessment": ("evaluation", "modalites d evaluation", "modalites evaluation", "evaluations", "suivi et evaluation", "assessment",
                   "evaluation method"),
    "accessibility": ("accessibilite", "accessibilite handicap", "handicap", "accessibilite aux personnes handicapees", "accessibility",
                      "disability"),
    "access": ("modalites d acces", "delais d acces", "modalites et delais d acces", "delai d acces", "inscription", "access", "enrolment",
               "access terms", "how to enrol"),
    "results": ("resultats", "indicateurs", "indicateurs de resultats", "results", "indicators"),
    "skills": ("competences formateur", "competences du formateur", "profil formateur", "profil de l intervenant", "trainer skills",
               "trainer profile"),
}  # fmt: skip
FACTS: dict[str, tuple[str, ...]] = {
    "reference": ("reference", "ref", "code", "code formation", "code stage", "reference formation", "id", "numero", "course code", "sku"),
    "hours": ("heures", "duree", "duree h", "duree heures", "duree en heures", "nb heures", "nombre d heures", "hours", "duration",
              "duration h", "duration hours", "length"),
    "days": ("jours", "duree jours", "duree j", "duree en jours", "nb jours", "nombre de jours", "days", "duration days"),
    "half_days": ("demi journees", "nombre de demi journees", "nb demi journees", "half days"),
    "modality": ("modalite", "format", "mode", "type de formation", "modality", "delivery", "form", "delivery mode"),
    "min_group": ("min", "minimum", "effectif minimum", "effectif min", "groupe min", "nb min", "min participants", "minimum group"),
    "max_group": ("max", "maximum", "effectif maximum", "effectif max", "effectif", "groupe max", "nb max", "max participants",
                  "capacity", "group size"),
    "price_seat": ("prix", "tarif", "prix inter", "tarif inter", "prix ht", "tarif ht", "prix par personne", "prix par participant",
                   "tarif par participant", "tarif inter ht", "prix inter ht", "price", "price per seat", "price per person", "fee"),
    "price_group": ("prix intra", "tarif intra", "prix groupe", "tarif groupe", "tarif intra ht", "prix intra ht", "price per group",
                    "group price", "in house price"),
    "vat": ("tva", "regime de tva", "vat", "tax"),
    "nsf_code": ("nsf", "code nsf", "specialite nsf", "nsf code"),
    "languages": ("langue", "langues", "langue d animation", "language", "languages", "given in"),
}  # fmt: skip
FIELDS = (*FACTS, *(f"{name}_{code}" for name in TEXTS for code in SUFFIXES))


def field_of(header: str) -> str | None:
    """The field that a header names; a text without a language is in that of its own word, told by `spoken`."""
    name = key(header)
    for field, words in FACTS.items():
        if name in words:
            return field
    for code, endings in SUFFIXES.items():
        for ending in endings:
            bare = name.removesuffix(f" {ending}")
            if bare != name and (text := _text(bare)):
                return f"{text}_{code}"
    text = _text(name)
    return f"{text}_{spoken(name)}" if text else None


def _text(name: str) -> str | None:
    return next((text for text, words in TEXTS.items() if name in words), None)


ENGLISH = {
    "title", "name", "course", "course title", "course name", "training", "summary", "overview", "abstract", "objectives", "outcomes",
    "learning objectives", "learning outcomes", "audience", "target audience", "for whom", "prerequisites", "requirements",
    "prior knowledge", "content", "contents", "outline", "agenda", "syllabus", "methods", "teaching methods", "assessment",
    "evaluation method", "accessibility", "disability", "access", "enrolment", "access terms", "how to enrol", "results", "indicators",
    "trainer skills", "trainer profile",
}  # fmt: skip


def spoken(name: str) -> str:
    """The language a header is in, when it names a text and no language."""
    return "en" if name in ENGLISH else "fr"


def columns(headers: Sequence[str]) -> dict[str, int]:
    """field → column number; of two columns of one name, the first."""
    found: dict[str, int] = {}
    for number, header in enumerate(headers):
        field = field_of(header)
        if field and field not in found:
            found[field] = number
    return found


PROGRAMMES = Words(lambda cells: len(columns(cells)) if len(cells) > 1 else 0, lambda _header: False, clean_lines)

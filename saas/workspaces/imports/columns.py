"""Which column is what: guessed from the header's words, correctable, remembered by the last import of the client."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from saas.kit.names import fold

# Words of HR tools in French and English, folded. The first list of a field names it exactly; parts may be contained.
EXACT: dict[str, tuple[str, ...]] = {
    "employee_number": (
        "matricule", "n matricule", "numero matricule", "id", "employee id", "employee number", "worker id", "n agent",
        "numero agent", "code salarie", "id salarie", "personnel number", "staff id", "num matricule", "identifiant",
    ),
    "full_name": (
        "nom et prenom", "nom prenom", "prenom et nom", "prenom nom", "nom complet", "full name", "name", "collaborateur",
        "salarie", "employee", "worker", "employee name", "agent",
    ),
    "last_name": (
        "nom", "nom de famille", "nom usuel", "nom d usage", "last name", "surname", "family name", "legal last name",
        "lastname", "nom salarie",
    ),
    "first_name": ("prenom", "prenom usuel", "first name", "given name", "legal first name", "firstname", "forename"),
    "email": (
        "email", "e mail", "mail", "courriel", "adresse mail", "adresse e mail", "adresse mel", "adresse email", "mel",
        "work email", "email address", "courriel professionnel", "email professionnel", "mail professionnel", "email pro",
    ),
    "department": (
        "service", "departement", "direction", "pole", "department", "business unit", "cost center hierarchy", "unite",
        "organisation", "division", "team", "equipe", "supervisory organization",
    ),
    "site": ("site", "etablissement", "lieu", "lieu de travail", "agence", "location", "work location", "office", "ville"),
    "job_title": (
        "poste", "intitule du poste", "emploi", "fonction", "job title", "title", "business title", "position", "metier",
        "job profile", "intitule de poste", "libelle emploi",
    ),
    "line_manager": (
        "matricule n 1", "matricule manager", "manager id", "n 1", "responsable", "superieur hierarchique", "manager",
        "matricule responsable", "line manager", "matricule du manager", "responsable hierarchique", "supervisor",
    ),
    "entered_on": (
        "date d entree", "date entree", "date d embauche", "date embauche", "hire date", "start date", "date d anciennete",
    ),
    "language": ("langue", "language", "preferred language", "locale", "langue preferee"),
}  # fmt: skip
PARTS = {
    "email": ("mail", "courriel", "mel pro"),
    "first_name": ("prenom", "first name"),
    "last_name": ("nom de", "last name", "surname"),
    "employee_number": ("matricule",),
    "department": ("service", "department", "direction"),
    "job_title": ("poste", "title", "fonction"),
    "site": ("site", "location"),
    "entered_on": ("embauche", "entree", "hire"),
    "language": ("langue", "language"),
}
ABOUT_ANOTHER = re.compile(r"\b(manager|n 1|superieur|responsable|supervisor|perso|personnel|prive|conjoint|naissance)\b")
FIELDS = tuple(EXACT)


def key(header: str) -> str:
    """A header as it is compared."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(header)).split())


def field_of(header: str) -> tuple[str, int] | None:
    """The field that a header names and how surely (2 exactly, 1 in part)."""
    name = key(header)
    for field, words in EXACT.items():
        if name in words:
            return field, 2
    if ABOUT_ANOTHER.search(name):
        return None
    for field, parts in PARTS.items():
        if any(part in name for part in parts):
            return field, 1
    return None


def known_headers(headers: Sequence[str]) -> int:
    """How many different fields a line's cells name: what makes it a header line."""
    return len({found[0] for header in headers if header and (found := field_of(header))})


def guess(headers: Sequence[str], remembered: Mapping[str, int] | None = None) -> dict[str, int]:
    """field → column number. The surest header wins a field; a full name is not wanted beside a first and last name."""
    sure: dict[str, tuple[int, int]] = {}
    for column, header in enumerate(headers):
        found = field_of(header) if header else None
        if found and found[1] > sure.get(found[0], (0, 0))[0]:
            sure[found[0]] = (found[1], column)
    mapping = {field: column for field, (_, column) in sure.items()}
    if "first_name" in mapping and "last_name" in mapping:
        mapping.pop("full_name", None)
    elif "last_name" in mapping and "first_name" not in mapping and "full_name" not in mapping:
        mapping["full_name"] = mapping.pop("last_name")
    return {f: c for f, c in (mapping | dict(remembered or {})).items() if c < len(headers)}

"""The words that stand above the columns of a list of companies, in French and English, folded."""

from __future__ import annotations

from collections.abc import Sequence

from saas.workspaces.imports.tables import Words
from saas.workspaces.imports.vocabulary import key

HEADERS: dict[str, tuple[str, ...]] = {
    "name": (
        "nom", "raison sociale", "denomination", "denomination sociale", "societe", "entreprise", "client", "nom du client",
        "nom de l entreprise", "nom de la societe", "nom client", "compte", "organisation", "etablissement", "name", "company",
        "company name", "legal name", "customer", "customer name", "account", "account name", "organization", "libelle", "tiers",
    ),
    "siren": ("siren", "n siren", "numero siren", "no siren", "siren entreprise", "identifiant siren", "registration number"),
    "siret": ("siret", "n siret", "numero siret", "no siret", "siret siege", "siret du siege"),
    "street": ("adresse", "rue", "voie", "adresse 1", "adresse postale", "adresse de facturation", "street", "address", "address 1",
               "address line 1", "billing address", "street address"),
    "postcode": ("code postal", "cp", "postcode", "zip", "zip code", "postal code"),
    "city": ("ville", "commune", "localite", "city", "town"),
    "trade": ("secteur", "secteur d activite", "activite", "metier", "branche", "trade", "industry", "sector", "business"),
    "vat_number": ("tva", "n tva", "numero tva", "numero de tva", "tva intracommunautaire", "n tva intracommunautaire",
                   "numero de tva intracommunautaire", "tva intra", "vat", "vat number", "vat id", "tax id"),
    "hr_first_name": ("prenom", "prenom contact", "prenom du contact", "prenom rh", "prenom contact rh", "first name",
                      "contact first name", "hr first name"),
    "hr_last_name": ("nom contact", "nom du contact", "nom rh", "nom contact rh", "nom de famille", "last name",
                     "contact last name", "hr last name", "surname"),
    "hr_email": ("mail", "e mail", "email", "courriel", "adresse mail", "adresse e mail", "email contact", "mail contact",
                 "email du contact", "mail rh", "email rh", "e mail rh", "email contact rh", "contact email", "hr email",
                 "email address"),
    "language": ("langue", "language", "lang"),
    "colour": ("couleur", "couleur de marque", "colour", "color", "brand colour", "brand color"),
}  # fmt: skip
FIELDS = tuple(HEADERS)
BARE = ("nom", "name")


def field_of(header: str) -> str | None:
    """The field that a header names."""
    name = key(header)
    return next((field for field, words in HEADERS.items() if name in words), None)


def columns(headers: Sequence[str]) -> dict[str, int]:
    """field → column number; of two columns of one name, the first. Beside a "raison sociale", "nom" is the contact's."""
    found: dict[str, int] = {}
    bare = None
    for number, header in enumerate(headers):
        field = field_of(header)
        if field == "name" and key(header) in BARE:
            bare = number if bare is None else bare
        elif field and field not in found:
            found[field] = number
    if bare is not None:
        found.setdefault("hr_last_name" if "name" in found else "name", bare)
    if "name" not in found and len(headers) == 1:
        found["name"] = 0  # a bare list of names
    return found


COMPANIES = Words(lambda cells: len(columns(cells)) if len(cells) > 1 else int(bool(field_of(cells[0]))), lambda _header: False)

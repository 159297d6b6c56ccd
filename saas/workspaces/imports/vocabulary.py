"""The words that HR tools put above their columns, in French and English, folded (see saas.kit.names.fold)."""

from __future__ import annotations

import re

from saas.kit.names import fold

# What a header is called when it names a field and nothing else.
EXACT: dict[str, tuple[str, ...]] = {
    "employee_number": (
        "matricule", "n matricule", "numero matricule", "no matricule", "num matricule", "matricule salarie", "matricule paie",
        "matricule rh", "id", "employee id", "employee number", "employee no", "worker id", "n agent", "numero agent",
        "no agent", "code salarie", "code agent", "id salarie", "id collaborateur", "numero salarie", "n salarie",
        "personnel number", "personnel no", "person number", "staff id", "staff number", "identifiant", "emplid", "pernr",
        "identifiant rh", "id employe", "numero d employe", "payroll number", "payroll id", "user employee id",
    ),
    "full_name": (
        "nom et prenom", "nom prenom", "nom prenoms", "noms et prenoms", "prenom et nom", "prenom nom", "nom complet",
        "full name", "name", "collaborateur", "collaboratrice", "salarie", "salaries", "employe", "employee", "worker",
        "employee name", "worker name", "display name", "agent", "nom de l agent", "nom du salarie", "nom du collaborateur",
        "participant", "stagiaire", "nom affiche", "identite", "name last first", "last name first name", "beneficiaire",
    ),
    "last_name": (
        "nom", "nom de famille", "nom usuel", "nom d usage", "nom marital", "nom patronymique", "nom usage", "last name",
        "surname", "family name", "legal last name", "lastname", "nom salarie", "nom de naissance", "preferred last name",
        "nom agent", "noms",
    ),
    "first_name": (
        "prenom", "prenoms", "prenom usuel", "prenom usage", "first name", "given name", "legal first name", "firstname",
        "forename", "preferred first name", "prenom salarie", "prenom agent", "known as",
    ),
    "email": (
        "email", "e mail", "mail", "courriel", "adresse mail", "adresse e mail", "adresse mel", "adresse email", "mel",
        "work email", "email work", "primary work email", "business email", "company email", "email address", "e mail address",
        "courriel professionnel", "email professionnel", "mail professionnel", "email pro", "mail pro", "adresse electronique",
        "adresse de messagerie", "messagerie", "courriel pro", "adresse mail professionnelle", "adresse courriel",
        "adresse email professionnelle", "upn", "user principal name", "primary email",
    ),
    "department": (
        "service", "departement", "direction", "pole", "department", "business unit", "cost center hierarchy", "unite",
        "organisation", "division", "team", "equipe", "supervisory organization", "entite", "service affectation", "secteur",
        "libelle service", "unite organisationnelle", "uo", "organization", "org unit", "department name", "bu", "affectation",
        "branche", "function", "cost centre", "cost center",
    ),
    "site": (
        "site", "etablissement", "lieu", "lieu de travail", "agence", "location", "work location", "office", "ville", "usine",
        "libelle etablissement", "lieu d affectation", "residence administrative", "magasin", "branch", "plant", "city",
        "office location", "work site", "implantation",
    ),
    "job_title": (
        "poste", "intitule du poste", "emploi", "fonction", "job title", "title", "business title", "position", "metier",
        "job profile", "intitule de poste", "libelle emploi", "libelle poste", "libelle de l emploi", "role", "job",
        "position title", "qualification", "grade", "intitule emploi", "poste occupe", "fonction occupee",
    ),
    "line_manager": (
        "matricule n 1", "matricule manager", "manager id", "n 1", "responsable", "superieur hierarchique", "manager",
        "matricule responsable", "line manager", "matricule du manager", "responsable hierarchique", "supervisor",
        "supervisor id", "reports to", "manager name", "nom du manager", "manager email", "email manager", "mail manager",
        "hierarchique", "superieur", "matricule superieur", "n 1 matricule", "manager direct", "email du manager",
        "manager employee id", "worker s manager", "chef de service", "responsable direct", "email n 1", "nom n 1",
    ),
    "entered_on": (
        "date d entree", "date entree", "date d embauche", "date embauche", "hire date", "start date", "date d anciennete",
        "entree", "date d arrivee", "anciennete", "date debut contrat", "date de debut", "original hire date", "date in",
        "date d entree groupe", "date d entree societe", "date entree societe",
    ),
    "left_on": (
        "date de sortie", "date sortie", "date de depart", "date depart", "termination date", "end date", "leaving date",
        "date fin contrat", "date de fin de contrat", "last day of work", "date de fin", "sortie", "fin de contrat",
    ),
    "language": (
        "langue", "language", "preferred language", "locale", "langue preferee", "langue de correspondance", "langue parlee",
    ),
}  # fmt: skip
# What a longer header holds when it names a field among other words.
PARTS: dict[str, tuple[str, ...]] = {
    "email": ("mail", "courriel", "mel pro", "messagerie"),
    "first_name": ("prenom", "first name", "given name"),
    "last_name": ("nom de", "nom d usage", "last name", "surname", "family name"),
    "employee_number": ("matricule", "employee id", "worker id"),
    "department": ("service", "department", "direction", "organisation", "organization", "business unit"),
    "job_title": ("poste", "title", "fonction", "emploi"),
    "site": ("site", "location", "etablissement", "lieu de travail"),
    "entered_on": ("embauche", "entree", "hire"),
    "left_on": ("sortie", "termination", "depart"),
    "language": ("langue", "language"),
}
FIELDS = tuple(EXACT)
ABOUT_MANAGER = re.compile(r"\b(manager|n 1|superieur|responsable|supervisor|hierarchique|reports to)\b")
ABOUT_ANOTHER = re.compile(r"\b(n 2|perso|personnel|personnelle|personal|prive|private|conjoint|urgence|emergency|home)\b")
# Data that no training needs: it is not kept, not even on the way in (GDPR art. 5.1.c).
SENSITIVE = re.compile(
    r"\b(naissance|birth|ne le|nee le|age|securite sociale|secu|nir|social security|ssn|iban|rib|bic|salaire|remuneration|salary|"
    r"compensation|pay rate|nationalite|nationality|situation familiale|marital|enfants|children|sexe|genre|gender|religion|"
    r"handicap|rqth|disability|syndicat|union|adresse personnelle|adresse postale|home address|domicile|tel perso|"
    r"telephone personnel|portable perso|personal phone|mobile perso|permis|titre de sejour|passport)\b"
)
NAMES_OF_BIRTH = re.compile(r"^nom (de )?(naissance|jeune fille)$")


def key(header: str) -> str:
    """A header as it is compared."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(header)).split())


def is_sensitive(header: str) -> bool:
    """Whether a column holds what no training needs, by its header."""
    name = key(header)
    return bool(SENSITIVE.search(name)) and not NAMES_OF_BIRTH.match(name)


def field_of(header: str) -> tuple[str, int] | None:
    """The field that a header names and how surely (2 exactly, 1 in part)."""
    name = key(header)
    if not name or is_sensitive(header):
        return None
    for field, words in EXACT.items():
        if name in words:
            return field, 2
    if ABOUT_MANAGER.search(name):
        return "line_manager", 1
    if ABOUT_ANOTHER.search(name):
        return None
    for field, parts in PARTS.items():
        if any(part in name for part in parts):
            return field, 1
    return None


def known_headers(cells: list[str]) -> int:
    """How many different fields a line's cells name: what makes it a header line."""
    return len({found[0] for cell in cells if cell and len(cell) < 60 and (found := field_of(cell))})

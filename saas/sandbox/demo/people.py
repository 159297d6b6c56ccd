"""The demo's people: names as they are met in France today, drawn the same way each time."""

from __future__ import annotations

import random
from dataclasses import dataclass

from saas.kit.names import slugify

FIRST = [
    "Adèle",
    "Amandine",
    "Amine",
    "Anaïs",
    "Antoine",
    "Aurélie",
    "Aya",
    "Baptiste",
    "Béatrice",
    "Benoît",
    "Camille",
    "Capucine",
    "Cédric",
    "Chloé",
    "Clément",
    "Coralie",
    "Damien",
    "David",
    "Delphine",
    "Diane",
    "Élodie",
    "Émilie",
    "Étienne",
    "Fabien",
    "Fanny",
    "Farid",
    "Fatou",
    "Florian",
    "Gaëlle",
    "Gaspard",
    "Guillaume",
    "Hakim",
    "Hélène",
    "Hugo",
    "Inès",
    "Ismaël",
    "Jeanne",
    "Jérôme",
    "Joël",
    "Julie",
    "Karim",
    "Khadija",
    "Laure",
    "Léa",
    "Léo",
    "Lina",
    "Loïc",
    "Louise",
    "Lucas",
    "Maëlle",
    "Manon",
    "Marc",
    "Margaux",
    "Mathieu",
    "Mehdi",
    "Mickaël",
    "Mohamed",
    "Nadia",
    "Nathan",
    "Nicolas",
    "Noémie",
    "Nora",
    "Olivier",
    "Ophélie",
    "Pascal",
    "Paul",
    "Pauline",
    "Quentin",
    "Rachid",
    "Raphaël",
    "Romain",
    "Rose",
    "Sabrina",
    "Salomé",
    "Samir",
    "Sarah",
    "Sébastien",
    "Sofiane",
    "Solène",
    "Sonia",
    "Stéphane",
    "Sylvie",
    "Tanguy",
    "Théo",
    "Thomas",
    "Valérie",
    "Victor",
    "Yann",
    "Yasmine",
    "Zoé",
]
LAST = [
    "Aubert",
    "Barbier",
    "Belkacem",
    "Benali",
    "Bensaïd",
    "Berger",
    "Bernard",
    "Blanchard",
    "Bonnet",
    "Boucher",
    "Bourgeois",
    "Brunet",
    "Caron",
    "Chevalier",
    "Clerc",
    "Colin",
    "Cordier",
    "Costa",
    "Da-Silva",
    "Delmas",
    "Diallo",
    "Diop",
    "Drouet",
    "Dubois",
    "Dumas",
    "Dupont",
    "Durand",
    "Fabre",
    "Faure",
    "Fernandez",
    "Ferrand",
    "Fontaine",
    "Fournier",
    "Gaillard",
    "Garnier",
    "Gauthier",
    "Gérard",
    "Girard",
    "Guérin",
    "Haddad",
    "Henry",
    "Jacquet",
    "Joly",
    "Keller",
    "Lacroix",
    "Lambert",
    "Laurent",
    "Lefèvre",
    "Legrand",
    "Lemaire",
    "Leroy",
    "Lopez",
    "Marchand",
    "Martinez",
    "Masson",
    "Mercier",
    "Meyer",
    "Moreau",
    "Morel",
    "Muller",
    "Nguyen",
    "Nicolas",
    "Noël",
    "Ollier",
    "Perret",
    "Perrin",
    "Petit",
    "Picard",
    "Pires",
    "Renard",
    "Rey",
    "Richard",
    "Rivière",
    "Robin",
    "Roche",
    "Rolland",
    "Roussel",
    "Roux",
    "Royer",
    "Sanchez",
    "Schmitt",
    "Simon",
    "Tessier",
    "Thomas",
    "Traoré",
    "Vasseur",
    "Vial",
    "Vidal",
    "Vincent",
    "Weber",
    "Zéller",
]
ABROAD = (
    ("Astrid", "Lindqvist"),
    ("Oliver", "Hughes"),
    ("Freja", "Madsen"),
    ("Emma", "Whitaker"),
    ("Jonas", "Holm"),
    ("Priya", "Nair"),
)
JOBS = (
    "Responsable d’équipe", "Cheffe de projet", "Chef d’atelier", "Responsable de site", "Directrice adjointe", "Manager de proximité",
    "Responsable logistique", "Coordinateur", "Responsable qualité", "Cheffe de service", "Responsable relation client",
)  # fmt: skip
JOBS_EN = ("Team lead", "Area manager", "Project manager", "Head of dispatch", "Site manager", "Operations lead")


@dataclass(frozen=True, slots=True)
class Person:
    first: str
    last: str
    email: str
    number: str
    department: str
    site: str
    job: str
    language: str


def people(slug: str, count: int, departments: tuple[str, ...], sites: tuple[str, ...], english: float) -> list[Person]:
    """`count` people of a client, the same each time; `english` is the share that reads English."""
    draw = random.Random(f"cordee-{slug}")
    initials = "".join(word[0] for word in slug.split("-")).upper()
    seen: set[str] = set()
    found: list[Person] = []
    while len(found) < count:
        speaks_english = draw.random() < english
        foreign = speaks_english and draw.random() < 0.5
        first, last = draw.choice(ABROAD) if foreign else (draw.choice(FIRST), draw.choice(LAST))
        email = f"{slugify(first)}.{slugify(last)}@{slug}.example"
        if email in seen:
            continue
        seen.add(email)
        job = draw.choice(JOBS_EN if speaks_english else JOBS)
        language = "en" if speaks_english else "fr"
        place = draw.choice(departments), draw.choice(sites)
        found.append(Person(first, last, email, f"{initials}{4000 + len(found)}", *place, job, language))
    return found

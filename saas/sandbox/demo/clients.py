"""The demo's firm and its six clients, of different sizes and moods."""

from __future__ import annotations

from dataclasses import dataclass

STAFF = (
    ("Camille Lenoir", "camille.lenoir@equoranda.example", ["owner"], "Fonde et dirige Equoranda ; accompagne des comités de direction.", "Founder; works with management teams."),
    ("Marc Oudin", "marc.oudin@equoranda.example", ["advisor"], "Suit les clients industriels et la santé.", "Looks after industry and health."),
    ("Julie Perrin", "julie.perrin@equoranda.example", ["advisor"], "Suit les services et l’hôtellerie.", "Looks after services and hotels."),
    ("Inès Caradec", "ines.caradec@equoranda.example", ["trainer"], "Ancienne cheffe d’atelier, formatrice et coach depuis douze ans.", "A former workshop manager, trainer and coach for twelve years."),
    ("Sofia Belkacem", "sofia.belkacem@equoranda.example", ["trainer"], "Comédienne de formation, spécialiste des conversations difficiles.", "Trained as an actress; difficult conversations are her field."),
    ("Thomas Vial", "thomas.vial@equoranda.example", ["trainer"], "Facilitateur en codéveloppement.", "Facilitates co-development."),
    ("Nadia Ferrand", "nadia.ferrand@equoranda.example", ["accountant"], "Tient les comptes et les délais.", "Keeps the books and the deadlines."),
)  # fmt: skip

FIRM_SIRET = "99912077700019"


@dataclass(frozen=True, slots=True)
class ClientText:
    """One client company. `mood` decides how much has happened there: lively, steady, fading, quiet or starting."""

    slug: str
    name: str
    city: str
    trade: str
    colour: str
    language: str
    mood: str
    people: int
    hr: tuple[str, str]
    sponsor: tuple[str, str]
    siret: str
    street: str
    postcode: str
    departments: tuple[str, ...]
    sites: tuple[str, ...]
    english: float = 0.0


CLIENTS = (
    ClientText("alpes-industrie", "Alpes Industrie", "Grenoble", "métallurgie", "#0057b8", "fr", "lively", 90, ("Hélène", "Roux"), ("Bruno", "Castel"), "99912101500013", "14 avenue de la Houille-Blanche", "38100", ("Production", "Logistique", "Commerce", "Bureau d’études", "Qualité"), ("Meylan", "Chambéry", "Annecy", "Saint-Étienne"), 0.06),
    ClientText("vercors-sante", "Vercors Santé", "Die", "santé", "#1f6b4a", "fr", "steady", 64, ("Estelle", "Ravel"), ("Dr Alain", "Mermet"), "99912108000017", "3 chemin des Fontaines", "26150", ("Pôle chirurgie", "Pôle gériatrie", "Direction", "Logistique"), ("CH du Diois", "EHPAD Les Écrins", "HAD")),
    ClientText("maison-aubrac", "Maison Aubrac", "Lyon", "hôtellerie", "#7a2e5d", "fr", "lively", 52, ("Constance", "Delage"), ("Philippe", "Aubrac"), "99912115500017", "8 place Bellecour", "69002", ("Restauration", "Hébergement", "Réception", "Direction"), ("Bellecour", "Confluence", "Annecy")),
    ClientText("nordlys-energie", "Nordlys Énergie", "Lille", "énergie", "#0c6b58", "en", "steady", 48, ("Karen", "Mikkelsen"), ("Erik", "Sandberg"), "99912122100017", "21 rue de Tournai", "59800", ("Grid", "Finance", "Sales", "Dispatch"), ("Lille", "København", "Dunkerque"), 0.7),
    ClientText("banque-teranne", "Banque Téranne", "Bordeaux", "banque", "#8a5a00", "fr", "starting", 18, ("Guillemette", "Sarrazin"), ("Olivier", "Téranne"), "99912129600019", "2 cours du Chapeau-Rouge", "33000", ("Réseau", "Risques", "Siège"), ("Bordeaux", "Arcachon")),
    ClientText("opale-sante", "Opale Santé", "Calais", "santé", "#5b3fa0", "fr", "fading", 28, ("Maud", "Leclercq"), ("Jean-Luc", "Hennebelle"), "99912136100011", "45 rue de la Mer", "62100", ("Soins", "Administration", "Accueil"), ("Calais", "Boulogne")),
)  # fmt: skip

"""What the demo's managers say to each other: questions, answers, what helped, and what was kept of their rituals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    helped: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread, said so many days ago."""

    kind: str
    title: str
    body: str
    days: int
    replies: tuple[Reply, ...] = ()


R, Q = Reply, Talk
FRENCH = (
    Q("question", "Recadrer un ancien collègue devenu mon N-1 ?", "Il arrive en retard aux briefs depuis que je suis passée responsable. Nous étions dans la même équipe pendant six ans. Je n’arrive pas à lui parler sans que cela tourne à la plaisanterie.", 1,
      (R("J’ai commencé par redire ce que le rôle change, **à froid**, hors service. Le retard, seulement après. Il m’a dit merci deux semaines plus tard.", True), R("Chez moi c’est passé par une question : « qu’est-ce que tu ferais à ma place ? »"))),
    Q("question", "Un de mes chefs d’équipe ne veut plus déléguer", "Depuis l’incident de mars, il contrôle tout lui-même. Son équipe s’ennuie et lui s’épuise. Comment l’aider à relâcher sans lui donner l’impression que je minimise ?", 3, ()),
    Q("share", "Notre revue du lundi tient enfin en vingt minutes", "Trois questions, pas une de plus : ce qui est fini, ce qui bloque, ce qu’on n’entreprend pas cette semaine. La troisième a tout changé.", 5,
      (R("Je teste lundi. Qui écrit, chez vous ?"), R("À tour de rôle, sur une feuille A3 affichée. Le papier oblige à faire court.", True))),
    Q("question", "Annoncer un refus de prime à quelqu’un qui la mérite", "L’enveloppe est close. Elle a porté le projet tout l’été. Je ne veux ni mentir ni me défausser sur la direction.", 8,
      (R("J’ai dit : « la décision est prise, voici ce que j’ai défendu, voici ce que je peux faire d’ici juin ». Elle a eu la colère, et la confiance est restée.", True), R("Ne propose pas de compensation dans le même entretien. Laisse passer une nuit."), R("Et remercie devant l’équipe, avec les faits."))),
    Q("share", "Essai raté : les réunions debout", "Nous avons tenu trois semaines. Les plus à l’aise parlaient plus fort, les autres attendaient la fin. Nous revenons à la table, avec un tour de parole.", 12,
      (R("Merci de partager ce qui ne marche pas. Nous allions nous lancer."),)),
    Q("question", "Comment faites-vous pour couper le soir ?", "Je réponds à mon équipe jusqu’à vingt-deux heures et je me rends compte que je leur apprends à faire pareil.", 15,
      (R("J’ai retiré la messagerie de mon téléphone et donné mon numéro pour les vraies urgences. Deux appels en quatre mois.", True), R("J’écris le soir, j’envoie à huit heures."), R("Le dire à l’équipe à voix haute a compté plus que tout."))),
    Q("announcement", "Codév flash jeudi : il reste deux places de consultant", "Sujet retenu : « embarquer une équipe qui a déjà vécu trois réorganisations ». Quarante-cinq minutes, promis.", 20, (R("Je viens."),)),
    Q("question", "Accueillir une alternante quand tout le monde est débordé", "Elle arrive lundi. Personne n’a une heure devant soi cette semaine.", 26,
      (R("Un parrain par demi-journée plutôt qu’un tuteur à plein temps : cinq visages en une semaine.", True), R("Fais-lui écrire le guide d’accueil du suivant."))),
    Q("share", "La question qui débloque mes entretiens", "« De quoi aurais-tu besoin que je m’occupe moins ? » Silence garanti, puis du concret.", 33, (R("Essayée ce matin. Réponse : tes tableaux."), R("Noté."))),
    Q("question", "Deux équipes se renvoient la faute depuis des mois", "Maintenance et production. J’ai tout essayé sauf les mettre dans la même pièce.", 41,
      (R("Mets-les dans la même pièce avec **un** incident réel et sans diapositive. On a dessiné le film de la nuit heure par heure.", True), R("Invite quelqu’un d’un troisième service pour poser les questions naïves."))),
    Q("share", "Ce que j’ai retenu de la formation", "Je pensais manquer d’autorité. Je manquais de demandes claires. Depuis, je finis mes phrases par une date.", 55, (R("Je vole la formule."),)),
    Q("question", "Première évaluation d’un ancien chef", "Il a vingt ans de maison, j’en ai trois. Par quoi commencer ?", 70, (R("Par ce qu’il t’a appris.", True),)),
)  # fmt: skip
ENGLISH = (
    Q(
        "question",
        "How do you brief a night shift you never meet?",
        "I leave notes, they read half of them. Things get lost at every handover and it feels like two companies.",
        2,
        (R("We record a two-minute voice note at six. They answer with one. It changed the tone completely.", True),),
    ),
    Q(
        "share",
        "Walking one-to-ones along the canal",
        "Thirty minutes, no laptop, rain included. People say in the last five minutes what they never say at a desk.",
        9,
        (R("Stealing this for Copenhagen."), R("What do you do when it really rains?")),
    ),
    Q(
        "question",
        "A brilliant engineer who hates meetings",
        "He is right about most meetings. I still need him in two of them.",
        18,
        (R("Ask him to design those two meetings. Mine cut them to fifteen minutes and now never misses one.", True),),
    ),
)
TAKEAWAYS = (
    "- Demander *de quoi as-tu besoin ?* avant de proposer\n- Un seul sujet par séance, sinon on survole\n- Prochaine fois : Salomé présente son essai",
    "- Le tour de parole tient si quelqu’un garde le temps\n- Deux pratiques à essayer d’ici quinze jours\n- Remercier nommément, avec un fait",
)
SPACES = {
    "alpes-industrie": "Oser demander, oser répondre : des managers qui s’entraident d’un site à l’autre.",
    "vercors-sante": "Tenir ensemble quand l’équipe est en tension.",
    "maison-aubrac": "Le service vient de nous : partager ce qui marche, et ce qui casse.",
    "nordlys-energie": "One crew, three sites: learn from each other’s week.",
    "opale-sante": "Un lieu à nous pour souffler et progresser.",
}

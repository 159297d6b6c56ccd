"""The demo's catalogue: twelve programmes of management training, in French and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    fr: str
    en: str

    def plain(self) -> dict[str, str]:
        return {"fr": self.fr, "en": self.en}


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a programme and its points."""

    title: Text
    points: tuple[Text, ...]

    def content(self) -> dict[str, str]:
        """The points one a line, as a version keeps them."""
        return {"fr": "\n".join(point.fr for point in self.points), "en": "\n".join(point.en for point in self.points)}


@dataclass(frozen=True, slots=True)
class ProgrammeText:
    """A programme as it is written; `half_days` counts half-days of three and a half hours. Prices in euros."""

    reference: str
    title: Text
    summary: Text
    objectives: tuple[Text, ...]
    audience: Text
    prerequisites: Text
    modules: tuple[Module, ...]
    methods: Text
    assessment: Text
    half_days: int
    modality: str
    group: tuple[int, int]
    seat: int
    whole_group: int
    vat: str = "exempt"
    nsf: str = "310"
    results: Text | None = None


T, M = Text, Module
NONE = T("Aucun prérequis.", "No prerequisite.")
LEADS = T("Managers de proximité et intermédiaires encadrant une équipe.", "Front-line and middle managers who lead a team.")
PRACTICE = T(
    "Alternance d’apports brefs, de mises en situation filmées à partir de vos cas, et de travail en binômes entre deux journées.",
    "Short inputs, filmed role play on your own cases, and work in pairs between the two days.",
)
GRID = T(
    "Auto-positionnement avant, mise en situation évaluée sur grille à la fin, retour d’expérience à deux mois.",
    "Self-assessment before, a role play marked against a grid at the end, a follow-up after two months.",
)
ACCESS = T(
    "Accessible aux personnes en situation de handicap : notre référente vous rappelle sous deux jours pour adapter rythme, supports et lieu.",
    "Open to people with disabilities: our contact calls back within two days to adapt pace, material and venue.",
)
ENROLMENT = T(
    "Inscription par votre service RH ou auprès de nous, jusqu’à dix jours avant le début. Pour une session dans votre entreprise, comptez "
    "trois à six semaines entre la demande et le premier jour.",
    "Through your HR or with us, until ten days before the start. For a session inside your company, allow three to six weeks between the "
    "request and the first day.",
)

PROGRAMMES = (
    ProgrammeText(
        "EQ-MGT-01", T("Manager engagé", "The committed manager"),
        T("Tenir son rôle avec justesse : donner un cap, dire les choses, faire grandir son équipe.", "Hold your role with fairness: set a direction, say things, help the team grow."),
        (T("Formuler un cap en trois phrases que l’équipe peut redire.", "State a direction in three sentences the team can repeat."),
         T("Mener un entretien de recadrage en distinguant faits, effets et demande.", "Lead a corrective talk that separates facts, effects and request."),
         T("Choisir, pour chaque mission, le bon niveau de délégation.", "Choose the right level of delegation for each task."),
         T("Installer un rituel d’équipe utile et en mesurer l’effet.", "Start a useful team ritual and measure what it changes.")),
        LEADS, T("Encadrer une équipe depuis au moins six mois.", "To have led a team for at least six months."),
        (M(T("Mon rôle, ma marge", "My role, my room for manoeuvre"), (T("Ce que l’on attend de moi, ce que je m’autorise", "What is expected of me, what I allow myself"), T("Cartographier ses alliés", "Mapping one’s allies"))),
         M(T("Dire sans blesser", "Saying it without hurting"), (T("Le feedback en quatre temps", "Feedback in four steps"), T("Recadrer à froid", "Correcting with a cool head"))),
         M(T("Déléguer pour de vrai", "Really delegating"), (T("Quatre niveaux d’autonomie", "Four levels of autonomy"), T("Le contrat de délégation", "The delegation agreement"))),
         M(T("Faire vivre le collectif", "Keeping the team alive"), (T("Choisir un rituel", "Choosing a ritual"), T("Préparer la communauté de managers", "Getting ready for the managers’ community")))),
        PRACTICE, GRID, 4, "onsite", (6, 12), 1150, 6900,
    ),
    ProgrammeText(
        "EQ-MGT-02", T("Prendre ses fonctions de manager", "Becoming a manager"),
        T("Passer de collègue à responsable sans perdre la confiance ni le sommeil.", "From colleague to manager without losing trust or sleep."),
        (T("Annoncer son nouveau rôle à ses anciens collègues.", "Announce one’s new role to former colleagues."),
         T("Organiser ses trente premiers jours autour de cinq conversations.", "Organise the first thirty days around five conversations."),
         T("Repérer ses réflexes d’expert et décider quand les laisser de côté.", "Notice one’s expert reflexes and decide when to set them aside.")),
        T("Managers nommés depuis moins d’un an.", "Managers appointed less than a year ago."), NONE,
        (M(T("Changer de place", "Changing places"), (T("Deuils et gains du nouveau rôle", "What one loses and gains"), T("Se faire reconnaître sans s’imposer", "Being recognised without imposing"))),
         M(T("Les cinq conversations", "Five conversations"), (T("Son responsable, son équipe, ses pairs", "One’s boss, team and peers"), T("Le client interne, soi-même", "The internal customer, oneself")))),
        PRACTICE, GRID, 4, "onsite", (5, 12), 1090, 6400,
    ),
    ProgrammeText(
        "EQ-MGT-03", T("Conduire un entretien difficile", "Leading a difficult conversation"),
        T("Préparer, ouvrir et conclure les conversations que l’on repousse.", "Prepare, open and close the conversations one puts off."),
        (T("Préparer un entretien difficile en vingt minutes.", "Prepare a difficult conversation in twenty minutes."),
         T("Accueillir une émotion forte sans la juger ni la fuir.", "Meet a strong emotion without judging or fleeing it."),
         T("Conclure par un engagement daté et vérifiable.", "Close with a dated commitment that can be checked.")),
        LEADS, NONE,
        (M(T("Avant", "Before"), (T("Clarifier l’enjeu et la demande", "Clarifying stakes and request"), T("Choisir le moment", "Choosing the moment"))),
         M(T("Pendant", "During"), (T("Ouvrir en trois phrases", "Opening in three sentences"), T("Tenir le silence", "Holding silence"))),
         M(T("Après", "After"), (T("Écrire ce qui a été convenu", "Writing down what was agreed"), T("Prendre soin du lien", "Looking after the relationship")))),
        T("Un acteur professionnel joue vos interlocuteurs ; chacun rejoue sa scène deux fois.", "A professional actor plays the other person; everybody plays their scene twice."),
        GRID, 2, "onsite", (6, 10), 690, 4100,
    ),
    ProgrammeText(
        "EQ-MGT-04", T("Déléguer sans décrocher", "Delegating without letting go"),
        T("Confier, suivre de loin, reprendre à temps.", "Hand over, follow from afar, step back in in time."),
        (T("Distinguer ce qui se délègue de ce qui se partage.", "Tell what is delegated from what is shared."),
         T("Rédiger un contrat de délégation d’une page.", "Write a one-page delegation agreement."),
         T("Construire un suivi qui n’étouffe pas.", "Set up a follow-up that does not smother.")),
        LEADS, NONE,
        (M(T("Choisir quoi et à qui", "Choosing what and to whom"), (T("La grille enjeu-maturité", "The stakes and maturity grid"),)),
         M(T("Passer la main", "Handing over"), (T("Le brief inversé", "The reversed brief"), T("Le droit à l’erreur, ses limites", "The right to be wrong, and its limits"))),
         M(T("Suivre", "Following"), (T("Trois points de passage", "Three check points"),))),
        T("Trois modules à distance de trois heures, avec une expérience à mener entre chacun.", "Three remote modules of three hours, with an experiment to run between them."),
        GRID, 3, "remote", (6, 14), 620, 3900,
    ),
    ProgrammeText(
        "EQ-MGT-05", T("Piloter par les priorités", "Steering by priorities"),
        T("Choisir moins, finir plus, et l’assumer devant sa hiérarchie.", "Choose less, finish more, and stand by it."),
        (T("Traduire une stratégie en trois priorités d’équipe.", "Turn a strategy into three team priorities."),
         T("Refuser une demande avec une alternative.", "Decline a request with an alternative."),
         T("Tenir une revue hebdomadaire de vingt minutes.", "Run a weekly review of twenty minutes.")),
        LEADS, NONE,
        (M(T("Voir", "Seeing"), (T("Rendre la charge visible", "Making the load visible"),)),
         M(T("Choisir", "Choosing"), (T("Le coût du oui", "The cost of yes"), T("Négocier un délai", "Negotiating a deadline"))),
         M(T("Tenir", "Holding"), (T("La revue d’équipe", "The team review"),))),
        PRACTICE, GRID, 2, "remote", (6, 14), 540, 3300,
    ),
    ProgrammeText(
        "EQ-MGT-06", T("Manager à l’écoute", "The listening manager"),
        T("Écouter pour comprendre, questionner pour faire avancer.", "Listen to understand, ask to move things on."),
        (T("Reformuler sans interpréter.", "Reflect back without interpreting."),
         T("Poser une question qui ouvre une solution.", "Ask a question that opens a solution."),
         T("Repérer les signaux faibles d’un épuisement et orienter.", "Notice early signs of exhaustion and refer.")),
        LEADS, NONE,
        (M(T("Les niveaux d’écoute", "Levels of listening"), (T("S’écouter répondre", "Hearing oneself answer"),)),
         M(T("Questionner", "Asking"), (T("Questions ouvertes, fermées, fermantes", "Open, closed and closing questions"),)),
         M(T("Prévenir", "Preventing"), (T("Charge, reconnaissance, soutien", "Load, recognition, support"),))),
        PRACTICE, GRID, 4, "onsite", (6, 12), 1120, 6700,
    ),
    ProgrammeText(
        "EQ-MGT-07", T("Manager une équipe à distance", "Managing a remote team"),
        T("Garder le lien, la clarté et la confiance quand on ne se croise plus au café.", "Keep the bond, clarity and trust when nobody meets at the coffee machine."),
        (T("Écrire les règles du jeu de l’équipe hybride.", "Write the hybrid team’s rules of play."),
         T("Animer une réunion à distance où chacun parle.", "Run a remote meeting where everybody speaks."),
         T("Suivre le travail sans surveiller les personnes.", "Follow the work without watching the people.")),
        LEADS, NONE,
        (M(T("Le cadre", "The frame"), (T("Présence, absence, joignabilité", "Present, absent, reachable"),)),
         M(T("Le lien", "The bond"), (T("Rituels courts", "Short rituals"),)),
         M(T("Le travail", "The work"), (T("Objectifs visibles", "Visible objectives"),))),
        PRACTICE, GRID, 2, "remote", (6, 14), 520, 3200,
    ),
    ProgrammeText(
        "EQ-COM-01", T("Animer une communauté de managers", "Animating a managers’ community"),
        T("Le métier de pilote : un cap, des rituels, des ambassadeurs, et de la place pour les autres.", "The pilot’s craft: a direction, rituals, ambassadors, and room for others."),
        (T("Rédiger la charte d’une communauté avec ses membres.", "Write a community’s charter with its members."),
         T("Concevoir quatre rituels et leur calendrier sur un trimestre.", "Design four rituals and their calendar over a quarter."),
         T("Relancer une communauté qui s’essouffle.", "Revive a community that is losing steam.")),
        T("Pilotes et ambassadeurs désignés.", "Appointed pilots and ambassadors."), T("Avoir un mandat, même court.", "To have a mandate, however short."),
        (M(T("Le cap", "The direction"), (T("À quoi reconnaîtra-t-on que cela sert ?", "How will we know it is useful?"),)),
         M(T("Le rythme", "The rhythm"), (T("Codéveloppement flash, marché des pratiques", "Flash co-development, practice market"),)),
         M(T("La relève", "The succession"), (T("Partager l’animation", "Sharing the lead"),))),
        PRACTICE, GRID, 4, "blended", (4, 10), 1290, 7400,
    ),
    ProgrammeText(
        "EQ-COM-02", T("Faciliter le codéveloppement", "Facilitating co-development"),
        T("Conduire les six étapes sans les réciter, et protéger la confidentialité.", "Lead the six steps without reciting them, and protect confidentiality."),
        (T("Aider un pair à formuler sa demande en une question.", "Help a peer put a request into one question."),
         T("Tenir le temps et le cadre d’une séance de deux heures.", "Hold the time and frame of a two-hour session."),
         T("Conclure par un engagement et des apprentissages.", "Close with a commitment and what was learnt.")),
        T("Managers et responsables RH appelés à faciliter.", "Managers and HR who will facilitate."), T("Avoir participé à au moins deux séances.", "To have taken part in at least two sessions."),
        (M(T("Les six étapes", "The six steps"), (T("De l’exposé à la synthèse", "From account to synthesis"),)),
         M(T("La posture", "The posture"), (T("Questionner avant de conseiller", "Asking before advising"),))),
        PRACTICE, GRID, 4, "onsite", (5, 8), 1240, 6900,
    ),
    ProgrammeText(
        "EQ-RPS-01", T("Prévenir l’usure dans son équipe", "Preventing burn-out in one’s team"),
        T("Comprendre la charge, agir tôt, savoir passer le relais.", "Understand load, act early, know when to pass on."),
        (T("Identifier les facteurs de risque de son équipe.", "Identify the team’s risk factors."),
         T("Conduire un entretien de retour après un arrêt.", "Lead a return-to-work talk."),
         T("Construire un plan d’action à trois mois avec les RH.", "Build a three-month plan with HR.")),
        LEADS, NONE,
        (M(T("Comprendre", "Understanding"), (T("Exigences, moyens, soutien", "Demands, means, support"),)),
         M(T("Agir", "Acting"), (T("Réguler la charge", "Regulating the load"), T("Orienter sans diagnostiquer", "Referring without diagnosing")))),
        PRACTICE, GRID, 2, "onsite", (6, 12), 650, 3900,
    ),
    ProgrammeText(
        "EQ-DIR-01", T("Donner du sens au changement", "Giving meaning to change"),
        T("Dire pourquoi, écouter ce qui résiste, avancer par essais.", "Say why, listen to what resists, move by trials."),
        (T("Construire un récit de changement sincère en cinq minutes.", "Build a sincere five-minute story of change."),
         T("Transformer une objection en condition de réussite.", "Turn an objection into a condition for success."),
         T("Concevoir un essai de trente jours et son critère d’arrêt.", "Design a thirty-day trial and its stopping rule.")),
        T("Directeurs, chefs de projet, managers de managers.", "Directors, project leads, managers of managers."), NONE,
        (M(T("Pourquoi", "Why"), (T("Ce qui ne change pas", "What does not change"),)),
         M(T("Avec qui", "With whom"), (T("La carte des positions", "The map of positions"),)),
         M(T("Par où commencer", "Where to start"), (T("L’essai réversible", "The reversible trial"),))),
        PRACTICE, GRID, 4, "onsite", (6, 12), 1390, 8200,
    ),
    ProgrammeText(
        "EQ-COA-01", T("Accompagnement du comité de direction", "Support for the management team"),
        T("Six séances pour que l’équipe dirigeante travaille ses propres façons de décider.", "Six sessions for a management team to work on how it decides."),
        (T("Nommer les désaccords utiles.", "Name useful disagreements."),
         T("Décider par consentement sur un sujet réel.", "Decide by consent on a real matter.")),
        T("Comités de direction de quatre à dix personnes.", "Management teams of four to ten."), NONE,
        (M(T("Cadrage", "Framing"), (T("Entretiens individuels", "Individual talks"),)),
         M(T("Séances", "Sessions"), (T("Un sujet réel à chaque fois", "A real matter each time"),))),
        T("Conseil en organisation, hors champ de la formation professionnelle.", "Organisational consulting, outside vocational training."),
        T("Bilan écrit à la sixième séance.", "Written review at the sixth session."), 6, "onsite", (4, 10), 1800, 9600, vat="standard",
    ),
)  # fmt: skip

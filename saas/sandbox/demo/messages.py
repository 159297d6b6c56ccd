"""What the demo's clients and the firm write to each other, and who of the firm looks after whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from saas.identity.models import Member
from saas.kit.clock import now
from saas.sandbox.demo.clients import CLIENTS
from saas.workspaces.messages.models import DeskMessage
from tenants.db import db, new_id
from tenants.models import Workspace

MARC, JULIE = "Marc Oudin", "Julie Perrin"
# Client, hours ago, who of the firm wrote ("" for the client's HR), the words.
MESSAGES = (
    (0, 220, "", "Bonjour Marc, pourriez-vous ouvrir une deuxième date de « Faciliter le codéveloppement » ? Trois personnes attendent déjà une place."),
    (0, 197, MARC, "Bonjour Hélène, Thomas serait libre fin janvier. Je vous propose deux dates d’ici vendredi."),
    (0, 51, MARC, "Les deux dates : le 21 ou le 28 janvier, à Grenoble. Laquelle arrange le plus votre atelier ?"),
    (0, 5, "", "Le 28 conviendrait mieux à l’équipe de nuit. Est-il possible de commencer à 9 h 30 ?"),
    (1, 74, "", "Une participante vient avec un chien d’assistance : que faut-il prévoir dans la salle ?"),
    (1, 70, MARC, "Rien de particulier de votre côté : je préviens Sofia et l’accueil, et nous garderons la place près de la porte."),
    (3, 98, "", "Hello Marc, could the February session be held in English? Half of the team is in Copenhagen."),
    (3, 92, MARC, "Hello Karen, yes: Inès leads it in English. I will send you two dates in London this week."),
    (2, 28, JULIE, "Bonjour Constance, le compte rendu de la session de lundi est prêt : la feuille d’émargement est complète."),
)  # fmt: skip
LOOKED_AFTER = {0: 1, 1: 1, 3: 1, 2: 2, 4: 2, 5: 2}


def live(spaces: Sequence[UUID], staff: Sequence[UUID]) -> None:
    """Firm scope: conversations, the last one waiting for an answer."""
    for number, person in LOOKED_AFTER.items():
        db.session.execute(update(Workspace).where(Workspace.id == spaces[number]).values(advisor_id=staff[person]))
    for number, hours, who, words in MESSAGES:
        at = now() - dt.timedelta(hours=hours)
        writer = None if who else _hr(spaces[number])
        waits = not who and hours < 24
        db.session.add(
            DeskMessage(
                id=new_id(), workspace_id=spaces[number], side="firm" if who else "client", member_id=writer,
                by=who or " ".join(CLIENTS[number].hr), text=words, at=at, settled_at=None if waits else at + dt.timedelta(hours=4),
            )
        )  # fmt: skip


def _hr(workspace_id: UUID) -> UUID:
    found = select(Member.id).where(Member.workspace_id == workspace_id, Member.roles == ["hr"]).order_by(Member.id)
    return db.session.scalars(found).first() or new_id()

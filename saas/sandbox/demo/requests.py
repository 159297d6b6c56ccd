"""What the demo's people ask about their own data: corrections, one of them answered, and an erasure to decide on."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import select

from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import now, today
from saas.privacy.commands.erasures import a_month_after
from saas.privacy.models import Correction, Erasure
from saas.sandbox.demo.clients import CLIENTS
from tenants.db import db, new_id
from tenants.scope import Scope, inside

PERSONA = "manon.benali@alpes-industrie.example"
ANSWERED = ("Mon poste est « Cheffe d’équipe expédition » depuis septembre.", "C’est corrigé dans notre outil aussi. Merci !")
WAITING = "Mon nom de famille a changé : le fichier garde l’ancien matricule, le nouveau est sur ma carte."


def live(firm_id: UUID, workspace_id: UUID) -> None:
    """The first client: a persona's correction that was made, another's that waits, and somebody trained who asks to be erased."""
    with inside(Scope.workspace(firm_id, workspace_id)):
        here = select(Member).where(Member.left_at.is_(None), Member.roles == ["participant"]).order_by(Member.id)
        people = db.session.scalars(here).all()
        persona = next(person for person in people if person.email == PERSONA)
        trained = select(Enrolment.member_id).where(Enrolment.state == "attended").order_by(Enrolment.id)
        gone = next((i for i in db.session.scalars(trained) if i != persona.id), people[-1].id)
        waits = next(person for person in people if person.id not in (persona.id, gone))
        asked = now() - dt.timedelta(days=3)
        db.session.add_all(
            [
                Correction(
                    id=new_id(), member_id=persona.id, text=ANSWERED[0], state="done", answer=ANSWERED[1],
                    answered_by=" ".join(CLIENTS[0].hr), at=now() - dt.timedelta(days=12), answered_at=now() - dt.timedelta(days=11),
                ),
                Correction(id=new_id(), member_id=waits.id, text=WAITING, at=now() - dt.timedelta(hours=20)),
                Erasure(id=new_id(), member_id=gone, origin="person", at=asked, due_on=a_month_after(today() - dt.timedelta(days=3))),
            ]
        )  # fmt: skip

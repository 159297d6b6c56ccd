"""Mails of the demo: texts of one's own, what was sent and what came back, absences announced, needs said."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.absences.models import Absence
from saas.enrolments.letters import facts
from saas.enrolments.letters.kinds import named
from saas.enrolments.letters.models import ClientLetterText, LetterSettings, LetterText, Told
from saas.enrolments.models import Enrolment
from saas.enrolments.needs import commands as needs
from saas.identity.commands.links import prove
from saas.identity.commands.signing import Browser, Opens, end, sign_in
from saas.kit.clock import now
from saas.kit.i18n import reader_in
from saas.kit.mail import MailLog
from saas.kit.tokens import hashed
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id
from tenants.scope import Scope, inside

RULES = {
    "fr": "Respectez les consignes de sécurité du lieu d’accueil et les horaires convenus.\nPrévenez l’équipe de tout retard ou absence.\nCe qui se dit dans la salle y reste.\nToute difficulté se règle d’abord par le dialogue ; un manquement grave peut mettre fin à la participation, après que la personne a été entendue.",
    "en": "Follow the safety rules of the venue, and the hours agreed.\nTell the team of any delay or absence.\nWhat is said in the room stays in the room.\nDifficulties are first talked over; a grave breach can end somebody’s participation, after they have been heard.",
}  # fmt: skip
BRING = {
    "fr": "Une situation de management récente que vous souhaitez travailler, et de quoi écrire.",
    "en": "A recent situation as a manager that you wish to work on, and something to write with.",
}
TEXTS = (
    ("fr", "Votre convocation : {title}", "Plus que quelques jours avant « {title} » ! Toute l’équipe d’Equoranda se réjouit de vous accueillir.\n\nPrenez cinq minutes pour lire ce qui suit : tout y est.", "À très bientôt,\nL’équipe d’Equoranda"),
    ("en", "Your convocation: {title}", "Only a few days until “{title}”! All of us at Equoranda look forward to welcoming you.\n\nTake five minutes to read this: everything is here.", "See you very soon,\nThe Equoranda team"),
)  # fmt: skip
OF_CLIENT = ("Votre place est réservée pour « {title} », dans le cadre du parcours Cap Managers d’Alpes Industrie. Les dates sont jointes pour votre agenda ; elles y suivent la session si elle change.", "Un empêchement ? Dites-le au plus tôt depuis votre page : une autre personne d’Alpes Industrie pourra venir.")  # fmt: skip
NEEDS = (
    needs.Need(["vegetarian"], "", [], ""),
    needs.Need(["no-nuts"], "Sans trace de noisette, si possible.", [], ""),
    needs.Need([], "", ["hearing", "front"], ""),
    needs.Need(["no-pork"], "", ["step-free"], "Une place de parking près de l’entrée."),
)


def say(firm_id: UUID) -> None:
    """Firm scope: the firm's own words, and what its convocations say."""
    db.session.execute(update(FirmProfile).values(internal_rules=RULES))
    db.session.add(
        LetterSettings(
            id=firm_id, contact="Marc Oudin, 04 76 00 00 01", to_bring=BRING,
            access_contact="Camille Lenoir, référente handicap, 04 76 00 00 02",
        )
    )  # fmt: skip
    for language, subject, opening, closing in TEXTS:
        db.session.add(
            LetterText(
                kind="convocation", language=language, subject=subject, opening=opening, closing=closing, made_by="Camille Lenoir"
            )
        )


def say_to_client(workspace_id: UUID) -> None:
    """Firm scope: one client has a text of its own."""
    opening, closing = OF_CLIENT
    db.session.add(
        ClientLetterText(
            workspace_id=workspace_id, kind="seated", language="fr", subject="Cap Managers, votre inscription : {title}",
            opening=opening, closing=closing, made_by="Marc Oudin",
        )
    )  # fmt: skip


def send(draw: random.Random) -> None:
    """Firm scope: what was sent about the seats of sessions to come; one address does not take mail."""
    rows = seats()
    lost = draw.choice([row for row in rows if row.link.session.starts_at > now() + dt.timedelta(days=7)])
    lost.member.refused_email = lost.member.email_norm or ""
    for row in rows:
        tell(row, "seated", row.seated_at or now(), came_back=row is lost)
    near = [
        row for row in rows if row.link.session.state == "confirmed" and row.link.session.starts_at < now() + dt.timedelta(days=7)
    ]
    for row in near:
        tell(row, "convocation", row.link.session.starts_at - dt.timedelta(days=7))


def seats() -> Sequence[Enrolment]:
    session = joinedload(Enrolment.link).joinedload(SessionLink.session)
    found = (
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.state == "seated", TrainingSession.ends_at > now())
        .options(
            joinedload(Enrolment.member), session.joinedload(TrainingSession.version), session.selectinload(TrainingSession.slots)
        )
        .options(session.selectinload(TrainingSession.trainers))
        .order_by(TrainingSession.starts_at, Enrolment.id)
    )
    return db.session.scalars(found).all()


def tell(row: Enrolment, code: str, at: dt.datetime, *, came_back: bool = False) -> None:
    """A line of the log, and what the person knows since."""
    title = row.link.session.version.title[row.member.language]
    with reader_in(row.member.language):
        subject = f"{title}, {facts.dates_line(row.link.session)}"
    db.session.add(
        MailLog(
            id=new_id(), workspace_id=row.workspace_id, to=row.member.email or "", subject=subject, template=named(code), sent_at=at,
            about_id=row.id, member_id=row.member_id, message_id=f"<{new_id()}@demo>", state="bounced" if came_back else "sent", bounced_at=at if came_back else None,
            bounce="5.1.1" if came_back else "",
        )
    )  # fmt: skip
    known = db.session.scalars(select(Told).where(Told.enrolment_id == row.id)).first()
    if known is None:
        known = Told(workspace_id=row.workspace_id, enrolment_id=row.id, sequence=row.link.session.sequence)
        db.session.add(known)
    known.kind, known.at, known.facts = code, at, facts.as_told(row.link.session)
    known.convoked_at = at if code == "convocation" else known.convoked_at
    db.session.flush()


def live(scope: Scope) -> None:
    """In one client's space: two absences announced, and four people who said what they need."""
    with inside(scope):
        here = (
            select(Enrolment)
            .join(Enrolment.link)
            .join(SessionLink.session)
            .where(Enrolment.state == "seated", TrainingSession.starts_at > now())
            .options(
                joinedload(Enrolment.member),
                joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
            )
            .order_by(TrainingSession.starts_at, Enrolment.id)
        )
        rows = list(db.session.scalars(here).all())[: len(NEEDS)]
        for row, kind, reason in zip(
            rows, ("late", "absent"), ("Train de 8 h 12, arrivée vers 9 h 30.", "Comité de direction le matin."), strict=False
        ):
            start = row.link.session.slots[0].starts_at
            db.session.add(Absence(enrolment_id=row.id, starts_at=start, kind=kind, reason=reason, told_at=now()))
        people = [(row.id, row.member.email_norm) for row in rows]
    for (enrolment_id, address), need in zip(people, NEEDS, strict=False):
        with inside(Scope.platform()):
            account = prove(address) if address else None
            token = sign_in(account, Opens("demo"), Browser("demo")).token if account else ""
        if token:
            with inside(scope):
                needs.say(enrolment_id, hashed(token), need)
            with inside(Scope.platform()):
                end(token)

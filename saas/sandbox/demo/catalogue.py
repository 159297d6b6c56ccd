"""What the demo's catalogue has gone through: versions, an offer under the client's own title, a programme for one client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from saas.catalogue.commands import offers, programmes, versions
from saas.catalogue.commands.offers import Terms
from saas.catalogue.commands.versions import Wording
from saas.catalogue.models import Offer, Programme, ProgrammeVersion, TrainingSession
from saas.kit.clock import now, today
from saas.sandbox.demo.programmes import ACCESS, ENROLMENT, GRID, LEADS, NONE, PRACTICE, T
from tenants.db import db

RESULTS = T(
    "En 2026 : 212 personnes formées, 9,1 sur 10 de satisfaction (198 réponses), 2 abandons pour raison de santé.",
    "In 2026: 212 people trained, 9.1 out of 10 for satisfaction (198 answers), 2 withdrawals for health reasons.",
)
SKILLS = T(
    "Dix ans de management opérationnel, certification à l’analyse de pratiques.",
    "Ten years of operational management, certified in practice analysis.",
)
QUARTER = T("Tenir le quart d’heure sécurité", "Running the safety quarter-hour")
QUARTER_TEXTS = {
    "summary": T(
        "Faire du quart d’heure sécurité un moment où l’équipe parle vraiment du travail.",
        "Make the safety quarter-hour a moment when the team really talks about the work.",
    ),
    "audience": LEADS, "prerequisites": NONE, "methods": PRACTICE, "assessment": GRID, "accessibility": ACCESS, "access": ENROLMENT,
}  # fmt: skip


def live(spaces: Sequence[UUID]) -> None:
    """Firm scope, once everything else is there: what a catalogue looks like after some years."""
    programmes.show_catalogue(is_public=True)
    db.session.execute(
        update(ProgrammeVersion).values(published_at=now() - dt.timedelta(days=430), published_by="Camille Lenoir")
    )
    shown = update(TrainingSession).where(TrainingSession.kind == "inter", TrainingSession.starts_at > now())
    db.session.execute(shown.values(is_public=True))
    _second_version(spaces[0])
    _draft_of_another()
    _made_to_measure(spaces[0])
    _being_written()
    programmes.retire(_newest("EQ-DIR-01"))


def _newest(reference: str) -> ProgrammeVersion:
    found = select(ProgrammeVersion).join(ProgrammeVersion.programme)
    return db.session.scalars(found.where(Programme.reference == reference, ProgrammeVersion.is_newest)).one()


def _second_version(client: UUID) -> None:
    """The first programme has grown: one client has renewed, under a title of its own; the others keep the first version."""
    first = _newest("EQ-MGT-01")
    said = Wording.of(first)
    texts = {**said.texts, "results": RESULTS.plain(), "skills": SKILLS.plain()}
    texts["modules"] = [
        *said.texts["modules"],
        {
            "title": T("Après la formation", "After the training").plain(),
            "content": T("Un engagement à trente jours\nUne séance de codéveloppement", "A thirty-day commitment\nA co-development session").plain(),
        },
    ]  # fmt: skip
    second = versions.publish(
        versions.save(
            first, Wording(said.title, texts, {**said.facts, "price_seat_cents": 119_000, "languages": ["fr", "en"]}), 1
        )
    )
    row = db.session.scalars(select(Offer).where(Offer.programme_id == first.programme_id, Offer.workspace_id == client)).one()
    offers.renew(row)
    own = T("Manager engagé, parcours Alpes", "The committed manager, the Alpes path").plain()
    offers.change(row, Terms(row.price_cents, row.basis, None, today() + dt.timedelta(days=400), own))
    db.session.flush()
    second.published_at, second.published_by = now() - dt.timedelta(days=12), "Camille Lenoir"


def _draft_of_another() -> None:
    current = _newest("EQ-MGT-03")
    said = Wording.of(current)
    draft = versions.save(current, Wording(said.title, said.texts, {**said.facts, "price_seat_cents": 72_000}), 1)
    draft.edited_by = "Julie Perrin"


def _made_to_measure(client: UUID) -> None:
    texts = {name: text.plain() for name, text in QUARTER_TEXTS.items()}
    objectives = [
        T("Ouvrir le quart d’heure par un fait observé la veille.", "Open with a fact seen the day before.").plain(),
        T("Conclure par une action, un nom et une date.", "Close with an action, a name and a date.").plain(),
    ]
    version = programmes.publish_programme(
        "EQ-SUR-01", QUARTER.plain(), {**texts, "objectives": objectives, "modules": []}, minutes=210, days=1, modality="onsite",
        min_group=5, max_group=12, price_seat_cents=0, price_group_cents=240_000, vat="exempt", nsf_code="344", bpf_class="d",
        languages=["fr"], visibility="tailored", tailored_for=client,
    )  # fmt: skip
    offers.offer(version, client, 240_000, "group")


def _being_written() -> None:
    """A draft in French alone, which lacks most of what the public must be told."""
    version = programmes.create(
        "EQ-MGT-08",
        Wording(
            {"fr": "Recruter sans se tromper de question"},
            {
                "summary": {"fr": "Préparer, conduire et décider, sans se fier à la première impression."},
                "objectives": [{"fr": "Comprendre ses biais."}, {"fr": "Construire une grille d’entretien en cinq critères."}],
            },
            {"minutes": 420, "days": 2, "modality": "onsite", "min_group": 5, "max_group": 10, "price_seat_cents": 0,
             "price_group_cents": 0, "vat": "exempt", "nsf_code": "315", "bpf_class": "d", "languages": ["fr"]},
        ),
    )  # fmt: skip
    version.edited_by = "Julie Perrin"

"""What happens to seats at the demo's clients: kept without a name, handed on, moved, offered, prepaid; budgets and wishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from saas.catalogue.models import Offer, Programme, ProgrammeVersion, SessionLink, SessionSeats, TrainingSession
from saas.enrolments.models import Enrolment, EnrolmentEvent, Placeholder, SeatBudget, SeatCredit
from saas.enrolments.wishes.models import ProgrammeWish
from saas.identity.models import Member
from saas.kit.clock import now, today
from saas.sandbox.demo.clients import CLIENTS
from saas.workspaces.models import USUAL_CANCELLATION
from tenants.db import db, new_id
from tenants.scope import Scope, inside

BUDGETS = {0: (52_000, 60_000), 1: (30_000, 30_000), 2: (38_000, 40_000), 3: (24_000, 26_000)}
# Client, programme, days since, words, state, HR's answer; Alpes Industrie in French, Nordlys in English.
WISHES = (
    (0, "EQ-MGT-04", 2, "Mon équipe a doublé en six mois : je garde tout pour moi et je m’épuise.", "open", ""),
    (0, "EQ-MGT-06", 4, "Deux départs cette année, je voudrais comprendre plus tôt.", "open", ""),
    (0, "EQ-MGT-03", 9, "", "open", ""),
    (0, "EQ-MGT-04", 16, "Pour mieux passer la main à mes chefs de ligne.", "planned", "D’accord pour le printemps, dès qu’une date est ouverte."),
    (0, "EQ-MGT-07", 31, "Trois de mes techniciens sont à Chambéry.", "declined", "Pas cette année : la priorité va à Manager engagé. Reparlons-en à votre entretien."),
    (3, "EQ-MGT-06", 3, "I lead two shifts now, and one of them has stopped talking to me.", "open", ""),
    (3, "EQ-MGT-05", 12, "Everything is urgent in dispatch. I need to say no better.", "planned", "Yes: we are looking at a date in March."),
)  # fmt: skip


def live(spaces: Sequence[UUID]) -> None:
    """Firm scope, once every session has its people."""
    _prepaid(spaces[0])
    _kept(spaces[0])
    _handed_on(spaces[0])
    _moved(spaces[3])
    _offered(spaces[2], spaces[0])
    for number, amounts in BUDGETS.items():
        for year, euros in zip((today().year, today().year + 1), amounts, strict=True):
            hr = " ".join(CLIENTS[number].hr)
            db.session.add(SeatBudget(id=new_id(), workspace_id=spaces[number], year=year, amount_cents=euros * 100, by=hr))
    link = _links(spaces[1], "open")[-1]
    link.ceiling = 8
    db.session.flush()


def wish(firm_id: UUID, spaces: Sequence[UUID]) -> None:
    """What managers ask for; each is said in the space it belongs to."""
    with inside(Scope.firm(firm_id)):
        programmes = dict(db.session.execute(select(Programme.reference, Programme.id)).tuples().all())
    for number in sorted({row[0] for row in WISHES}):
        with inside(Scope.workspace(firm_id, spaces[number])):
            _wish_here(number, programmes)


def _wish_here(number: int, programmes: dict[str, UUID]) -> None:
    found = select(ProgrammeVersion.programme_id, Offer).join(Offer.version)
    offers = dict(db.session.execute(found).tuples().all())
    managers = db.session.scalars(select(Member).where(Member.roles == ["participant"]).order_by(Member.name_folded)).all()
    named = next((m for m in managers if m.name == "Manon Benali"), managers[0])
    people = [named, *(m for m in managers if m is not named)][:: max(len(managers) // 9, 1)]
    rows = [row for row in WISHES if row[0] == number]
    for (_n, reference, days, why, state, answer), person in zip(rows, people, strict=False):
        at = now() - dt.timedelta(days=days, hours=3)
        db.session.add(
            ProgrammeWish(
                id=new_id(), workspace_id=person.workspace_id, offer_id=offers[programmes[reference]].id, member_id=person.id, why=why,
                state=state, answer=answer, at=at, answered_by=" ".join(CLIENTS[number].hr) if answer else "",
                answered_at=at + dt.timedelta(days=1) if answer else None,
            )
        )  # fmt: skip


def _links(workspace_id: UUID, *states: str) -> Sequence[SessionLink]:
    """A client's ways into sessions to come, the nearest first."""
    found = select(SessionLink).join(SessionLink.session).where(SessionLink.workspace_id == workspace_id)
    found = found.where(TrainingSession.starts_at > now() + dt.timedelta(days=6), TrainingSession.state.in_(states))
    return db.session.scalars(found.order_by(TrainingSession.starts_at, SessionLink.id)).all()


def _people(link: SessionLink, state: str) -> Sequence[Enrolment]:
    found = select(Enrolment).where(Enrolment.link_id == link.id, Enrolment.state == state)
    return db.session.scalars(found.order_by(Enrolment.queued_at, Enrolment.id)).all()


def _took(session_id: UUID, number: int) -> None:
    db.session.execute(update(SessionSeats).where(SessionSeats.id == session_id).values(taken=SessionSeats.taken + number))


def _event(row: Enrolment, step: str, actor: str, at: dt.datetime) -> None:
    db.session.add(EnrolmentEvent(workspace_id=row.workspace_id, enrolment_id=row.id, at=at, actor=actor, step=step))


def _prepaid(client: UUID) -> None:
    """Twenty seats bought, some used by who is seated, one given back, one added in thanks."""
    seated = [row for link in _links(client, "open", "confirmed") for row in _people(link, "seated")][:6]
    moves: list[tuple[int, str, int, str, UUID | None]] = [(20, "bought", 96, "Contrat-cadre, commande AI-2217", None)]
    for n, row in enumerate(seated):
        row.covered = True
        moves.append((-1, "used", 30 - n, "", row.id))
    moves.append((1, "corrected", 12, "Une place offerte pour la journée pilote", None))
    for quantity, kind, days, note, enrolment_id in moves:
        ends = today().replace(month=12, day=31) + dt.timedelta(days=365) if kind == "bought" else None
        by = "Hélène Roux" if kind == "used" else "Marc Oudin"
        db.session.add(
            SeatCredit(
                id=new_id(), workspace_id=client, quantity=quantity, kind=kind, enrolment_id=enrolment_id, expires_on=ends, note=note,
                by=by, at=now() - dt.timedelta(days=days),
            )
        )  # fmt: skip
    db.session.flush()


def _kept(client: UUID) -> None:
    """Two seats of a session in some weeks, whose names come later."""
    link = _links(client, "open")[-1]
    for label in ("Équipe de nuit, Chambéry", "Équipe de nuit, Chambéry"):
        db.session.add(
            Placeholder(
                id=new_id(), workspace_id=client, link_id=link.id, label=label, price_cents=link.price_cents, vat="exempt",
                terms=[list(step) for step in USUAL_CANCELLATION], by="Hélène Roux", at=now() - dt.timedelta(days=3),
            )
        )  # fmt: skip
    _took(link.session_id, 2)


def _next(row: Enrolment, link: SessionLink, member_id: UUID, at: dt.datetime) -> Enrolment:
    """The seat that follows another one."""
    taken = Enrolment(
        id=new_id(), workspace_id=row.workspace_id, link_id=link.id, member_id=member_id, state="seated", price_cents=link.price_cents,
        vat=row.vat, terms=row.terms, requested_at=row.requested_at, seated_at=at, replaces_id=row.id,
    )  # fmt: skip
    row.ended_at = at
    db.session.add(taken)
    db.session.flush()
    return taken


def _handed_on(client: UUID) -> None:
    """Somebody cannot come; Manon Benali takes the seat."""
    hr, at = "Hélène Roux", now() - dt.timedelta(days=1, hours=2)
    link = next(link for link in _links(client, "open") if any(not row.covered for row in _people(link, "seated")))
    row = next(row for row in _people(link, "seated") if not row.covered)
    manon = select(Member).where(Member.workspace_id == client, Member.name_folded == Member.folded("Manon", "Benali"))
    row.state = "substituted"
    taken = _next(row, link, db.session.scalars(manon).one().id, at)
    _event(row, "substituted", hr, at)
    _event(taken, "took_over", hr, at)


def _moved(client: UUID) -> None:
    """Somebody moves to a later session of the same client."""
    hr, at = " ".join(CLIENTS[3].hr), now() - dt.timedelta(days=2)
    first, *later = _links(client, "open")
    row = _people(first, "seated")[0]
    busy = select(Enrolment.id).where(Enrolment.member_id == row.member_id)
    target = next(link for link in later if not db.session.scalars(busy.where(Enrolment.link_id == link.id)).first())
    row.state = "transferred"
    taken = _next(row, target, row.member_id, at)
    _event(row, "transferred", hr, at)
    _event(taken, "moved_in", hr, at)
    _took(first.session_id, -1)
    _took(target.session_id, 1)


def _offered(giver: UUID, waiter: UUID) -> None:
    """One client's person gives a seat of a full session back; the first in line, of another client, is offered it."""
    waiting = next(link for link in _links(waiter, "confirmed") if _people(link, "waiting"))
    theirs = select(SessionLink).where(SessionLink.session_id == waiting.session_id, SessionLink.workspace_id == giver)
    given = _people(db.session.scalars(theirs).one(), "seated")[0]
    at = now() - dt.timedelta(hours=4)
    given.state, given.ended_at = "withdrawn", at
    first = _people(waiting, "waiting")[0]
    first.state, first.offer_until = "offered", at + dt.timedelta(hours=48)
    _event(given, "withdrawn", given.member.name, at)
    _event(first, "offered", "Cordée", at)

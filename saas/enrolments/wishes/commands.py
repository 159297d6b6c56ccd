"""Wishing for a programme, and what becomes of wishes. In workspace scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from saas.catalogue.models import Offer, ProgrammeVersion, TrainingSession
from saas.enrolments.commands.steps import lock_members, must_be
from saas.enrolments.wishes.models import ProgrammeWish
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from tenants.db import db, new_id
from tenants.queue import later

LIVE = ("open", "planned")


def wish(offer: Offer, person: Member, why: str) -> ProgrammeWish:
    """Ask for a programme; asking again changes the words alone. Raises Refused for one that has left the catalogue."""
    if offer.ended_at is not None:
        raise Refused(_l("This programme is not in your catalogue any more."), "offer")
    # Two clicks at once: the person's row is locked, so that the second finds the first.
    lock_members([person.id])
    known = db.session.scalar(
        select(ProgrammeWish).where(
            ProgrammeWish.offer_id == offer.id, ProgrammeWish.member_id == person.id, ProgrammeWish.state.in_(LIVE)
        )
    )
    if known is None:
        known = ProgrammeWish(id=new_id(), workspace_id=offer.workspace_id, offer_id=offer.id, member_id=person.id)
        db.session.add(known)
    known.why = why.strip()[:1000]
    db.session.flush()
    return known


def answer(row: ProgrammeWish, state: str, words: str) -> None:
    """HR says that a date will come (planned) or not (declined), in words; the person is told. Raises Refused."""
    must_be(row, *LIVE)
    if state == "declined" and not words.strip():
        raise Refused(_l("Say why: the person reads it."), "words")
    row.state, row.answer = state, words.strip()[:1000]
    row.answered_by, row.answered_at = actor_name(), now()
    db.session.flush()
    later("enrolments.wish_answered_mail", wish_id=row.id)


def withdraw(row: ProgrammeWish) -> None:
    """The person does not wish for it any more."""
    must_be(row, *LIVE)
    row.state, row.answered_at = "withdrawn", now()


def meet(session: TrainingSession, member_ids: Sequence[UUID]) -> int:
    """People got a seat of a programme: their wishes for it, in whatever version, are met; returns how many."""
    wished = (
        select(Offer.id)
        .join(ProgrammeVersion, ProgrammeVersion.id == Offer.version_id)
        .where(ProgrammeVersion.programme_id == session.version.programme_id)
    )
    met = (
        update(ProgrammeWish)
        .where(ProgrammeWish.member_id.in_(member_ids), ProgrammeWish.state.in_(LIVE), ProgrammeWish.offer_id.in_(wished))
        .values(state="met", answered_at=now())
        .returning(ProgrammeWish.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(met).all())

"""Reads of wishes. In workspace scope, but for the demand that staff reads across clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import Offer, ProgrammeVersion, SessionLink, TrainingSession
from saas.enrolments.models import OPEN
from saas.enrolments.wishes.commands import LIVE
from saas.enrolments.wishes.models import ProgrammeWish
from saas.kit.clock import now
from saas.workspaces.queries.people import within
from tenants.db import db


def wishes(state: str = "") -> Select[ProgrammeWish]:
    """The wishes of one's own people, the oldest first: those to answer, or those in one state; to be paged."""
    statement = within(select(ProgrammeWish).join(ProgrammeWish.member))
    return (
        statement.where(ProgrammeWish.state == (state or "open"))
        .options(joinedload(ProgrammeWish.member), joinedload(ProgrammeWish.offer).joinedload(Offer.version))
        .order_by(ProgrammeWish.at, ProgrammeWish.id)
    )


def counts() -> Mapping[str, int]:
    """How many wishes of one's own people are in each state."""
    statement = within(select(ProgrammeWish.state, func.count()).join(ProgrammeWish.member)).group_by(ProgrammeWish.state)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def wish(wish_id: UUID, member_id: UUID | None = None) -> ProgrammeWish:
    """One wish of one's own people; with member_id, only that person's own. 404 otherwise."""
    statement = select(ProgrammeWish).where(ProgrammeWish.id == wish_id)
    if member_id is None:
        statement = within(statement.join(ProgrammeWish.member))
    found = db.session.scalar(
        statement.options(joinedload(ProgrammeWish.member), joinedload(ProgrammeWish.offer).joinedload(Offer.version))
    )
    if found is None or (member_id is not None and found.member_id != member_id):
        abort(404)
    return found


def own(member_id: UUID) -> Sequence[ProgrammeWish]:
    """What one person wishes for, and how it was answered; the newest first, twenty at most."""
    rows = db.session.scalars(
        select(ProgrammeWish)
        .where(ProgrammeWish.member_id == member_id, ProgrammeWish.state.in_((*LIVE, "declined")))
        .options(joinedload(ProgrammeWish.offer).joinedload(Offer.version))
        .order_by(ProgrammeWish.at.desc())
        .limit(20)
    )
    return rows.all()


def dates(programme_ids: Sequence[UUID]) -> Mapping[UUID, SessionLink]:
    """The next open session of each of these programmes, by programme."""
    if not programme_ids:
        return {}
    rows = db.session.execute(
        select(ProgrammeVersion.programme_id, SessionLink)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(ProgrammeVersion.programme_id.in_(programme_ids))
        .where(TrainingSession.state.in_(OPEN), TrainingSession.starts_at > now())
        .options(joinedload(SessionLink.session))
        .order_by(TrainingSession.starts_at.desc())
    )
    return {row[0]: row[1] for row in rows}

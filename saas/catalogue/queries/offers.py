"""Reads of offers: those of a programme, and a client's catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from saas.catalogue.models import Offer, Programme, ProgrammeVersion, SessionLink, TrainingSession
from saas.kit.clock import now, today
from saas.kit.names import fold
from tenants.db import db


def is_live() -> ColumnElement[bool]:
    """Offers that are in a client's catalogue today."""
    day = today()
    return and_(
        Offer.ended_at.is_(None),
        or_(Offer.starts_on.is_(None), Offer.starts_on <= day),
        or_(Offer.until_on.is_(None), Offer.until_on >= day),
    )


def offers_of(programme_id: UUID) -> Sequence[Offer]:
    """Firm scope: the clients that have a programme in their catalogue, or will, each with its version."""
    statement = (
        select(Offer)
        .where(Offer.programme_id == programme_id, Offer.ended_at.is_(None))
        .options(joinedload(Offer.version))
        .order_by(Offer.created_at)
    )
    return db.session.scalars(statement).all()


def offer_of(offer_id: UUID) -> Offer:
    """Firm scope: one offer, ended or not, with its version and programme. 404 otherwise."""
    statement = (
        select(Offer).where(Offer.id == offer_id).options(joinedload(Offer.version).joinedload(ProgrammeVersion.programme))
    )
    found = db.session.scalar(statement)
    if found is None:
        abort(404)
    return found


def current_of(programme_id: UUID) -> ProgrammeVersion | None:
    """Firm scope: the version of a programme that is in force and on sale."""
    return db.session.scalar(
        select(ProgrammeVersion)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.programme_id == programme_id, ProgrammeVersion.is_current, Programme.state == "published")
    )


def offers() -> Sequence[Offer]:
    """Workspace scope: this client's whole catalogue."""
    return db.session.scalars(catalogue()).all()


def catalogue(search: str = "", modality: str = "") -> Select[Offer]:
    """Workspace scope: this client's catalogue, as a statement to be paged. `search` ignores accents, in both languages."""
    statement = (
        select(Offer)
        .join(Offer.version)
        .where(is_live(), _saying(search))
        .options(contains_eager(Offer.version))
        .order_by(Offer.created_at, Offer.id)
    )
    return statement.where(ProgrammeVersion.modality == modality) if modality else statement


def _saying(search: str) -> ColumnElement[bool]:
    """Each word in the programme's titles and summaries, or in the title adapted for this client."""
    adapted = func.lower(func.unaccent(func.concat_ws(" ", Offer.title["fr"].astext, Offer.title["en"].astext)))
    words = fold(search).split()[:8]
    return and_(
        true(),
        *(or_(ProgrammeVersion.searched.contains(w, autoescape=True), adapted.contains(w, autoescape=True)) for w in words),
    )


def offer_here(offer_id: UUID) -> Offer:
    """Workspace scope: one programme of this client's catalogue, today. 404 otherwise."""
    found = db.session.scalar(select(Offer).where(Offer.id == offer_id, is_live()).options(joinedload(Offer.version)))
    if found is None or found.version is None:
        abort(404)
    return found


def offer_for(version: ProgrammeVersion) -> Offer | None:
    """Workspace scope: the offer by which a version's programme is in this client's catalogue today."""
    return db.session.scalar(select(Offer).where(Offer.programme_id == version.programme_id, is_live()))


def has_session_of(version: ProgrammeVersion) -> bool:
    """Workspace scope: whether a session of this version is open to this client, past or to come."""
    statement = select(SessionLink.id).join(SessionLink.session).where(TrainingSession.version_id == version.id).limit(1)
    return db.session.scalar(statement) is not None


def links_to_come(programme_id: UUID, most: int = 6) -> Sequence[SessionLink]:
    """Workspace scope: this client's next dates of a programme, whatever the version."""
    statement = (
        select(SessionLink)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(
            ProgrammeVersion.programme_id == programme_id,
            TrainingSession.starts_at >= now(),
            TrainingSession.state.in_(("open", "confirmed")),
        )
        .options(contains_eager(SessionLink.session).contains_eager(TrainingSession.version))
        .order_by(TrainingSession.starts_at)
        .limit(most)
    )
    return db.session.scalars(statement).all()

"""Reads of sessions: the firm's, and those a client may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, select, text, true
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import SessionLink, SessionTrainer, TrainingSession
from saas.identity.models import StaffCard
from saas.kit.clock import now
from tenants.db import db
from tenants.scope import current_scope


def within_reach() -> ColumnElement[bool]:
    """What somebody limited to some clients may see of the sessions: those open to one of theirs, or to nobody yet."""
    clients = current_scope().clients
    if clients is None:
        return true()
    link = SessionLink.__table__.c  # the table: other clients' links are hidden from the model
    of = select(link.id).where(link.firm_id == TrainingSession.firm_id, link.session_id == TrainingSession.id)
    of = of.correlate(TrainingSession)
    return of.where(link.workspace_id.in_(clients)).exists() | ~of.exists()


def sessions(past: bool = False, trainer: UUID | None = None) -> Select[TrainingSession]:
    """Firm scope: sessions to come (or past, the newest first), as a statement to be paged."""
    statement = (
        select(TrainingSession)
        .where(within_reach())
        .options(joinedload(TrainingSession.version), joinedload(TrainingSession.seats), selectinload(TrainingSession.links))
    )
    if trainer:
        own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == trainer)
        statement = statement.where(TrainingSession.id.in_(own))
    if past:
        return statement.where(TrainingSession.ends_at < now()).order_by(TrainingSession.starts_at.desc())
    return statement.where(TrainingSession.ends_at >= now()).order_by(TrainingSession.starts_at)


def session(session_id: UUID, trainer: UUID | None = None) -> TrainingSession:
    """Firm scope: one session with everything its page shows. A trainer finds only their own. 404 otherwise."""
    statement = (
        select(TrainingSession)
        .where(TrainingSession.id == session_id, within_reach())
        .options(
            joinedload(TrainingSession.version),
            joinedload(TrainingSession.seats),
            joinedload(TrainingSession.slots),
            selectinload(TrainingSession.trainers).joinedload(SessionTrainer.card),
            selectinload(TrainingSession.links),
        )  # fmt: skip
    )
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None or (trainer and trainer not in {t.staff_id for t in found.trainers}):
        abort(404)
    return found


def links(past: bool = False) -> Select[SessionLink]:
    """Workspace scope: the sessions this client may use, as a statement to be paged."""
    statement = (
        select(SessionLink)
        .join(SessionLink.session)
        .where(TrainingSession.state != "draft")
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
    )
    if past:
        return statement.where(TrainingSession.ends_at < now()).order_by(TrainingSession.starts_at.desc())
    return statement.where(TrainingSession.ends_at >= now()).order_by(TrainingSession.starts_at)


def link(link_id: UUID) -> SessionLink:
    """Workspace scope: one session as this client may use it. 404 otherwise."""
    found = db.session.scalar(
        select(SessionLink)
        .where(SessionLink.id == link_id)
        .options(
            joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(SessionLink.session).selectinload(TrainingSession.slots),
            joinedload(SessionLink.session).selectinload(TrainingSession.trainers).joinedload(SessionTrainer.card),
        )
    )
    if found is None or found.session.state == "draft":
        abort(404)
    return found


def link_of(workspace_id: UUID, link_id: UUID) -> SessionLink:
    """Firm scope: one client's link to a session. 404 otherwise."""
    found = db.session.scalar(select(SessionLink).where(SessionLink.workspace_id == workspace_id, SessionLink.id == link_id))
    if found is None:
        abort(404)
    return found


def availability(session_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Workspace scope: available, few or waiting, by session; never a count."""
    if not session_ids:
        return {}
    rows = db.session.execute(text("SELECT * FROM availability(:ids)"), {"ids": list(session_ids)})
    return {row[0]: row[1] for row in rows}


def trainers() -> Sequence[StaffCard]:
    """Firm scope: who may give sessions."""
    return db.session.scalars(select(StaffCard).where(StaffCard.trains).order_by(StaffCard.name)).all()

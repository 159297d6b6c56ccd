"""Where a seat came from and went, and where it could go. In workspace scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import case, or_, select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import ProgrammeVersion, SessionLink, TrainingSession
from saas.catalogue.queries.sessions import availability
from saas.enrolments.models import OPEN, Enrolment
from saas.enrolments.queries.seats import of_own_people
from saas.kit.clock import now
from tenants.db import db


def chain(row: Enrolment) -> Sequence[Enrolment]:
    """The seat that this one took over, and the one that took this one over."""
    near = Enrolment.replaces_id == row.id
    if row.replaces_id:
        near = or_(near, Enrolment.id == row.replaces_id)
    statement = select(Enrolment).where(near).order_by(Enrolment.requested_at, Enrolment.id)
    whole = of_own_people(statement).options(
        joinedload(Enrolment.member),
        joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
    )
    return db.session.scalars(whole).all()


def destinations(row: Enrolment) -> Sequence[SessionLink]:
    """The sessions a person can be moved to: those of the same programme first, the next date first; fifty at most."""
    version = row.link.session.version
    same = case((ProgrammeVersion.programme_id == version.programme_id, 0), else_=1)
    rows = db.session.scalars(
        select(SessionLink)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(TrainingSession.state.in_(OPEN), TrainingSession.starts_at > now(), SessionLink.id != row.link_id)
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
        .order_by(same, TrainingSession.starts_at)
        .limit(50)
    )
    return rows.all()


def destination(link_id: UUID) -> SessionLink:
    """One session a person is moved to. 404 when it is not this client's."""
    found = db.session.scalar(
        select(SessionLink)
        .where(SessionLink.id == link_id)
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
    )
    if found is None:
        abort(404)
    return found


def words(links: Sequence[SessionLink]) -> Mapping[UUID, str]:
    """available, few or waiting, by session."""
    return availability([link.session_id for link in links])

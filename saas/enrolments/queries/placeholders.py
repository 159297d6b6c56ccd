"""Reads of seats without a name yet. They are the whole client's: a limited HR finds none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import Placeholder
from saas.workspaces.queries.people import perimeter
from tenants.db import db


def held(link_id: UUID) -> Sequence[Placeholder]:
    """Workspace scope: a session's seats that wait for a name, in the order they were taken."""
    if perimeter():
        return []
    rows = db.session.scalars(
        select(Placeholder)
        .where(Placeholder.link_id == link_id, Placeholder.state == "held")
        .options(joinedload(Placeholder.link).joinedload(SessionLink.session))
        .order_by(Placeholder.at, Placeholder.id)
    )
    return rows.all()


def placeholder(placeholder_id: UUID) -> Placeholder:
    """Workspace scope: one seat without a name, or that has been given one. 404 otherwise."""
    found = db.session.scalar(
        select(Placeholder)
        .where(Placeholder.id == placeholder_id)
        .options(joinedload(Placeholder.link).joinedload(SessionLink.session).joinedload(TrainingSession.version))
    )
    if found is None or perimeter():
        abort(404)
    return found

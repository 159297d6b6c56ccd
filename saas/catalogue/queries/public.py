"""Reads of the public catalogue, in the public scope: what the firm shows to everybody, and nothing else of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from saas.catalogue import sheets
from saas.catalogue.models import Programme, ProgrammeVersion, TrainingSession
from saas.catalogue.queries.programmes import saying
from saas.kit.clock import now
from saas.workspaces.models import FirmProfile
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Date:
    """A session that the firm shows. No id, no count, no way in, no client."""

    language: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    venue: str
    address: str


def firm() -> Mapping[str, str]:
    """What the firm says of itself. 404 while it shows no catalogue."""
    if not db.session.scalar(select(FirmProfile.is_catalogue_public)):
        abort(404)
    return sheets.firm_facts()


def catalogue(search: str = "", modality: str = "") -> Select[ProgrammeVersion]:
    """The programmes on show, each at the version in force, by reference; as a statement to be paged."""
    statement = (
        select(ProgrammeVersion)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.is_current, saying(search))
        .options(contains_eager(ProgrammeVersion.programme))
        .order_by(Programme.reference)
    )
    return statement.where(ProgrammeVersion.modality == modality) if modality else statement


def programme(slug: str) -> ProgrammeVersion:
    """A programme on show by its address. 404 otherwise."""
    found = db.session.scalar(catalogue().where(Programme.slug == slug))
    if found is None:
        abort(404)
    return found


def dates(programme_id: UUID, most: int = 12) -> Sequence[Date]:
    """The next dates of a programme that the firm shows, whatever the version."""
    columns = (
        TrainingSession.language,
        TrainingSession.starts_at,
        TrainingSession.ends_at,
        TrainingSession.venue,
        TrainingSession.address,
    )
    rows = db.session.execute(
        select(*columns)
        .join(TrainingSession.version)
        .where(ProgrammeVersion.programme_id == programme_id, TrainingSession.starts_at >= now())
        .order_by(TrainingSession.starts_at)
        .limit(most)
    )  # fmt: skip
    return [Date(*row) for row in rows]


def next_dates(programme_ids: Sequence[UUID]) -> Mapping[UUID, dt.datetime]:
    """When each of these programmes starts next, among the dates on show."""
    if not programme_ids:
        return {}
    rows = db.session.execute(
        select(ProgrammeVersion.programme_id, func.min(TrainingSession.starts_at))
        .join(TrainingSession.version)
        .where(ProgrammeVersion.programme_id.in_(programme_ids), TrainingSession.starts_at >= now())
        .group_by(ProgrammeVersion.programme_id)
    )
    return {row[0]: row[1] for row in rows}


def addresses() -> Sequence[tuple[str, dt.datetime]]:
    """(slug, last changed) of every programme on show, for the site map: 50,000 at most, as the protocol has it."""
    rows = db.session.execute(
        select(Programme.slug, ProgrammeVersion.published_at)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.is_current)
        .order_by(Programme.slug)
        .limit(25_000)
    )
    return [(slug, published) for slug, published in rows if published]

"""Reads of programmes and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from saas.catalogue.models import Programme, ProgrammeVersion, TrainingSession
from saas.catalogue.queries.sessions import within_reach
from saas.kit.clock import now
from saas.kit.names import fold
from saas.workspaces.models import FirmProfile
from tenants.db import db

STATES = ("published", "draft", "retired")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of programmes is to show; empty words ask for nothing. `state` also takes "changed": a draft follows it."""

    search: str = ""
    state: str = ""
    visibility: str = ""
    modality: str = ""


def programmes() -> Sequence[ProgrammeVersion]:
    """Firm scope: the version in force of each programme on sale, by reference."""
    statement = (
        select(ProgrammeVersion)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.is_current, Programme.state == "published")
        .options(contains_eager(ProgrammeVersion.programme))
        .order_by(Programme.reference)
    )
    return db.session.scalars(statement).all()


def saying(search: str) -> ColumnElement[bool]:
    """Programmes whose reference, titles or summaries hold each word, in either language, whatever the accents."""
    words = fold(search).split()[:8]
    holds = (
        or_(ProgrammeVersion.searched.contains(word, autoescape=True), Programme.searched.contains(word, autoescape=True))
        for word in words
    )
    return and_(true(), *holds)


def _found(wanted: Wanted) -> Select[ProgrammeVersion]:
    statement = select(ProgrammeVersion).join(ProgrammeVersion.programme).where(ProgrammeVersion.is_newest, saying(wanted.search))
    if wanted.visibility:
        statement = statement.where(Programme.visibility == wanted.visibility)
    if wanted.modality:
        statement = statement.where(ProgrammeVersion.modality == wanted.modality)
    return statement


def listed(wanted: Wanted) -> Select[ProgrammeVersion]:
    """Firm scope: the newest version of each programme asked for, by reference, as a statement to be paged."""
    statement = _found(wanted).options(contains_eager(ProgrammeVersion.programme)).order_by(Programme.reference, Programme.id)
    if wanted.state == "changed":
        return statement.where(Programme.state == "published", ProgrammeVersion.published_at.is_(None))
    if wanted.state in STATES:
        return statement.where(Programme.state == wanted.state)
    return statement.where(Programme.state != "retired")


def counts(wanted: Wanted) -> Mapping[str, int]:
    """Firm scope: how many programmes each state holds, with the other filters as they are; "" is all but the retired."""
    is_changed = and_(Programme.state == "published", ProgrammeVersion.published_at.is_(None))
    found = (
        _found(wanted).with_only_columns(Programme.state, func.count(), func.count().filter(is_changed)).group_by(Programme.state)
    )
    rows = {state: (number, changed) for state, number, changed in db.session.execute(found)}
    numbers = {state: rows.get(state, (0, 0))[0] for state in STATES}
    return numbers | {"": numbers["published"] + numbers["draft"], "changed": rows.get("published", (0, 0))[1]}


def version(version_id: UUID) -> ProgrammeVersion:
    """One version this scope may read. 404 otherwise."""
    found = db.session.scalar(select(ProgrammeVersion).where(ProgrammeVersion.id == version_id))
    if found is None:
        abort(404)
    return found


def version_with_programme(version_id: UUID) -> ProgrammeVersion:
    """Firm scope: one version and the programme it is of. 404 otherwise."""
    statement = select(ProgrammeVersion).where(ProgrammeVersion.id == version_id).options(joinedload(ProgrammeVersion.programme))
    found = db.session.scalar(statement)
    if found is None:
        abort(404)
    return found


def versions_of(programme_id: UUID) -> Sequence[ProgrammeVersion]:
    """Firm scope: all versions of a programme, the newest first."""
    statement = (
        select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme_id).order_by(ProgrammeVersion.number.desc())
    )
    return db.session.scalars(statement).all()


def sessions_to_come(programme_id: UUID, most: int = 8) -> Sequence[TrainingSession]:
    """Firm scope: the next dates of a programme, whatever the version."""
    statement = (
        select(TrainingSession)
        .join(TrainingSession.version)
        .where(
            ProgrammeVersion.programme_id == programme_id,
            TrainingSession.ends_at >= now(),
            TrainingSession.state != "cancelled",
            within_reach(),
        )
        .options(contains_eager(TrainingSession.version))
        .order_by(TrainingSession.starts_at)
        .limit(most)
    )
    return db.session.scalars(statement).all()


def session_of(version: ProgrammeVersion, session_id: UUID) -> TrainingSession:
    """Firm scope: a date of this version's programme. 404 otherwise."""
    found = db.session.scalar(
        select(TrainingSession)
        .join(TrainingSession.version)
        .where(TrainingSession.id == session_id, ProgrammeVersion.programme_id == version.programme_id, within_reach())
    )
    if found is None:
        abort(404)
    return found


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """What the catalogue needs to know of the firm: whether the public can reach it, and whether it sees the catalogue."""

    has_contact: bool
    is_public: bool


def firm_facts() -> FirmFacts:
    """Firm scope."""
    row = db.session.execute(select(FirmProfile.email, FirmProfile.phone, FirmProfile.is_catalogue_public)).first()
    return FirmFacts(bool(row and (row[0] or row[1])), bool(row and row[2]))

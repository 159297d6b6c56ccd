"""Reads of trainers and their papers. In firm scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, any_, func, select
from sqlalchemy.orm import aliased

from saas.identity.models import Staff, StaffCard, StaffDocument
from saas.kit.clock import today
from saas.kit.documents import Document
from tenants.db import db

WARNED = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Trainer:
    """A trainer on the list: how many documents, how many of them ended, or end within thirty days."""

    card: StaffCard
    documents: int
    expired: int
    expiring: int


@dataclass(frozen=True, slots=True)
class File:
    """What the archive knows of a file."""

    key: str
    sha256: str
    filename: str


def trainers() -> list[Trainer]:
    """Everybody of the staff who trains, by name, with what becomes of their papers: one statement."""
    paper, now_ = StaffDocument, today()
    holds = ~_replaced(paper)
    counts = (
        select(
            paper.staff_id,
            func.count().label("all"),
            func.count().filter(paper.expires_on < now_, holds).label("expired"),
            func.count().filter(paper.expires_on.between(now_, now_ + WARNED), holds).label("expiring"),
        )
        .group_by(paper.staff_id)
        .subquery()
    )
    zero = func.coalesce
    rows = db.session.execute(
        select(StaffCard, zero(counts.c.all, 0), zero(counts.c.expired, 0), zero(counts.c.expiring, 0))
        .outerjoin(counts, counts.c.staff_id == StaffCard.id)
        .where(StaffCard.trains)
        .order_by(StaffCard.name)
    )
    return [Trainer(*row) for row in rows]


def _replaced(paper: type[StaffDocument]) -> ColumnElement[bool]:
    """Whether a newer paper of the same kind and person holds longer: then nobody minds that the old one ends."""
    newer = aliased(StaffDocument)
    same = select(newer.id).where(
        newer.firm_id == paper.firm_id, newer.staff_id == paper.staff_id, newer.kind == paper.kind, newer.id != paper.id
    )
    return same.where(newer.expires_on.is_(None) | (newer.expires_on > paper.expires_on)).exists()


def card(staff_id: UUID) -> StaffCard:
    """The card of somebody who trains, or trained. 404 for the rest of the staff."""
    found: StaffCard | None = db.session.scalar(
        select(StaffCard)
        .join(Staff, (Staff.firm_id == StaffCard.firm_id) & (Staff.id == StaffCard.id))
        .where(StaffCard.id == staff_id, any_(Staff.roles) == "trainer")
    )
    if found is None:
        abort(404)
    return found


def own_card(staff_id: UUID) -> StaffCard:
    """The card of whoever of the staff is looking, a trainer or not. 404 for somebody who is not of the staff."""
    found: StaffCard | None = db.session.scalar(select(StaffCard).where(StaffCard.id == staff_id))
    return found or abort(404)


def papers(staff_id: UUID) -> Sequence[StaffDocument]:
    """The documents of a trainer, what ends first on top."""
    rows = select(StaffDocument).where(StaffDocument.staff_id == staff_id)
    return db.session.scalars(rows.order_by(StaffDocument.expires_on.nulls_last(), StaffDocument.label)).all()


def paper(staff_id: UUID, document_id: UUID) -> StaffDocument:
    """One document of a trainer. 404 when it is not theirs."""
    found = db.session.scalar(select(StaffDocument).where(StaffDocument.id == document_id, StaffDocument.staff_id == staff_id))
    if found is None:
        abort(404)
    return found


def archived(paper: StaffDocument) -> File:
    """The file behind a document: its key, hash and name. It is the firm's own, so an advisor's clients do not limit it."""
    kept = Document.__table__.c
    found = select(kept.key, kept.sha256, kept.filename).where(kept.firm_id == paper.firm_id, kept.id == paper.document_id)
    return File(*db.session.execute(found).one())


def ending_papers(*columns: Any) -> Select[Any]:
    """Columns of papers (StaffDocument, StaffCard) that ended or end within thirty days, of people who train today."""
    return (
        select(*columns)
        .select_from(StaffDocument)
        .join(StaffCard, (StaffCard.firm_id == StaffDocument.firm_id) & (StaffCard.id == StaffDocument.staff_id))
        .where(StaffCard.trains, StaffDocument.expires_on <= today() + WARNED, ~_replaced(StaffDocument))
    )

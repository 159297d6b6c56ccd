"""Reads of attendance and certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import select, text

from saas.catalogue.models import Slot
from saas.delivery.models import AttendanceMark, Certificate, CounterSignature
from saas.kit.documents import Document
from tenants.db import db


def slot(slot_id: UUID, session_id: UUID) -> Slot:
    """One half-day of a session. 404 when it is another session's."""
    found = db.session.scalar(select(Slot).where(Slot.id == slot_id, Slot.session_id == session_id))
    if found is None:
        abort(404)
    return found


def marks_of(enrolment_id: UUID) -> Mapping[UUID, AttendanceMark]:
    """Workspace scope: what one person has signed, by half-day."""
    rows = db.session.scalars(select(AttendanceMark).where(AttendanceMark.enrolment_id == enrolment_id))
    return {row.slot_id: row for row in rows}


def countersigned(session_id: UUID) -> Mapping[UUID, CounterSignature]:
    """Firm scope: the half-days that the trainer has signed."""
    rows = db.session.scalars(select(CounterSignature).where(CounterSignature.session_id == session_id))
    return {row.slot_id: row for row in rows}


def certificate_of(enrolment_id: UUID) -> Certificate | None:
    """Workspace scope: the certificate of a seat."""
    return db.session.scalar(select(Certificate).where(Certificate.enrolment_id == enrolment_id))


def certificates(enrolment_ids: Sequence[UUID]) -> Mapping[UUID, Certificate]:
    """The certificates of some seats, by seat."""
    if not enrolment_ids:
        return {}
    rows = db.session.scalars(select(Certificate).where(Certificate.enrolment_id.in_(enrolment_ids)))
    return {row.enrolment_id: row for row in rows}


def document(document_id: UUID) -> Document:
    """An archived file of this scope. 404 otherwise."""
    found = db.session.scalar(select(Document).where(Document.id == document_id))
    if found is None:
        abort(404)
    return found


def by_code(code: str) -> tuple[dict[str, Any], Any] | None:
    """Platform scope: what a certificate's code stands for, for anybody who holds it."""
    row = db.session.execute(text("SELECT data, issued_at FROM certificate_by_code(:code)"), {"code": code}).one_or_none()
    return (row.data, row.issued_at) if row else None

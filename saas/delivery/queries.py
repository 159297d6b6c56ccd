"""Reads of attendance and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import func, select, text

from saas.catalogue.models import SessionLink, Slot
from saas.delivery.models import AttendanceMark, Certificate, CounterSignature
from saas.enrolments.models import Enrolment
from saas.kit.documents import Document
from tenants.db import db

PRESENT = ("seated", "attended", "absent")  # states of those whom a sheet counts


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


def progress(session_id: UUID) -> tuple[Mapping[UUID, int], int]:
    """Firm scope: how many people signed each half-day of a session, and how many certificates there are: one statement."""
    people = (
        select(Enrolment.id)
        .join(Enrolment.link)
        .where(SessionLink.session_id == session_id, Enrolment.state.in_(PRESENT))
        .correlate(None)
    )
    signed = select(func.count(AttendanceMark.id)).where(AttendanceMark.enrolment_id.in_(people))
    certificates = select(func.count(Certificate.id)).where(Certificate.enrolment_id.in_(people)).scalar_subquery()
    rows = db.session.execute(
        select(Slot.id, signed.where(AttendanceMark.slot_id == Slot.id).correlate(Slot).scalar_subquery(), certificates).where(
            Slot.session_id == session_id
        )
    ).all()
    return {row[0]: row[1] for row in rows}, rows[0][2] if rows else 0


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

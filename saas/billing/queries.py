"""Reads of billing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from saas.billing.models import Invoice, Payment
from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import Enrolment
from saas.kit.clock import now, today
from saas.kit.documents import Document
from tenants.db import db


def invoices(workspace_id: UUID | None = None) -> Select[Invoice]:
    """Invoices of this scope, drafts first, then the newest, as a statement to be paged."""
    statement = select(Invoice).options(selectinload(Invoice.payments))
    if workspace_id is not None:
        statement = statement.where(Invoice.workspace_id == workspace_id)
    return statement.order_by(Invoice.issued_on.desc().nulls_first(), Invoice.number.desc(), Invoice.id)


def invoice(invoice_id: UUID) -> Invoice:
    """One invoice of this scope. 404 otherwise."""
    found = db.session.scalar(
        select(Invoice).where(Invoice.id == invoice_id).options(selectinload(Invoice.lines), selectinload(Invoice.payments))
    )
    if found is None:
        abort(404)
    return found


def document(document_id: UUID) -> Document:
    found = db.session.scalar(select(Document).where(Document.id == document_id))
    if found is None:
        abort(404)
    return found


def standing(row: Invoice) -> str:
    """draft, paid, part-paid, late, credited, credit or due: computed from payments, never stored."""
    if row.state == "draft":
        return "draft"
    if row.kind == "credit":
        return "credit"
    if row.due_cents <= 0:
        return "credited" if any(p.method == "credit" for p in row.payments) else "paid"
    if row.due_on and row.due_on < today():
        return "late"
    return "part-paid" if row.payments else "due"


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An issued invoice with something still owed, in cents incl. VAT."""

    id: UUID
    workspace_id: UUID
    number: str
    due_on: dt.date
    cents: int

    @property
    def is_late(self) -> bool:
        return self.due_on < today()


def unpaid() -> Sequence[Unpaid]:
    """Firm scope: what is still owed, the oldest due date first."""
    paid = select(Payment.invoice_id, func.sum(Payment.amount_cents).label("cents")).group_by(Payment.invoice_id).subquery()
    owed = Invoice.net_cents + Invoice.vat_cents - func.coalesce(paid.c.cents, 0)
    rows = db.session.execute(
        select(Invoice.id, Invoice.workspace_id, Invoice.number, Invoice.due_on, owed)
        .outerjoin(paid, paid.c.invoice_id == Invoice.id)
        .where(Invoice.state == "issued", Invoice.kind == "invoice", owed > 0)
        .order_by(Invoice.due_on)
    )
    return [Unpaid(row[0], row[1], row[2] or "", row[3] or today(), int(row[4])) for row in rows]


def to_invoice() -> Sequence[tuple[TrainingSession, UUID]]:
    """Firm scope: (session, client) pairs that were delivered and have no invoice yet."""
    invoiced = select(Invoice.id).where(
        Invoice.session_id == SessionLink.session_id,
        Invoice.workspace_id == SessionLink.workspace_id,
        Invoice.kind == "invoice",
    )
    billable = select(Enrolment.id).where(
        Enrolment.link_id == SessionLink.id, Enrolment.state.in_(("seated", "attended", "absent")), ~Enrolment.covered
    )
    rows = db.session.execute(
        select(TrainingSession, SessionLink.workspace_id)
        .join(
            SessionLink,
            (SessionLink.firm_id == TrainingSession.firm_id) & (SessionLink.session_id == TrainingSession.id),
        )
        .where(TrainingSession.ends_at < now(), TrainingSession.state.in_(("open", "confirmed", "running", "done")))
        .where(~invoiced.exists(), billable.exists())
        .options(joinedload(TrainingSession.version))
        .order_by(TrainingSession.ends_at)
        .limit(100)
    )
    return [(session, workspace_id) for session, workspace_id in rows]

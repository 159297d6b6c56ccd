"""Invoices and what is paid of them. Cents, EUR. An issued invoice never changes: payments and credit notes say the rest."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import FirmOwned, Model, PlatformOwned, fk, to_many, to_one


class Invoice(FirmOwned, Model):
    """An invoice or a credit note of a firm to a billing party of one workspace.

    Its number and frozen data are written once, at issue (CGI ann. II, 242 nonies A).
    """

    workspace_id: Mapped[UUID]
    billing_party_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="invoice", server_default="invoice")
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    number: Mapped[str | None]
    session_id: Mapped[UUID | None]
    credit_of_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(default="", server_default="")
    issued_on: Mapped[dt.date | None]
    due_on: Mapped[dt.date | None]
    net_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    vat_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    frozen: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="what the document is set from")
    document_id: Mapped[UUID | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    lines: Mapped[list[InvoiceLine]] = to_many("invoice_id", order_by="InvoiceLine.position")
    payments: Mapped[list[Payment]] = to_many("invoice_id", order_by="Payment.at", viewonly=True)

    __table_args__ = (
        ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"]),
        ForeignKeyConstraint(
            ["firm_id", "workspace_id", "billing_party_id"],
            ["billing_party.firm_id", "billing_party.workspace_id", "billing_party.id"],
        ),
        fk("training_session", "session_id", "firm"),
        fk("invoice", "credit_of_id", "firm"),
        UniqueConstraint("firm_id", "number"),
        CheckConstraint("kind IN ('invoice', 'credit')", name="kind"),
        CheckConstraint("state IN ('draft', 'issued')", name="state"),
        CheckConstraint("(state = 'issued') = (number IS NOT NULL)", name="numbered"),
        Index(None, "firm_id", "workspace_id", "issued_on"),
        Index(
            "uq_invoice_session", "firm_id", "workspace_id", "session_id", unique=True,
            postgresql_where=text("session_id IS NOT NULL AND kind = 'invoice'"),
        ),
    )  # fmt: skip

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.vat_cents

    @property
    def paid_cents(self) -> int:
        return sum(payment.amount_cents for payment in self.payments)

    @property
    def due_cents(self) -> int:
        """What is still owed, incl. VAT."""
        return self.total_cents - self.paid_cents if self.state == "issued" and self.kind == "invoice" else 0


class InvoiceLine(FirmOwned, Model):
    """One line: what, how many, at what price excl. VAT, under what VAT regime."""

    invoice_id: Mapped[UUID]
    workspace_id: Mapped[UUID]
    position: Mapped[int]
    label: Mapped[str]
    quantity: Mapped[int]
    unit_cents: Mapped[int] = mapped_column(BigInteger)
    vat: Mapped[str]

    __table_args__ = (
        fk("invoice", "invoice_id", "firm", ondelete="CASCADE"),
        CheckConstraint("vat IN ('exempt', 'standard')", name="vat"),
        UniqueConstraint("firm_id", "invoice_id", "position"),
    )

    @property
    def net_cents(self) -> int:
        return self.quantity * self.unit_cents


class InvoiceCounter(FirmOwned, Model):
    """The next number of a series. Taken last in the transaction that issues, so numbers have no gap."""

    series: Mapped[str]
    next_number: Mapped[int] = mapped_column(default=1, server_default="1")

    __table_args__ = (ForeignKeyConstraint(["firm_id"], ["firm.id"]), UniqueConstraint("firm_id", "series"))


class Payment(FirmOwned, Model):
    """Money received for an invoice, or credited. `reference` makes the same news count once."""

    invoice_id: Mapped[UUID]
    workspace_id: Mapped[UUID]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str]
    reference: Mapped[str]
    at: Mapped[dt.datetime]

    invoice: Mapped[Invoice] = to_one("invoice_id", viewonly=True)

    __table_args__ = (
        fk("invoice", "invoice_id", "firm"),
        UniqueConstraint("firm_id", "invoice_id", "reference"),
        CheckConstraint("method IN ('transfer', 'card', 'credit')", name="method"),
    )


class StripeEvent(PlatformOwned, Model):
    """A webhook event as received: kept once, whatever Stripe repeats."""

    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    account: Mapped[str | None]
    object_id: Mapped[str]
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[dt.datetime | None]

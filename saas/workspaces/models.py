"""A firm's legal face, who is invoiced for a client, and the files of people that HR brings."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import FirmOwned, Model, WorkspaceOwned, fk, workspace_fk


class FirmProfile(FirmOwned, Model):
    """What documents and invoices say of the firm: one row, whose id is the firm's own."""

    legal_name: Mapped[str]
    legal_form: Mapped[str] = mapped_column(default="", server_default="")
    capital_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    siret: Mapped[str] = mapped_column(default="", server_default="")
    vat_number: Mapped[str] = mapped_column(default="", server_default="")
    activity_number: Mapped[str] = mapped_column(default="", server_default="", comment="NDA, C. trav. L6351-1")
    activity_region: Mapped[str] = mapped_column(default="", server_default="")
    iban: Mapped[str] = mapped_column(default="", server_default="")
    street: Mapped[str] = mapped_column(default="", server_default="")
    postcode: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    signatory: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (ForeignKeyConstraint(["firm_id"], ["firm.id"]),)


class BillingParty(WorkspaceOwned, Model):
    """Who is invoiced for a workspace."""

    name: Mapped[str]
    siret: Mapped[str] = mapped_column(default="", server_default="")
    vat_number: Mapped[str] = mapped_column(default="", server_default="")
    street: Mapped[str] = mapped_column(default="", server_default="")
    postcode: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    purchase_order: Mapped[str] = mapped_column(default="", server_default="")
    is_default: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (workspace_fk(), Index(None, "firm_id", "workspace_id", "name"))

    @property
    def siren(self) -> str:
        return self.siret[:9]


class PeopleImport(WorkspaceOwned, Model):
    """One file of people on its way in. draft → applying → applied → undone; nothing is a member before applied."""

    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="sheet, encoding, separator, header row")
    headers: Mapped[list[Any]] = mapped_column(default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="field → column number")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    applied_at: Mapped[dt.datetime | None]
    undo_until: Mapped[dt.datetime | None]

    __table_args__ = (
        workspace_fk(),
        CheckConstraint("state IN ('draft', 'applying', 'applied', 'undone')", name="state"),
        Index(None, "firm_id", "workspace_id", "created_at"),
    )


class ImportRow(WorkspaceOwned, Model):
    """One line of the file: what it said, what a person made of it, and what will happen to it."""

    import_id: Mapped[UUID]
    line: Mapped[int]
    cells: Mapped[list[Any]]
    fixes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[str]
    problems: Mapped[list[Any]] = mapped_column(default=list)
    member_id: Mapped[UUID | None] = mapped_column(comment="whom it updated or made")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="what an update replaced, for the undo")

    __table_args__ = (
        fk("people_import", "import_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "import_id", "line"),
        CheckConstraint("verdict IN ('create', 'update', 'same', 'fix', 'skip')", name="verdict"),
    )

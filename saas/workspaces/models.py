"""A firm's legal face, who is invoiced for a client, and the files of people that HR brings."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, event, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.names import fold
from tenants.db import FirmOwned, Model, WorkspaceOwned, fk, workspace_fk
from tenants.models import Workspace

# Free until 15 days before, half until 5, then the whole price: (days before the start, percent due).
USUAL_CANCELLATION = ((15, 0), (5, 50), (0, 100))


@event.listens_for(Workspace, "before_insert")
@event.listens_for(Workspace, "before_update")
def _folded(_mapper: Any, _connection: Any, workspace: Workspace) -> None:
    """A client is sorted by its name, and found by name, city, trade or SIREN, without accents."""
    workspace.name_folded = fold(workspace.name)
    workspace.searched = fold(" ".join(x for x in (workspace.name, workspace.city, workspace.trade, workspace.siren) if x))


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
    signatory_title: Mapped[str] = mapped_column(default="", server_default="")
    vat_regime: Mapped[str] = mapped_column(default="exempt", server_default="exempt")
    needs_second_factor: Mapped[bool] = mapped_column(default=False, server_default="false", comment="of all its staff")
    vat_attested_on: Mapped[dt.date | None] = mapped_column(comment="attestation 3511, CGI art. 261, 4, 4° a")
    bic: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    website: Mapped[str] = mapped_column(default="", server_default="")
    logo: Mapped[str] = mapped_column(default="", server_default="", comment="storage key")
    colour: Mapped[str] = mapped_column(default="#066584", server_default="#066584")
    is_catalogue_public: Mapped[bool] = mapped_column(default=False, server_default="false")
    terms: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'::jsonb"), comment="general terms, {fr, en}"
    )
    internal_rules: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'::jsonb"), comment="C. trav. L6352-3"
    )
    cancellation: Mapped[list[Any]] = mapped_column(
        default=lambda: [list(step) for step in USUAL_CANCELLATION],
        server_default=text("'[[15, 0], [5, 50], [0, 100]]'::jsonb"),
        comment="[[days before, percent due], …]",
    )
    offer_hours: Mapped[int] = mapped_column(default=48, server_default="48", comment="how long a free seat is kept")
    names_days: Mapped[int] = mapped_column(
        default=5, server_default="5", comment="days before the start by which seats have their names"
    )
    privacy_contact: Mapped[str] = mapped_column(
        default="", server_default="", comment="who answers about personal data; empty: email"
    )
    evidence_years: Mapped[int] = mapped_column(
        default=6, server_default="6", comment="how long attendance sheets and certificates are kept"
    )

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint("vat_regime IN ('exempt', 'standard', 'franchise')", name="vat_regime"),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        CheckConstraint("offer_hours BETWEEN 1 AND 720", name="offer_hours"),
        CheckConstraint("names_days BETWEEN 0 AND 90", name="names_days"),
        CheckConstraint("evidence_years IN (6, 10)", name="evidence_years"),
    )


class BillingParty(WorkspaceOwned, Model):
    """Who is invoiced for a workspace."""

    name: Mapped[str]
    siret: Mapped[str] = mapped_column(default="", server_default="")
    vat_number: Mapped[str] = mapped_column(default="", server_default="")
    street: Mapped[str] = mapped_column(default="", server_default="")
    postcode: Mapped[str] = mapped_column(default="", server_default="")
    city: Mapped[str] = mapped_column(default="", server_default="")
    purchase_order: Mapped[str] = mapped_column(default="", server_default="")
    einvoice_address: Mapped[str] = mapped_column(default="", server_default="")
    is_default: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (workspace_fk(), Index(None, "firm_id", "workspace_id", "name"))

    @property
    def siren(self) -> str:
        return self.siret[:9]


class PeopleImport(WorkspaceOwned, Model):
    """One file of people on its way in. draft → applying → applied → undone; nothing is a member before applied.

    failed: its job gave up, nothing was written, and it can be asked for again.
    """

    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="sheet, encoding, separator, header row")
    headers: Mapped[list[Any]] = mapped_column(default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="field → column number")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    leavers: Mapped[list[Any]] = mapped_column(
        default=list, server_default=text("'[]'::jsonb"), comment="members chosen to leave when it is applied"
    )
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    applied_at: Mapped[dt.datetime | None]
    undo_until: Mapped[dt.datetime | None]

    __table_args__ = (
        workspace_fk(),
        CheckConstraint("state IN ('draft', 'applying', 'applied', 'undone', 'failed')", name="state"),
        Index(None, "firm_id", "workspace_id", "created_at"),
    )


class ClientImport(FirmOwned, Model):
    """A file of client companies on its way in: its rows, each with what would happen. draft → applied."""

    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    headers: Mapped[list[Any]] = mapped_column(default=list)
    rows: Mapped[list[Any]] = mapped_column(default=list)
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint("state IN ('draft', 'applied')", name="state"),
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

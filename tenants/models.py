"""A training firm and its client workspaces."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import FirmOwned, Model, PlatformOwned

SLUG = r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$"


class Firm(PlatformOwned, Model):
    """A training firm, the platform's customer. What only it may read about itself is in FirmProfile."""

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="active", server_default="active")
    stripe_account: Mapped[str | None]
    # Written by the owner of the tables alone: no scope may say that a firm is a demo.
    is_demo: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),
        CheckConstraint("state IN ('active', 'suspended', 'closed')", name="state"),
    )


class Workspace(FirmOwned, Model):
    """One client company of one firm: the tenant.

    `name_folded` and `searched` are its name, and its name, city, trade and SIREN, as lists sort and search them; whoever
    flushes a workspace has them written (saas.workspaces.models).
    """

    firm_id: Mapped[UUID] = mapped_column(
        ForeignKey("firm.id"), primary_key=True, sort_order=-30, default=FirmOwned.firm_id.column.default
    )
    slug: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="active", server_default="active")
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    colour: Mapped[str] = mapped_column(default="#066584", server_default="#066584")
    city: Mapped[str] = mapped_column(default="", server_default="")
    trade: Mapped[str] = mapped_column(default="", server_default="")
    siren: Mapped[str] = mapped_column(default="", server_default="")
    searched: Mapped[str] = mapped_column(default="", server_default="")
    logo: Mapped[str] = mapped_column(default="", server_default="", comment="storage key")
    advisor_id: Mapped[UUID | None] = mapped_column(comment="who of the staff it writes to; empty: the owners")
    archived_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        UniqueConstraint("firm_id", "slug"),
        ForeignKeyConstraint(["firm_id", "advisor_id"], ["staff_card.firm_id", "staff_card.id"]),
        Index(None, "firm_id", "name_folded"),
        CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),
        CheckConstraint("state IN ('active', 'suspended', 'archived')", name="state"),
        CheckConstraint("language IN ('fr', 'en')", name="language"),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
    )

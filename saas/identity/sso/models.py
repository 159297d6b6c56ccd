"""A company's or a firm's own identity provider."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, Shared


class SsoConnection(Shared, Model):
    """An OpenID Connect provider that opens one workspace, or (no workspace) the firm to its staff.

    What it opened ends at the next request after it is switched off or deleted. `enforced`: the workspace's people come in
    through it alone. `role_map`: which values of the claim `role_claim` give which role; nothing else does.
    """

    label: Mapped[str]
    issuer: Mapped[str] = mapped_column(default="", server_default="")
    client_id: Mapped[str] = mapped_column(default="", server_default="")
    secret: Mapped[str] = mapped_column(default="", server_default="", comment="sealed: saas.kit.sealed")
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    enforced: Mapped[bool] = mapped_column(default=False, server_default="false", comment="the only way into the workspace")
    role_claim: Mapped[str] = mapped_column(default="", server_default="")
    role_map: Mapped[dict[str, str]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    discovery: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    fetched_at: Mapped[dt.datetime | None]
    tested_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"]),
        Index(None, "firm_id", "workspace_id"),
        CheckConstraint("state IN ('draft', 'active', 'off')", name="state"),
        CheckConstraint("NOT enforced OR workspace_id IS NOT NULL", name="enforced"),
    )

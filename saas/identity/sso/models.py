"""A company's or a firm's own identity provider, whom it has named, and the domains that the company has proved."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, Shared, fk, workspace_fk

KINDS = ("entra", "google", "okta", "keycloak", "other")


class SsoConnection(Shared, Model):
    """An OpenID Connect provider that opens one workspace, or (no workspace) the firm to its staff.

    What it opened ends at the next request after it is switched off or deleted. `enforced`: the workspace's people come in
    through it alone. `role_map`: which values of the claim `role_claim` give which role; nothing else does. `discovery`: what
    we keep of its own description, and its keys under ``jwks``.
    """

    label: Mapped[str]
    kind: Mapped[str] = mapped_column(default="other", server_default="other")
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
        # For keys that lead with the owner: what hangs on a connection is of the connection's own firm and workspace.
        UniqueConstraint("firm_id", "id"),
        UniqueConstraint("firm_id", "workspace_id", "id"),
        CheckConstraint("state IN ('draft', 'active', 'off')", name="state"),
        CheckConstraint("NOT enforced OR workspace_id IS NOT NULL", name="enforced"),
        CheckConstraint("kind IN ('entra', 'google', 'okta', 'keycloak', 'other')", name="kind"),
    )


class SsoIdentity(Shared, Model):
    """Whom a provider's own name of a person (issuer and subject, never the address) stands for here.

    `gave`: the roles that the connection gave them, which it alone takes back.
    """

    connection_id: Mapped[UUID]
    issuer: Mapped[str]
    subject: Mapped[str]
    member_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    gave: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'::text[]"))
    claims: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id", "connection_id"], ["sso_connection.firm_id", "sso_connection.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["firm_id", "workspace_id", "connection_id"],
            ["sso_connection.firm_id", "sso_connection.workspace_id", "sso_connection.id"],
            ondelete="CASCADE",
        ),
        fk("member", "member_id", "workspace", ondelete="CASCADE"),
        fk("staff", "staff_id", "firm", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "connection_id", "issuer", "subject"),
        UniqueConstraint("firm_id", "connection_id", "issuer", "member_id"),
        UniqueConstraint("firm_id", "connection_id", "issuer", "staff_id"),
        Index(None, "firm_id", "workspace_id", "member_id"),
        Index("ix_sso_identity_staff", "firm_id", "staff_id", postgresql_where=text("staff_id IS NOT NULL")),
        CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name="whom"),
        CheckConstraint("(member_id IS NULL) = (workspace_id IS NULL)", name="owner"),
    )


class SsoDomain(Shared, Model):
    """A mail domain that a company or a firm says is its own. Proved while its TXT record holds `token`, and while no other's is."""

    domain: Mapped[str]
    token: Mapped[str]
    proved_at: Mapped[dt.datetime | None]
    lost_at: Mapped[dt.datetime | None]
    checked_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        workspace_fk(),
        UniqueConstraint("firm_id", "workspace_id", "domain", postgresql_nulls_not_distinct=True),
        Index("ux_sso_domain_proved", "domain", unique=True, postgresql_where=text("proved_at IS NOT NULL AND lost_at IS NULL")),
    )

    @property
    def is_proved(self) -> bool:
        return self.proved_at is not None and self.lost_at is None

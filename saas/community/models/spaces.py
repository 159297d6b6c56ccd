"""A space, its zones, who is in them and who leads them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, WorkspaceOwned, fk, workspace_fk

ZONES = ("open", "peer", "room")
ROLES = ("pilot", "deputy", "ambassador", "member", "hr")


def among(column: str, values: tuple[str, ...]) -> str:
    """The condition of a column of few words: text with a check, since an enum loses its index under row-level security."""
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Space(WorkspaceOwned, Model):
    """What everybody of the workspace and the firm may know: that it exists, why, and who pilots it."""

    purpose: Mapped[str]
    pilot_name: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (workspace_fk(), UniqueConstraint("firm_id", "workspace_id"))


class Zone(WorkspaceOwned, Model):
    """Where people write: open to managers and sponsor, peers only, or a room with the people it was opened with.

    Its kind never changes: an audience can shrink and never widen. Written by definer functions only.
    """

    space_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="open", server_default="open")
    history_closed: Mapped[bool] = mapped_column(
        default=False, server_default="false", comment="newcomers read what is said from then on"
    )
    mail_text: Mapped[bool] = mapped_column(default=True, server_default="true", comment="mails may carry what is said")
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("space", "space_id", "workspace"),
        CheckConstraint(among("kind", ZONES), name="kind"),
    )


class ZoneMember(WorkspaceOwned, Model):
    """Who is in a zone, since when, in what role, with the card the others see. Written by definer functions only."""

    zone_id: Mapped[UUID]
    account_id: Mapped[UUID]
    name: Mapped[str]
    side: Mapped[str] = mapped_column(comment="company or firm")
    job_title: Mapped[str] = mapped_column(default="", server_default="")
    role: Mapped[str] = mapped_column(default="member", server_default="member")
    tags: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]"), comment="of hr, sponsor: shown to the others"
    )
    joined_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        CheckConstraint(among("role", ROLES), name="role"),
        CheckConstraint(among("side", ("company", "firm")), name="side"),
        Index(
            "uq_zone_member_active", "firm_id", "workspace_id", "zone_id", "account_id", unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index(None, "firm_id", "workspace_id", "account_id"),
    )  # fmt: skip


class ZoneMandate(WorkspaceOwned, Model):
    """Who led or carried a zone, from when to when, and who said so. Written by definer functions only."""

    zone_id: Mapped[UUID]
    account_id: Mapped[UUID]
    role: Mapped[str]
    given_by: Mapped[UUID | None] = mapped_column(comment="account; empty: the firm or HR, outside the zone")
    given_by_name: Mapped[str]
    from_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    until_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        CheckConstraint(among("role", ROLES[:3]), name="role"),
        Index(None, "firm_id", "workspace_id", "zone_id"),
    )

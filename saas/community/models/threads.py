"""Threads and their answers."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from saas.community.models.spaces import among
from tenants.db import Model, WorkspaceOwned, fk


class Thread(WorkspaceOwned, Model):
    """A question, something shared, or an announcement. Counts are kept here, so a list costs one statement."""

    zone_id: Mapped[UUID]
    author_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(comment="Markdown")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    replies: Mapped[int] = mapped_column(default=0, server_default="0")
    helped: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        CheckConstraint(among("kind", ("question", "share", "announcement")), name="kind"),
        Index(None, "firm_id", "workspace_id", "zone_id", "last_at"),
        Index(None, "firm_id", "workspace_id", "last_at"),
    )


class Post(WorkspaceOwned, Model):
    """A reply. `helped_at` is set by whoever asked: what helped me."""

    zone_id: Mapped[UUID]
    thread_id: Mapped[UUID]
    author_id: Mapped[UUID]
    body: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    helped_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        fk("thread", "thread_id", "workspace"),
        Index(None, "firm_id", "workspace_id", "thread_id", "created_at"),
    )

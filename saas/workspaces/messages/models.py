"""One message between a client's HR and the firm."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, WorkspaceOwned, fk, workspace_fk


class DeskMessage(WorkspaceOwned, Model):
    """A message as it was written. One of the client's waits for an answer until `settled_at`."""

    side: Mapped[str] = mapped_column(comment="who wrote: client or firm")
    member_id: Mapped[UUID | None] = mapped_column(comment="the HR who wrote")
    by: Mapped[str]
    text: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[dt.datetime | None] = mapped_column(comment="answered, or needs no answer")

    __table_args__ = (
        workspace_fk(),
        fk("member", "member_id", "workspace"),
        CheckConstraint("side IN ('client', 'firm')", name="side"),
        CheckConstraint("length(text) BETWEEN 1 AND 4000", name="text"),
        Index(None, "firm_id", "workspace_id", "at"),
        Index(
            "ix_desk_message_waiting", "firm_id", "workspace_id", "at",
            postgresql_where=sql("side = 'client' AND settled_at IS NULL"),
        ),
    )  # fmt: skip

"""What people are told of."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from saas.community.models.spaces import among
from tenants.db import Model, WorkspaceOwned, fk


class Notice(WorkspaceOwned, Model):
    """What somebody is told of one object of a zone: one row, however often and for whatever reasons. Written by `notify`."""

    zone_id: Mapped[UUID]
    account_id: Mapped[UUID]
    kind: Mapped[str]
    object_id: Mapped[UUID]
    reason: Mapped[str]
    number: Mapped[int] = mapped_column(default=1, server_default="1", comment="of events since it was last read")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[dt.datetime | None]
    mailed_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        CheckConstraint(among("kind", ("thread", "occurrence", "zone")), name="kind"),
        UniqueConstraint("firm_id", "workspace_id", "account_id", "kind", "object_id"),
        Index(None, "firm_id", "workspace_id", "account_id", "last_at"),
    )

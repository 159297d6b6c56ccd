"""A person's wish for a programme of their company's catalogue."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.catalogue.models import Offer
from saas.identity.models import Member
from tenants.db import Model, WorkspaceOwned, fk, to_one, workspace_fk


class ProgrammeWish(WorkspaceOwned, Model):
    """open → planned | declined, by HR; withdrawn, by the person; met, when they get a seat of the programme."""

    offer_id: Mapped[UUID]
    member_id: Mapped[UUID]
    why: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    answer: Mapped[str] = mapped_column(default="", server_default="")
    answered_by: Mapped[str] = mapped_column(default="", server_default="")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[dt.datetime | None]

    offer: Mapped[Offer] = to_one("offer_id")
    member: Mapped[Member] = to_one("member_id")

    __table_args__ = (
        workspace_fk(),
        fk("offer", "offer_id", "workspace"),
        fk("member", "member_id", "workspace"),
        CheckConstraint("state IN ('open', 'planned', 'declined', 'withdrawn', 'met')", name="state"),
        Index(
            "uq_programme_wish_open", "firm_id", "workspace_id", "offer_id", "member_id", unique=True,
            postgresql_where=text("state IN ('open', 'planned')"),
        ),
        Index(None, "firm_id", "workspace_id", "state", "at"),
        Index(None, "firm_id", "workspace_id", "member_id"),
    )  # fmt: skip

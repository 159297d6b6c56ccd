"""A member's seat in a session, and every step it went through."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.catalogue.models import SessionLink
from saas.identity.models import Member
from tenants.db import Model, WorkspaceOwned, fk, to_many, to_one, workspace_fk

STATES = (
    "requested", "refused", "waiting", "offered", "lapsed", "seated",
    "attended", "absent", "withdrawn", "substituted", "transferred", "cancelled",
)  # fmt: skip
LIVE = ("requested", "waiting", "offered", "seated")
HOLDING = ("offered", "seated")


class Enrolment(WorkspaceOwned, Model):
    """A member's seat, or their wish for one. Its key to the session goes through the link."""

    link_id: Mapped[UUID]
    member_id: Mapped[UUID]
    state: Mapped[str]
    price_cents: Mapped[int] = mapped_column(BigInteger)
    vat: Mapped[str]
    terms: Mapped[list[Any]] = mapped_column(comment="[[days before, percent due], …] frozen at enrolment")
    requested_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    queued_at: Mapped[dt.datetime | None]
    offer_until: Mapped[dt.datetime | None]
    seated_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    fee_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    reason: Mapped[str] = mapped_column(default="", server_default="")

    link: Mapped[SessionLink] = to_one("link_id")
    member: Mapped[Member] = to_one("member_id")
    events: Mapped[list[EnrolmentEvent]] = to_many("enrolment_id", order_by="EnrolmentEvent.at")

    __table_args__ = (
        workspace_fk(),
        fk("session_link", "link_id", "workspace"),
        fk("member", "member_id", "workspace"),
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        Index(
            "uq_enrolment_live", "firm_id", "workspace_id", "link_id", "member_id", unique=True,
            postgresql_where=text("state IN ('requested', 'waiting', 'offered', 'seated', 'attended', 'absent')"),
        ),
        Index(None, "firm_id", "workspace_id", "link_id", "state"),
        Index(None, "firm_id", "workspace_id", "member_id"),
        Index("ix_enrolment_queue", "firm_id", "queued_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_enrolment_offers", "firm_id", "offer_until", postgresql_where=text("state = 'offered'")),
    )  # fmt: skip


class EnrolmentEvent(WorkspaceOwned, Model):
    """One step of an enrolment: who did what, when."""

    enrolment_id: Mapped[UUID]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    actor: Mapped[str]
    step: Mapped[str]

    __table_args__ = (
        fk("enrolment", "enrolment_id", "workspace", ondelete="CASCADE"),
        Index(None, "firm_id", "workspace_id", "enrolment_id", "at"),
    )

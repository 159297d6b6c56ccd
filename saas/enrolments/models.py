"""A member's seat in a session and every step it went through; seats without a name yet, prepaid seats, budgets."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, func, text
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
OPEN = ("open", "confirmed")  # states of a session that takes enrolments
SHOWN = ("requested", "waiting", "offered", "seated", "attended", "absent")


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
    billing_party_id: Mapped[UUID | None] = mapped_column(comment="who pays; empty: the client's usual one")
    covered: Mapped[bool] = mapped_column(default=False, server_default="false", comment="paid by a seat credit")
    replaces_id: Mapped[UUID | None] = mapped_column(comment="the seat it took over: substitution or transfer")
    batch_id: Mapped[UUID | None] = mapped_column(comment="enrolled with others, to be undone with them")

    link: Mapped[SessionLink] = to_one("link_id")
    member: Mapped[Member] = to_one("member_id")
    batch: Mapped[EnrolmentBatch | None] = to_one("batch_id", viewonly=True)
    events: Mapped[list[EnrolmentEvent]] = to_many("enrolment_id", order_by="EnrolmentEvent.at")

    __table_args__ = (
        workspace_fk(),
        fk("session_link", "link_id", "workspace"),
        fk("member", "member_id", "workspace"),
        fk("billing_party", "billing_party_id", "workspace"),
        fk("enrolment", "replaces_id", "workspace"),
        fk("enrolment_batch", "batch_id", "workspace"),
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        Index(
            "uq_enrolment_live", "firm_id", "workspace_id", "link_id", "member_id", unique=True,
            postgresql_where=text("state IN ('requested', 'waiting', 'offered', 'seated', 'attended', 'absent')"),
        ),
        Index(None, "firm_id", "workspace_id", "link_id", "state"),
        Index(None, "firm_id", "workspace_id", "member_id"),
        Index(None, "firm_id", "workspace_id", "batch_id"),
        Index(None, "firm_id", "workspace_id", "replaces_id"),
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


class EnrolmentBatch(WorkspaceOwned, Model):
    """People enrolled in one act. Their mails wait until `undo_until`; before it, the act can be taken back whole."""

    link_id: Mapped[UUID]
    by: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(comment="who did it, and may undo it")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    undo_until: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]

    __table_args__ = (
        workspace_fk(),
        fk("session_link", "link_id", "workspace"),
        Index(None, "firm_id", "workspace_id", "link_id", "at"),
    )


class Placeholder(WorkspaceOwned, Model):
    """A seat whose person is named later. held → named (an enrolment takes it over) | released.

    It freezes price and terms as an enrolment does, and counts among the seats taken.
    """

    link_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="held", server_default="held")
    price_cents: Mapped[int] = mapped_column(BigInteger)
    vat: Mapped[str]
    terms: Mapped[list[Any]]
    billing_party_id: Mapped[UUID | None]
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    fee_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    enrolment_id: Mapped[UUID | None]

    link: Mapped[SessionLink] = to_one("link_id")

    __table_args__ = (
        workspace_fk(),
        fk("session_link", "link_id", "workspace"),
        fk("billing_party", "billing_party_id", "workspace"),
        fk("enrolment", "enrolment_id", "workspace"),
        CheckConstraint("state IN ('held', 'named', 'released')", name="state"),
        CheckConstraint("(state = 'named') = (enrolment_id IS NOT NULL)", name="named"),
        Index(None, "firm_id", "workspace_id", "link_id", "state"),
    )


class SeatCredit(WorkspaceOwned, Model):
    """One movement of a client's prepaid seats; the balance is the sum. Rows are only ever added, by the firm."""

    quantity: Mapped[int]
    kind: Mapped[str]
    enrolment_id: Mapped[UUID | None]
    expires_on: Mapped[dt.date | None] = mapped_column(comment="of seats bought: the last day they can be used")
    note: Mapped[str] = mapped_column(default="", server_default="")
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    enrolment: Mapped[Enrolment | None] = to_one("enrolment_id", viewonly=True)

    __table_args__ = (
        workspace_fk(),
        fk("enrolment", "enrolment_id", "workspace"),
        CheckConstraint("kind IN ('bought', 'used', 'returned', 'corrected', 'expired')", name="kind"),
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint("kind NOT IN ('bought', 'returned') OR quantity > 0", name="gained"),
        CheckConstraint("kind NOT IN ('used', 'expired') OR quantity < 0", name="spent"),
        Index(None, "firm_id", "workspace_id", "at"),
        Index(None, "firm_id", "workspace_id", "enrolment_id"),
    )


class SeatBudget(WorkspaceOwned, Model):
    """What a client means to spend on training in one year, excl. VAT."""

    year: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        workspace_fk(),
        UniqueConstraint("firm_id", "workspace_id", "year"),
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

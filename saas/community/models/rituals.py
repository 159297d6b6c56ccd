"""Rituals, their dates, and who comes."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from saas.community.models.spaces import among
from tenants.db import Model, WorkspaceOwned, fk, to_many, to_one

RITUALS = ("codev", "market", "welcome", "thanks", "free")


class Ritual(WorkspaceOwned, Model):
    """A regular meeting of a zone; its dates are occurrences."""

    zone_id: Mapped[UUID]
    author_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (fk("zone", "zone_id", "workspace"), CheckConstraint(among("kind", RITUALS), name="kind"))


class Occurrence(WorkspaceOwned, Model):
    """One date of a ritual. Seats: how many may come, None for everybody; the next ones wait in the order they answered.

    Reason: why it moved or was called off, as its zone reads it; sequence grows with each change (RFC 5545, 3.8.7.4).
    """

    zone_id: Mapped[UUID]
    ritual_id: Mapped[UUID]
    author_id: Mapped[UUID]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    place: Mapped[str] = mapped_column(default="", server_default="")
    takeaways: Mapped[str] = mapped_column(default="", server_default="")
    cancelled_at: Mapped[dt.datetime | None]
    seats: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")

    ritual: Mapped[Ritual] = to_one("ritual_id")
    answers: Mapped[list[Rsvp]] = to_many("occurrence_id")

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        fk("ritual", "ritual_id", "workspace"),
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("seats > 0", name="seats"),
        Index(None, "firm_id", "workspace_id", "zone_id", "starts_at"),
    )


class Rsvp(WorkspaceOwned, Model):
    """One person's answer to one date."""

    zone_id: Mapped[UUID]
    occurrence_id: Mapped[UUID]
    author_id: Mapped[UUID]
    answer: Mapped[str]
    answered_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        fk("occurrence", "occurrence_id", "workspace"),
        UniqueConstraint("firm_id", "workspace_id", "occurrence_id", "author_id"),
        CheckConstraint(among("answer", ("yes", "maybe", "no")), name="answer"),
    )

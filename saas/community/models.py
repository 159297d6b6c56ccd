"""A community space. Content has a third lock: active membership of its zone, held by the policies themselves."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, WorkspaceOwned, fk, to_many, to_one, workspace_fk

RITUALS = ("codev", "market", "welcome", "thanks", "free")
ROLES = ("pilot", "deputy", "ambassador", "member", "hr")


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Space(WorkspaceOwned, Model):
    """What everybody of the workspace and the firm may know: that it exists, why, and who pilots it."""

    purpose: Mapped[str]
    pilot_name: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (workspace_fk(), UniqueConstraint("firm_id", "workspace_id"))


class Zone(WorkspaceOwned, Model):
    """Where people write: open to managers and sponsor, or peers only."""

    space_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="open", server_default="open")

    __table_args__ = (
        fk("space", "space_id", "workspace"),
        CheckConstraint(_among("kind", ("open", "peer")), name="kind"),
    )


class ZoneMember(WorkspaceOwned, Model):
    """Who is in a zone, since when, in what role, with the card the others see. Written by definer functions only."""

    zone_id: Mapped[UUID]
    account_id: Mapped[UUID]
    name: Mapped[str]
    side: Mapped[str] = mapped_column(comment="company or firm")
    job_title: Mapped[str] = mapped_column(default="", server_default="")
    role: Mapped[str] = mapped_column(default="member", server_default="member")
    joined_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        CheckConstraint(_among("role", ROLES), name="role"),
        CheckConstraint(_among("side", ("company", "firm")), name="side"),
        Index(
            "uq_zone_member_active", "firm_id", "workspace_id", "zone_id", "account_id", unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index(None, "firm_id", "workspace_id", "account_id"),
    )  # fmt: skip


class Ritual(WorkspaceOwned, Model):
    """A regular meeting of a zone; its dates are occurrences."""

    zone_id: Mapped[UUID]
    author_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (fk("zone", "zone_id", "workspace"), CheckConstraint(_among("kind", RITUALS), name="kind"))


class Occurrence(WorkspaceOwned, Model):
    """One date of a ritual."""

    zone_id: Mapped[UUID]
    ritual_id: Mapped[UUID]
    author_id: Mapped[UUID]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    place: Mapped[str] = mapped_column(default="", server_default="")
    takeaways: Mapped[str] = mapped_column(default="", server_default="")
    cancelled_at: Mapped[dt.datetime | None]

    ritual: Mapped[Ritual] = to_one("ritual_id")
    answers: Mapped[list[Rsvp]] = to_many("occurrence_id")

    __table_args__ = (
        fk("zone", "zone_id", "workspace"),
        fk("ritual", "ritual_id", "workspace"),
        CheckConstraint("ends_at > starts_at", name="times"),
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
        CheckConstraint(_among("answer", ("yes", "maybe", "no")), name="answer"),
    )


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
        CheckConstraint(_among("kind", ("question", "share", "announcement")), name="kind"),
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

"""Requests about personal data: corrections that somebody else has to make, and erasures."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from saas.identity.models import Member
from tenants.db import Model, WorkspaceOwned, fk, to_one, workspace_fk

MOST_TEXT = 1000


class Correction(WorkspaceOwned, Model):
    """What a person asks HR to correct in the company's list. open → done | refused, by HR; withdrawn, by the person."""

    __tablename__ = "correction_request"

    member_id: Mapped[UUID]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    answer: Mapped[str] = mapped_column(default="", server_default="")
    answered_by: Mapped[str] = mapped_column(default="", server_default="")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[dt.datetime | None]

    member: Mapped[Member] = to_one("member_id", viewonly=True)

    __table_args__ = (
        workspace_fk(),
        fk("member", "member_id", "workspace"),
        CheckConstraint("state IN ('open', 'done', 'refused', 'withdrawn')", name="state"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {MOST_TEXT}", name="text"),
        Index(
            "uq_correction_request_open", "firm_id", "workspace_id", "member_id", unique=True,
            postgresql_where=sql("state = 'open'"),
        ),
        Index(None, "firm_id", "workspace_id", "member_id", "at"),
    )  # fmt: skip


class Erasure(WorkspaceOwned, Model):
    """The erasure of a person. asked → accepted | refused, by HR or the owner; withdrawn, by the person; accepted → done.

    `origin`: the person asked, HR or the owner did it for somebody who left, or the clock, for people long gone.
    `due_on` is the last day of the month that GDPR article 12.3 gives for an answer.
    """

    member_id: Mapped[UUID]
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked", server_default="asked")
    with_posts: Mapped[bool] = mapped_column(default=False, server_default="false")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    decided_by: Mapped[str] = mapped_column(default="", server_default="")
    decided_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]

    member: Mapped[Member] = to_one("member_id", viewonly=True)

    __table_args__ = (
        workspace_fk(),
        fk("member", "member_id", "workspace"),
        CheckConstraint("origin IN ('person', 'desk', 'clock')", name="origin"),
        CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn', 'done')", name="state"),
        Index(
            "uq_erasure_open", "firm_id", "workspace_id", "member_id", unique=True,
            postgresql_where=sql("state IN ('asked', 'accepted')"),
        ),
        Index(None, "firm_id", "workspace_id", "state", "at"),
        Index(None, "firm_id", "workspace_id", "member_id", "at"),
    )  # fmt: skip

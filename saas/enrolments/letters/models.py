"""The texts a firm adapts, what its convocations say, and what each person was last told about their seat."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.enrolments.models import Enrolment
from tenants.db import FirmOwned, Model, WorkspaceOwned, fk, to_one, workspace_fk

USUAL_DAYS = 7
LANGUAGE = "language IN ('fr', 'en')"


class LetterText(FirmOwned, Model):
    """The firm's words for one kind of mail in one language. The newest row counts; `is_ours` goes back to the product's."""

    kind: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str] = mapped_column(default="", server_default="")
    opening: Mapped[str] = mapped_column(default="", server_default="")
    closing: Mapped[str] = mapped_column(default="", server_default="")
    is_ours: Mapped[bool] = mapped_column(default=False, server_default="false")
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint(LANGUAGE, name="language"),
        Index(None, "firm_id", "kind", "language", "made_at"),
    )


class ClientLetterText(WorkspaceOwned, Model):
    """The same for one client, over the firm's. `is_ours` goes back to what the firm says to all. Written by the firm."""

    kind: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str] = mapped_column(default="", server_default="")
    opening: Mapped[str] = mapped_column(default="", server_default="")
    closing: Mapped[str] = mapped_column(default="", server_default="")
    is_ours: Mapped[bool] = mapped_column(default=False, server_default="false")
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        workspace_fk(),
        CheckConstraint(LANGUAGE, name="language"),
        Index(None, "firm_id", "workspace_id", "kind", "language", "made_at"),
    )


class LetterSettings(FirmOwned, Model):
    """When the firm convokes, and whom one may ask: one row, whose id is the firm's own."""

    convocation_days: Mapped[int] = mapped_column(default=USUAL_DAYS, server_default=text("7"))
    contact: Mapped[str] = mapped_column(default="", server_default="")
    access_contact: Mapped[str] = mapped_column(default="", server_default="")
    to_bring: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"), comment="{fr, en}")

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint("convocation_days BETWEEN 1 AND 60", name="days"),
    )


class Told(WorkspaceOwned, Model):
    """What somebody was last told about their seat: so that nothing is told twice, and calendars only move forward.

    `sequence` is that of the calendar entry they hold (RFC 5545), -1 while they hold none; `facts` are the days, the place,
    the video link and the trainers as they read them.
    """

    __tablename__ = "enrolment_told"

    enrolment_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="", server_default="")
    sequence: Mapped[int] = mapped_column(default=-1, server_default=text("-1"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    convoked_at: Mapped[dt.datetime | None]
    asked_at: Mapped[dt.datetime | None] = mapped_column(comment="when the clock last asked for the convocation")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    enrolment: Mapped[Enrolment] = to_one("enrolment_id", viewonly=True)

    __table_args__ = (
        fk("enrolment", "enrolment_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "enrolment_id"),
    )


class LinkNews(WorkspaceOwned, Model):
    """Until when a client's HR has been told who was enrolled in a session, and whether a summary waits to be sent."""

    link_id: Mapped[UUID]
    told_until: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]

    __table_args__ = (
        fk("session_link", "link_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "link_id"),
    )

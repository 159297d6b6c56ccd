"""An absence announced beforehand, for one half-day of one seat."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from saas.enrolments.models import Enrolment
from tenants.db import Model, WorkspaceOwned, fk, to_one


class Absence(WorkspaceOwned, Model):
    """Somebody will miss a half-day, or come late to it. The half-day is named by its start: slots are the firm's rows.

    `told_at`: when HR and the trainers heard of it as it stands; a change or a taking back empties it.
    """

    enrolment_id: Mapped[UUID]
    starts_at: Mapped[dt.datetime]
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    said_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    taken_back_at: Mapped[dt.datetime | None]
    told_at: Mapped[dt.datetime | None]

    enrolment: Mapped[Enrolment] = to_one("enrolment_id", viewonly=True)

    __table_args__ = (
        fk("enrolment", "enrolment_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "enrolment_id", "starts_at"),
        CheckConstraint("kind IN ('absent', 'late')", name="kind"),
        Index(None, "firm_id", "starts_at"),
    )

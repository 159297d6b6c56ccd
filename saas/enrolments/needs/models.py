"""What a person needs. No role of a client reads this table: see the functions my_need, say_need and forget_need."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.enrolments.models import Enrolment
from tenants.db import Model, WorkspaceOwned, fk, to_one


class SeatNeed(WorkspaceOwned, Model):
    """Needs of one seat (GDPR art. 9): codes of saas.enrolments.needs.words and a sentence of one's own for each of the two."""

    enrolment_id: Mapped[UUID]
    diet: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    diet_words: Mapped[str] = mapped_column(default="", server_default="")
    access: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    access_words: Mapped[str] = mapped_column(default="", server_default="")
    said_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    enrolment: Mapped[Enrolment] = to_one("enrolment_id", viewonly=True)

    __table_args__ = (
        fk("enrolment", "enrolment_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "enrolment_id"),
    )

"""The audit journal: who did what, when, to what. Rows are only ever added."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from flask import g, has_request_context
from sqlalchemy import Index, func, insert
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.requests import network, request_id
from tenants.db import Model, Shared, db


class Journal(Shared, Model):
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID | None] = mapped_column(comment="account")
    actor: Mapped[str]
    action: Mapped[str]
    subject_id: Mapped[UUID | None]
    subject: Mapped[str] = mapped_column(default="", server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request: Mapped[str] = mapped_column(default="", server_default="", comment="the request's number")
    network: Mapped[str] = mapped_column(default="", server_default="", comment="the client's network address")

    __table_args__ = (
        Index(None, "firm_id", "at"),
        Index(None, "firm_id", "workspace_id", "at"),
        Index(None, "firm_id", "workspace_id", "subject_id"),
        Index(None, "firm_id", "workspace_id", "action"),
        Index(None, "firm_id", "actor"),
        Index(None, "firm_id", "workspace_id", "actor"),
    )


def actor_name() -> str:
    """The person acting, or the product itself in a job."""
    return g.viewer.name if has_request_context() and g.viewer.account_id else "Cordée"


def note(action: str, subject: str = "", subject_id: UUID | None = None, **facts: Any) -> None:
    """Write down an act with the change in hand. `action` is a key such as ``workspace.created``."""
    actor_id = g.viewer.account_id if has_request_context() else None
    values = {"actor_id": actor_id, "actor": actor_name(), "action": action, "subject": subject}
    where = {"request": request_id(), "network": network()}
    db.session.execute(insert(Journal).values(**values, **where, subject_id=subject_id, facts=facts))

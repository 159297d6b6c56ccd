"""Signatures of a half-day, the trainer's counter-signature, and the certificate that follows."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from saas.enrolments.models import Enrolment
from tenants.db import FirmOwned, Model, WorkspaceOwned, fk, to_one, workspace_fk


class AttendanceMark(WorkspaceOwned, Model):
    """A participant's signature of one half-day. Marks of a workspace and slot form a chain: a changed one shows."""

    enrolment_id: Mapped[UUID]
    link_id: Mapped[UUID]
    slot_id: Mapped[UUID]
    signed_name: Mapped[str]
    drawing: Mapped[str] = mapped_column(default="", server_default="", comment="storage key of the drawn signature")
    minutes_late: Mapped[int] = mapped_column(default=0, server_default="0")
    signed_at: Mapped[dt.datetime]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    enrolment: Mapped[Enrolment] = to_one("enrolment_id")

    __table_args__ = (
        workspace_fk(),
        fk("enrolment", "enrolment_id", "workspace"),
        fk("session_link", "link_id", "workspace"),
        UniqueConstraint("firm_id", "workspace_id", "slot_id", "enrolment_id"),
        UniqueConstraint("firm_id", "workspace_id", "slot_id", "previous_hash"),
        Index(None, "firm_id", "slot_id"),
        CheckConstraint("minutes_late BETWEEN 0 AND 600", name="late"),
    )


class CounterSignature(FirmOwned, Model):
    """The trainer's signature of one half-day: over how many marks, and their digest."""

    slot_id: Mapped[UUID]
    session_id: Mapped[UUID]
    staff_id: Mapped[UUID]
    signed_name: Mapped[str]
    signed_at: Mapped[dt.datetime]
    marks: Mapped[int]
    digest: Mapped[str]

    __table_args__ = (
        fk("slot", "slot_id", "firm"),
        fk("training_session", "session_id", "firm"),
        fk("staff_card", "staff_id", "firm"),
        UniqueConstraint("firm_id", "slot_id"),
        Index(None, "firm_id", "session_id"),
    )


class Certificate(WorkspaceOwned, Model):
    """A certificat de réalisation (C. trav. R6332-26; arrêté du 21/12/2018): frozen data and its archived document."""

    enrolment_id: Mapped[UUID]
    code: Mapped[str]
    data: Mapped[dict[str, Any]]
    document_id: Mapped[UUID]
    issued_at: Mapped[dt.datetime]

    __table_args__ = (
        workspace_fk(),
        fk("enrolment", "enrolment_id", "workspace"),
        UniqueConstraint("firm_id", "workspace_id", "enrolment_id"),
        Index("uq_certificate_code", "code", unique=True),
    )

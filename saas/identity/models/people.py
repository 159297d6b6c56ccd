"""People: what they are to a firm (staff) or to a client company (member), and the invitations that open it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    and_,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.clock import now
from saas.kit.names import fold
from tenants.db import FirmOwned, Model, Shared, WorkspaceOwned, fk, to_one, workspace_fk

STAFF_ROLES = ("owner", "advisor", "trainer", "accountant")
MEMBER_ROLES = ("hr", "sponsor", "participant")


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} <@ ARRAY[{', '.join(repr(v) for v in values)}]::text[] AND cardinality({column}) > 0"


class Staff(FirmOwned, Model):
    """An account's membership in a firm."""

    account_id: Mapped[UUID | None] = mapped_column(index=True)
    email: Mapped[str]
    email_norm: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    limited: Mapped[bool] = mapped_column(default=False, server_default="false", comment="to the clients of staff_client")
    left_at: Mapped[dt.datetime | None]

    card: Mapped[StaffCard] = to_one("id", lazy="joined", viewonly=True, uselist=False)

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        UniqueConstraint("firm_id", "email_norm"),
        CheckConstraint(_among("roles", STAFF_ROLES), name="roles"),
        CheckConstraint("language IN ('fr', 'en')", name="language"),
        Index("ix_staff_email_norm", "email_norm"),
    )


class StaffCard(FirmOwned, Model):
    """What others see of a staff person. Same id as its staff row."""

    name: Mapped[str]
    email: Mapped[str]
    bio: Mapped[dict[str, str]] = mapped_column(default=dict)
    trains: Mapped[bool] = mapped_column(default=False, server_default="false")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    skills: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))

    __table_args__ = (fk("staff", "id", "firm", ondelete="CASCADE"),)


class StaffClient(FirmOwned, Model):
    """A client that a limited staff person may act for."""

    staff_id: Mapped[UUID]
    workspace_id: Mapped[UUID]

    __table_args__ = (
        fk("staff", "staff_id", "firm", ondelete="CASCADE"),
        ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"]),
        UniqueConstraint("firm_id", "staff_id", "workspace_id"),
    )


class StaffPin(FirmOwned, Model):
    """A client that a staff person keeps at hand in the rail."""

    staff_id: Mapped[UUID]
    workspace_id: Mapped[UUID]

    __table_args__ = (
        fk("staff", "staff_id", "firm", ondelete="CASCADE"),
        ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"]),
        UniqueConstraint("firm_id", "staff_id", "workspace_id"),
    )


class StaffDocument(FirmOwned, Model):
    """A paper of a staff person, most often a trainer's: what it is, its file, until when it holds."""

    staff_id: Mapped[UUID]
    kind: Mapped[str]
    label: Mapped[str]
    document_id: Mapped[UUID]
    expires_on: Mapped[dt.date | None]
    added_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        fk("staff", "staff_id", "firm", ondelete="CASCADE"),
        CheckConstraint("kind IN ('cv', 'diploma', 'contract', 'insurance', 'vigilance', 'other')", name="kind"),
        Index(None, "firm_id", "staff_id"),
        Index(None, "firm_id", "expires_on"),
    )


class Member(WorkspaceOwned, Model):
    """A person in a client company. A member exists without an account, and may have no address at all."""

    account_id: Mapped[UUID | None] = mapped_column(index=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    name_folded: Mapped[str]
    email: Mapped[str | None]
    email_norm: Mapped[str | None]
    employee_number: Mapped[str | None]
    department: Mapped[str] = mapped_column(default="", server_default="")
    site: Mapped[str] = mapped_column(default="", server_default="")
    job_title: Mapped[str] = mapped_column(default="", server_default="")
    line_manager: Mapped[str] = mapped_column(default="", server_default="", comment="employee number")
    entered_on: Mapped[dt.date | None]
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: ["participant"])
    hr_sites: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]"), comment="an HR's sites; empty: all"
    )
    hr_departments: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]"), comment="an HR's departments; empty: all"
    )
    refused_email: Mapped[str] = mapped_column(default="", server_default="", comment="the address that a server last refused")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None] = mapped_column(comment="when all that no law keeps went")
    held_until: Mapped[dt.date | None] = mapped_column(comment="of somebody erased: until when documents still name them")

    __table_args__ = (
        workspace_fk(),
        UniqueConstraint("firm_id", "workspace_id", "email_norm"),
        UniqueConstraint("firm_id", "workspace_id", "employee_number"),
        CheckConstraint(_among("roles", MEMBER_ROLES), name="roles"),
        CheckConstraint("language IN ('fr', 'en')", name="language"),
        Index(None, "firm_id", "workspace_id", "name_folded"),
        Index(None, "firm_id", "workspace_id", "line_manager"),
        Index("ix_member_gone", "firm_id", "left_at", postgresql_where=text("left_at IS NOT NULL AND erased_at IS NULL")),
        Index("ix_member_held", "firm_id", "held_until", postgresql_where=text("held_until IS NOT NULL")),
        Index("ix_member_email_norm", "email_norm"),
    )

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_refused(self) -> bool:
        """Whether mail to the address they have now came back."""
        return bool(self.email_norm) and self.refused_email == self.email_norm

    @staticmethod
    def folded(first_name: str, last_name: str) -> str:
        """How a member is sorted and searched: family name first, without accents."""
        return fold(f"{last_name} {first_name}")


class Invitation(Shared, Model):
    """A single-use link that opens a membership: bound to an address, to one member or staff row, and to its roles then.

    Whoever is given more roles afterwards needs a new one: an old mail never opens more than it said.
    """

    token_hash: Mapped[str] = mapped_column(unique=True)
    email_norm: Mapped[str]
    member_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    invited_by: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]"), comment="that it was sent for"
    )
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None] = mapped_column(comment="when HR last sent it; empty: another mail carried it")
    used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]

    __table_args__ = (
        fk("member", "member_id", "workspace", ondelete="CASCADE"),
        fk("staff", "staff_id", "firm", ondelete="CASCADE"),
        CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name="whom"),
        Index(None, "firm_id", "workspace_id", "member_id"),
        Index("ix_invitation_staff", "firm_id", "staff_id", postgresql_where=text("staff_id IS NOT NULL")),
    )

    @classmethod
    def is_awaited(cls) -> ColumnElement[bool]:
        """Neither used nor withdrawn, whether its time is over or not."""
        return and_(cls.used_at.is_(None), cls.revoked_at.is_(None))

    @classmethod
    def still_opens(cls) -> ColumnElement[bool]:
        """The same, and its time is not over."""
        return and_(cls.is_awaited(), cls.expires_at > now())

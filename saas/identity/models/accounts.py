"""What a person signs in with: accounts, addresses, sign-ins and what they open."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Model, PlatformOwned


class Account(PlatformOwned, Model):
    """A person's means of signing in. It holds no firm's data."""

    password_hash: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AccountAddress(Model):
    """An address that the account's person has proved to be theirs."""

    email_norm: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    verified_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class SignIn(PlatformOwned, Model):
    """One signed-in device. The cookie's token is stored hashed."""

    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


class SignInGrant(PlatformOwned, Model):
    """What a sign-in opens: one firm, one workspace, or (both empty) every membership that accepts its method."""

    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"), index=True)
    method: Mapped[str]
    firm_id: Mapped[UUID | None]
    workspace_id: Mapped[UUID | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("method IN ('email', 'password', 'demo')", name="method"),)


class SignInCode(PlatformOwned, Model):
    """A link sent by e-mail, single use, 15 minutes. The row exists whether or not anybody has the address."""

    token_hash: Mapped[str] = mapped_column(unique=True)
    email_norm: Mapped[str]
    language: Mapped[str]
    next: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

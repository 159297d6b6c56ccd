"""What a person signs in with: accounts, addresses, sign-ins and what they open."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func
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
    network: Mapped[str] = mapped_column(default="", server_default="", comment="address it was opened from")
    browser_hash: Mapped[str] = mapped_column(default="", server_default="", comment="of the browser's own long-lived cookie")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    fresh_at: Mapped[dt.datetime] = mapped_column(
        server_default=func.now(), comment="when the person last proved that it is them"
    )
    factor_at: Mapped[dt.datetime | None] = mapped_column(comment="when the second factor was given")
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


class SignInGrant(PlatformOwned, Model):
    """What a sign-in opens: one firm, one workspace, or (both empty) every membership that accepts its method.

    One that came through a company's own provider names its connection, and is worth something while that is on.
    """

    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"), index=True)
    method: Mapped[str]
    firm_id: Mapped[UUID | None]
    workspace_id: Mapped[UUID | None]
    connection_id: Mapped[UUID | None] = mapped_column(ForeignKey("sso_connection.id", ondelete="CASCADE"), index=True)
    mfa: Mapped[bool] = mapped_column(default=False, server_default="false", comment="the provider vouched for a second factor")
    subject: Mapped[str] = mapped_column(default="", server_default="", comment="the provider's name of the person")
    sid: Mapped[str] = mapped_column(default="", server_default="", comment="the provider's name of its own session")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("method IN ('email', 'password', 'demo', 'invitation', 'oidc')", name="method"),)


class SignInCode(PlatformOwned, Model):
    """A link and a short code sent by e-mail, single use, 15 minutes. The row exists whether or not anybody has the address.

    `purpose`: to enter, or to prove again that it is oneself.
    """

    token_hash: Mapped[str] = mapped_column(unique=True)
    email_norm: Mapped[str]
    language: Mapped[str]
    next: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    purpose: Mapped[str] = mapped_column(default="enter", server_default="enter")

    __table_args__ = (CheckConstraint("purpose IN ('enter', 'again')", name="purpose"),)


class SecondFactor(Model):
    """An account's authenticator (RFC 6238). Without `confirmed_at` it is being set up and asks for nothing."""

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(comment="sealed: saas.kit.sealed")
    confirmed_at: Mapped[dt.datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", comment="of RFC 6238; each is used once")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class RecoveryCode(PlatformOwned, Model):
    """One of ten codes that stand in for a lost authenticator, used once each; only its hash is kept."""

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[dt.datetime | None]

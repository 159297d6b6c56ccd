"""Reads of identity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text

from saas.identity.commands.signing import IDLE
from saas.identity.models import Account, AccountAddress, Member, SignIn, SignInCode, SignInGrant
from saas.kit.clock import now
from saas.kit.tokens import hashed
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Membership:
    """One thing an account is: staff of a firm (no workspace) or a member of a workspace."""

    firm_slug: str
    firm_name: str
    workspace_slug: str | None
    workspace_name: str | None
    colour: str | None
    roles: tuple[str, ...]
    name: str
    email: str
    language: str
    wants: str | None = None  # as saas.identity.viewer.Viewer says

    @property
    def path(self) -> str:
        """Where this membership starts."""
        return f"/{self.firm_slug}/" + (f"w/{self.workspace_slug}/" if self.workspace_slug else "")


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """What an invitation's link shows before it is used."""

    firm_slug: str
    firm_name: str
    workspace_slug: str | None
    workspace_name: str | None
    colour: str | None
    invited_by: str
    email: str
    state: str
    connection_id: UUID | None = None  # the only way in, where a company keeps to its own provider
    account_id: UUID | None = None  # whose address it is already

    @property
    def path(self) -> str:
        """Where whoever joins goes."""
        return f"/{self.firm_slug}/" + (f"w/{self.workspace_slug}/" if self.workspace_slug else "")


def memberships_of(sign_in_id: UUID) -> Sequence[Membership]:
    """Platform scope: everything that a sign-in may enter."""
    rows = db.session.execute(text("SELECT * FROM memberships_of(:sign_in)"), {"sign_in": sign_in_id}).all()
    return [
        Membership(
            r.firm_slug,
            r.firm_name,
            r.workspace_slug,
            r.workspace_name,
            r.colour,
            tuple(r.roles),
            r.name,
            r.email,
            r.language,
            r.wants,
        )
        for r in rows
    ]


def invitation_card(token: str) -> InvitationCard | None:
    """Platform scope: what a link leads to, whatever its state; None for a link we never made."""
    row = db.session.execute(text("SELECT * FROM invitation_card(:hash)"), {"hash": hashed(token)}).one_or_none()
    return InvitationCard(*row) if row else None


@dataclass(frozen=True, slots=True)
class Device:
    """One live sign-in of an account, as its owner sees it."""

    id: UUID
    device: str
    network: str
    methods: tuple[str, ...]
    created_at: dt.datetime
    seen_at: dt.datetime
    is_whole: bool


def devices(account_id: UUID, only: UUID | None = None) -> Sequence[Device]:
    """Platform scope: the live sign-ins of an account, the last used first; or one of them only."""
    grants = (
        select(
            SignInGrant.sign_in_id,
            func.array_agg(SignInGrant.method.distinct()).label("methods"),
            func.bool_or(SignInGrant.firm_id.is_(None)).label("is_whole"),
        )
        .group_by(SignInGrant.sign_in_id)
        .subquery()
    )
    live = (
        SignIn.account_id == account_id,
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > now(),
        SignIn.seen_at > now() - IDLE,
    )
    rows = db.session.execute(
        select(SignIn, grants.c.methods, grants.c.is_whole)
        .join(grants, grants.c.sign_in_id == SignIn.id)
        .where(*live, *([SignIn.id == only] if only else []))
        .order_by(SignIn.seen_at.desc())
        .limit(50)
    )
    return [Device(s.id, s.device, s.network, tuple(m), s.created_at, s.seen_at, w) for s, m, w in rows]


def connection_of(sign_in_id: UUID) -> UUID | None:
    """Platform scope: the company's provider that a sign-in came through last."""
    found = select(SignInGrant.connection_id).where(SignInGrant.sign_in_id == sign_in_id, SignInGrant.connection_id.is_not(None))
    return db.session.scalar(found.order_by(SignInGrant.at.desc()).limit(1))


def addresses_of(account_id: UUID) -> Sequence[str]:
    """Platform scope: the addresses that an account's person has proved, the first one first."""
    own = select(AccountAddress.email_norm).where(AccountAddress.account_id == account_id)
    return db.session.scalars(own.order_by(AccountAddress.verified_at, AccountAddress.email_norm)).all()


def knows_address(email_norm: str, browser_hash: str) -> bool:
    """Platform scope: whether the account of an address has signed in from this browser before."""
    found = select(SignIn.id).join(AccountAddress, AccountAddress.account_id == SignIn.account_id)
    mine = AccountAddress.email_norm == email_norm, SignIn.browser_hash == browser_hash
    return db.session.scalar(found.where(*mine).limit(1)) is not None


def gave_factor(account_id: UUID, browser_hash: str) -> bool:
    """Platform scope: whether the account has given its second factor from this browser before."""
    mine = SignIn.account_id == account_id, SignIn.browser_hash == browser_hash, SignIn.factor_at.is_not(None)
    return bool(browser_hash) and db.session.scalar(select(SignIn.id).where(*mine).limit(1)) is not None


def has_password(account_id: UUID) -> bool:
    """Platform scope: whether an account has a password."""
    return bool(db.session.scalar(select(Account.password_hash).where(Account.id == account_id)))


def code_of(code_id: UUID) -> SignInCode | None:
    """Platform scope: a code that was asked for, whatever became of it."""
    return db.session.get(SignInCode, code_id)


def code_by_link(token: str) -> SignInCode | None:
    """Platform scope: what a mailed link is for, if it still opens something."""
    found = select(SignInCode).where(SignInCode.token_hash == hashed(token), SignInCode.used_at.is_(None))
    return db.session.scalar(found.where(SignInCode.expires_at > now()))


def address_is_known(email: str) -> bool:
    """Platform scope: whether a sign-in link would lead anywhere. For the job only, never for an answer."""
    return bool(db.session.scalar(select(func.address_is_known(email))))


def joined_people() -> Sequence[tuple[UUID, str]]:
    """Workspace scope: the people who have joined, by name: (account, name)."""
    rows = db.session.scalars(
        select(Member).where(Member.account_id.is_not(None), Member.left_at.is_(None)).order_by(Member.name_folded)
    )
    return [(row.account_id, row.name) for row in rows if row.account_id]

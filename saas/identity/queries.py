"""Reads of identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text

from saas.identity.models import Member
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


def memberships_of(account_id: UUID) -> Sequence[Membership]:
    """Platform scope: everything an account may enter."""
    rows = db.session.execute(text("SELECT * FROM memberships_of(:account)"), {"account": account_id}).all()
    return [
        Membership(r.firm_slug, r.firm_name, r.workspace_slug, r.workspace_name, r.colour, tuple(r.roles), r.name, r.email)
        for r in rows
    ]


def invitation_card(token: str) -> InvitationCard | None:
    """Platform scope: what a link leads to, whatever its state; None for a link we never made."""
    row = db.session.execute(text("SELECT * FROM invitation_card(:hash)"), {"hash": hashed(token)}).one_or_none()
    return InvitationCard(*row) if row else None


def address_is_known(email: str) -> bool:
    """Platform scope: whether a sign-in link would lead anywhere. For the job only, never for an answer."""
    return bool(db.session.scalar(select(func.address_is_known(email))))


def joined_people() -> Sequence[tuple[UUID, str]]:
    """Workspace scope: the people who have joined, by name: (account, name)."""
    rows = db.session.scalars(
        select(Member).where(Member.account_id.is_not(None), Member.left_at.is_(None)).order_by(Member.name_folded)
    )
    return [(row.account_id, row.name) for row in rows if row.account_id]

"""Reads of single sign-on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, func, select, text

from saas.identity.models import Member
from saas.identity.sso.client import Provider
from saas.identity.sso.models import SsoConnection, SsoDomain, SsoIdentity
from tenants.db import db
from tenants.scope import Scope, current_scope, inside


@dataclass(frozen=True, slots=True)
class Known:
    """A directory by which somebody may come in: its connection, and what it is called."""

    id: UUID
    label: str


def provider(connection_id: UUID) -> Provider | None:
    """Platform scope: a connection whose firm and workspace are open, read in its own scope; None for any other id."""
    place = db.session.execute(text("SELECT * FROM sso_place(:id)"), {"id": connection_id}).one_or_none()
    if place is None:
        return None
    with inside(Scope.workspace(place.firm_id, place.workspace_id) if place.workspace_id else Scope.firm(place.firm_id)):
        row = connection(connection_id)
        return Provider.of(row) if row is not None else None


def connection(connection_id: UUID, *, lock: bool = False) -> SsoConnection | None:
    """One connection of this workspace, or in firm scope one of the firm's own."""
    own = SsoConnection.workspace_id.is_not_distinct_from(current_scope().workspace_id)
    found = select(SsoConnection).where(own, SsoConnection.id == connection_id)
    return db.session.scalar(found.with_for_update() if lock else found)


def own_connection(*, lock: bool = False) -> SsoConnection | None:
    """The connection that the settings show: this workspace's, or in firm scope the firm's own."""
    own = SsoConnection.workspace_id.is_not_distinct_from(current_scope().workspace_id)
    found = select(SsoConnection).where(own).order_by(SsoConnection.id).limit(1)
    return db.session.scalar(found.with_for_update() if lock else found)


def own_domains() -> Sequence[SsoDomain]:
    """The domains that this workspace, or the firm itself, says are its own."""
    own = SsoDomain.workspace_id.is_not_distinct_from(current_scope().workspace_id)
    return db.session.scalars(select(SsoDomain).where(own).order_by(SsoDomain.domain)).all()


def own_domain(domain_id: UUID) -> SsoDomain | None:
    """One of them."""
    own = SsoDomain.workspace_id.is_not_distinct_from(current_scope().workspace_id)
    return db.session.scalar(select(SsoDomain).where(own, SsoDomain.id == domain_id).with_for_update())


def has_proved(domain: str) -> bool:
    """Whether this workspace, or the firm itself, has proved a domain and still holds it."""
    return any(one.is_proved and one.domain == domain for one in own_domains())


def is_taken(domain: str) -> bool:
    """Whether somebody else has proved a domain; never who."""
    return bool(db.session.scalar(select(func.domain_is_taken(domain))))


def linked(connection: SsoConnection) -> int:
    """How many people have come through a connection."""
    mine = SsoIdentity.connection_id == connection.id, SsoIdentity.issuer == connection.issuer
    return db.session.scalar(select(func.count()).select_from(SsoIdentity).where(*mine)) or 0


def an_hr_came(connection: SsoConnection) -> bool:
    """Whether an HR of the whole company can come in through a connection: they have been named by it."""
    whole = func.cardinality(Member.hr_sites) == 0, func.cardinality(Member.hr_departments) == 0
    found = (
        select(SsoIdentity.id)
        .join(Member, Member.id == SsoIdentity.member_id)
        .where(
            SsoIdentity.connection_id == connection.id, SsoIdentity.issuer == connection.issuer, Member.left_at.is_(None),
            any_(Member.roles) == "hr", *whole,
        )
        .limit(1)
    )  # fmt: skip
    return db.session.scalar(found) is not None


def connections_for(address: str) -> Sequence[Known]:
    """Platform scope, for the job that mails a sign-in link: the directories that a person of this address may come in through."""
    rows = db.session.execute(text("SELECT * FROM connections_for(:email)"), {"email": address})
    return [Known(row.connection_id, row.label) for row in rows]


def directory_opens() -> bool:
    """Community scope: whether the company's directory signs its people in."""
    return bool(db.session.scalar(select(func.directory_opens())))

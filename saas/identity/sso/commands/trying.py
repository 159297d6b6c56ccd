"""Trying a connection: a real round trip whose answer opens nothing, and is shown once to whoever asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.models import Member
from saas.identity.sso import client, queries
from saas.identity.sso.client import Answer, Provider
from saas.identity.sso.commands import arriving, connecting
from saas.identity.sso.commands.roles import wanted_roles
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from tenants.db import db
from tenants.queue import connection as redis
from tenants.scope import inside

TRIAL_LIVES = 900
SHOWN = (
    "sub", "name", "given_name", "family_name", "email", "email_verified", "xms_edov", "locale", "amr", "auth_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What came back, for the settings' page."""

    claims: Mapping[str, Any]
    how: str
    name: str
    why: str
    roles: tuple[str, ...]
    issuer: str
    subject: str
    is_mine: bool  # it names the HR who tried


def _key(provider_id: UUID | str, account_id: UUID) -> str:
    return f"oidc-trial:{provider_id}:{account_id}"


def way_there(provider: Provider, account_id: UUID, back: str, member_id: UUID | None) -> str:
    """The provider's address, for a trial by this account that ends on the page `back`. Raises Refused."""
    if not provider.issuer:
        raise Refused(_l("Enter what your provider gave you first."))
    flow = {"trial": str(account_id), "back": back, "member": str(member_id) if member_id else ""}
    return client.way_there(client.described(provider), flow)


def came_back(provider: Provider, proved: Answer, account_id: UUID | None) -> str:
    """Keep what came for the one who asked; returns the page to go on to. Raises Refused in another person's browser.

    An HR whose own address came is named by what the directory calls them: they can come in through it from now on.
    """
    if account_id is None or proved.flow.get("trial") != str(account_id):
        raise Refused(_l("Somebody else is signed in here now: try the connection again from its settings."))
    member_id = UUID(proved.flow["member"]) if proved.flow.get("member") else None
    with inside(provider.scope) as context:
        context.g.viewer = arriving.Arriving(account_id, _name_of(member_id))
        row = queries.connection(provider.id, lock=True)
        if row is None:
            raise Refused(_l("This connection is not there any more."))
        connecting.tried(row)
        if member_id is not None and _is_own_address(proved, member_id):
            _link(row, provider, proved, member_id)
        seen = arriving.foresee(provider, proved)
        mine = member_id is not None and seen.person_id == member_id and seen.how == "linked"
        claims = {name: proved.profile.get(name, proved.claims.get(name)) for name in (*SHOWN, row.role_claim) if name}
        kept = {
            "claims": {name: _short(value) for name, value in claims.items() if value is not None}, "how": seen.how, "name": seen.name,
            "why": str(seen.why), "roles": sorted(wanted_roles(row, proved.claims, proved.profile)), "issuer": provider.issuer, "subject": proved.subject, "is_mine": mine,
        }  # fmt: skip
    redis().set(_key(provider.id, account_id), json.dumps(kept), ex=TRIAL_LIVES)
    return str(proved.flow["back"])


def _short(value: Any) -> Any:
    """A claim as it is shown: a person in hundreds of groups is read by the first forty."""
    if isinstance(value, list):
        return [str(one)[:200] for one in value[:40]]
    return value if isinstance(value, bool | int | float) else str(value)[:300]


def _name_of(member_id: UUID | None) -> str:
    member = db.session.scalar(select(Member).where(Member.id == member_id)) if member_id else None
    return member.name if member else ""


def _is_own_address(proved: Answer, member_id: UUID) -> bool:
    said, me = proved.profile.get("email"), db.session.scalar(select(Member.email_norm).where(Member.id == member_id))
    return bool(me) and isinstance(said, str) and email_norm(said) == me


def _link(row: Any, provider: Provider, proved: Answer, member_id: UUID) -> None:
    try:
        connecting.link_me(row, provider.issuer, proved.subject, member_id)
    except Refused:
        return  # the page says whom it stands for already


def last(connection_id: UUID, account_id: UUID) -> Trial | None:
    """What the last trial of this person brought, while it is fresh."""
    found: Any = redis().get(_key(connection_id, account_id))
    if not found:
        return None
    try:
        kept = json.loads(found)
    except ValueError:
        return None
    return Trial(**{**kept, "roles": tuple(kept["roles"])})

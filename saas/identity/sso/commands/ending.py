"""What a provider ends: the sign-ins that it opened (OpenID Connect Back-Channel Logout 1.0). In platform scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from saas.identity.commands import signing
from saas.identity.models import SignIn, SignInGrant
from saas.identity.sso.client import LEEWAY, Provider, decoded
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import connection as redis

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# How old a logout token may be, and how long its id is remembered: used once.
OLDEST = 300


def log_out(provider: Provider, token: str) -> int:
    """End what a logout token names, by session or by person; returns how many sign-ins. Raises Refused for any other token."""
    header, claims = decoded(provider, token)
    if not _is_sound(provider, header, claims):
        raise Refused(_l("This is no logout token of this provider."))
    if not redis().set(f"oidc-logout:{provider.id}:{claims['jti']}", "1", nx=True, ex=2 * OLDEST):
        raise Refused(_l("This is no logout token of this provider."))
    mine = [SignInGrant.connection_id == provider.id]
    if claims.get("sid"):
        mine.append(SignInGrant.sid == claims["sid"])
    if claims.get("sub"):
        mine.append(SignInGrant.subject == claims["sub"])
    return _end(mine)


def _is_sound(provider: Provider, header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Section 2.6 of the specification, in its order."""
    events, jti = claims.get("events"), claims.get("jti")
    names = [claims[name] for name in ("sid", "sub") if claims.get(name) is not None]
    return (
        str(header.get("typ", "JWT")).lower() in ("jwt", "logout+jwt")
        and claims.get("iss") == provider.issuer
        and claims.get("aud") in (provider.client_id, [provider.client_id])
        and _is_recent(claims.get("iat"), claims.get("exp"))
        and bool(names)
        and all(isinstance(name, str) and name for name in names)
        and isinstance(events, dict)
        and isinstance(events.get(EVENT), dict)
        and "nonce" not in claims
        and isinstance(jti, str)
        and 0 < len(jti) <= 255
    )


def _is_recent(issued: object, ends: object) -> bool:
    if not (isinstance(issued, int | float) and isinstance(ends, int | float)):
        return False
    moment = now().timestamp()
    return moment - OLDEST - LEEWAY <= issued <= moment + LEEWAY and ends >= moment - LEEWAY


def end_person(connection_id: UUID, subject: str) -> int:
    """End what a connection opened to one person; returns how many sign-ins."""
    return _end([SignInGrant.connection_id == connection_id, SignInGrant.subject == subject])


def _end(mine: list[Any]) -> int:
    """Sign-ins that only the provider had opened end; of others, what it had added goes."""
    ids = db.session.scalars(select(SignInGrant.sign_in_id).where(*mine).distinct()).all()
    own = select(SignInGrant.id).where(SignInGrant.sign_in_id == SignIn.id, SignInGrant.connection_id.is_(None)).exists()
    ended = db.session.scalars(
        update(SignIn)
        .where(SignIn.id.in_(ids), SignIn.revoked_at.is_(None), ~own)
        .values(revoked_at=now())
        .returning(SignIn.id)
        .execution_options(synchronize_session=False)
    ).all()
    for one in ended:
        signing.note(one, "sign_in.ended")
    whole = select(SignIn.id).where(SignIn.id.in_(ids), SignIn.revoked_at.is_(None))
    db.session.execute(
        delete(SignInGrant).where(*mine, SignInGrant.sign_in_id.in_(whole)).execution_options(synchronize_session=False)
    )
    return len(ids)

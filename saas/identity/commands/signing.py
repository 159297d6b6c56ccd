"""Opening and ending sign-ins. In platform scope."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import update

from saas.identity.models import SignIn, SignInGrant
from saas.kit.clock import now
from saas.kit.tokens import hashed, new_token
from tenants.db import db, new_id

SIGN_IN_LIVES = dt.timedelta(days=90)
STAFF_SIGN_IN_LIVES = dt.timedelta(hours=12)


def sign_in(account_id: UUID, method: str, device: str, *, is_staff: bool) -> str:
    """Platform scope: open a sign-in with its grant; returns the cookie's token."""
    token, life = new_token(), STAFF_SIGN_IN_LIVES if is_staff else SIGN_IN_LIVES
    opened = SignIn(id=new_id(), token_hash=hashed(token), account_id=account_id, device=device[:200], expires_at=now() + life)
    db.session.add(opened)
    db.session.flush()
    db.session.add(SignInGrant(sign_in_id=opened.id, method=method))
    return token


def sign_out(token: str) -> None:
    """Platform scope: end the sign-in of this device."""
    db.session.execute(update(SignIn).where(SignIn.token_hash == hashed(token)).values(revoked_at=now()))

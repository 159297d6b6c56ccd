"""Proving an address: links sent by e-mail. In platform scope."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from saas.identity.models import SignInCode
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.kit.tokens import derived, hashed
from tenants.db import db, new_id
from tenants.queue import later

CODE_LIVES = dt.timedelta(minutes=15)


def ask_for_link(address: str, language: str, next_page: str) -> None:
    """Platform scope: prepare a sign-in link. Nothing here tells whether anybody has the address; the job decides."""
    code = SignInCode(
        id=new_id(), email_norm=email_norm(address), language=language, next=next_page, expires_at=now() + CODE_LIVES
    )
    code.token_hash = hashed(derived("sign-in", code.id))
    db.session.add(code)
    db.session.flush()
    later("identity.sign_in_link", code_id=code.id)


def use_link(token: str) -> tuple[UUID, str]:
    """Platform scope: the account that a link's address belongs to, and the page to go on to. Works once."""
    row = db.session.execute(
        update(SignInCode)
        .where(SignInCode.token_hash == hashed(token), SignInCode.used_at.is_(None), SignInCode.expires_at > now())
        .values(used_at=now())
        .returning(SignInCode.email_norm, SignInCode.next)
    ).one_or_none()
    account_id = prove(row.email_norm) if row else None
    if row is None or account_id is None:
        raise Refused(_l("This link has been used or is too old. Ask for a new one."))
    return account_id, row.next


def prove(address: str) -> UUID | None:
    """Platform scope: the account of a proved address, with the memberships that were waiting for it. None: nobody's."""
    found: UUID | None = db.session.scalar(select(func.prove_address(email_norm(address), new_id())))
    return found

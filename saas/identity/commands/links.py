"""Proving an address: a link and a short code sent by e-mail. In platform scope."""

from __future__ import annotations

import datetime as dt
import hmac
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from saas.identity.models import SignInCode
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.kit.tokens import derived, hashed, number
from tenants.db import db, new_id
from tenants.queue import later
from tenants.scope import Scope, inside

CODE_LIVES = dt.timedelta(minutes=15)
# Of a six-digit code: one chance in 200,000 for whoever guesses, and the row is worth nothing afterwards.
MOST_ATTEMPTS = 5


def ask_for_code(address: str, language: str, next_page: str, purpose: str = "enter", *, silent: bool = False) -> UUID:
    """Prepare a link and a code; returns the id that the asking browser keeps, for the code to be worth something there.

    Nothing here tells whether anybody has the address; the job decides. `silent`: too many were asked for, no mail leaves.
    """
    code = SignInCode(
        id=new_id(), email_norm=email_norm(address), language=language, next=next_page, purpose=purpose,
        expires_at=now() + CODE_LIVES,
    )  # fmt: skip
    code.token_hash = hashed(derived("sign-in", code.id))
    db.session.add(code)
    db.session.flush()
    if not silent:
        later("identity.sign_in_link", code_id=code.id)
    return code.id


def digits(code_id: UUID) -> str:
    """The six digits of a code, made again from its row: no secret waits in a table or in Redis."""
    return number("sign-in-digits", code_id, 6)


def only_digits(typed: str) -> str:
    """What somebody typed of a code, whatever they put between its digits."""
    return "".join(c for c in typed if c in "0123456789")


def use_link(token: str) -> tuple[UUID, str]:
    """The account that a link's address belongs to, and the page to go on to. Works once. Raises Refused."""
    mine = SignInCode.token_hash == hashed(token), SignInCode.purpose == "enter"
    row = db.session.execute(_used(*mine)).one_or_none()
    account_id = prove(row.email_norm) if row else None
    if row is None or account_id is None:
        raise Refused(_l("This link has been used or is too old. Ask for a new one."))
    return account_id, row.next


def use_code(code_id: UUID | None, typed: str, purpose: str = "enter") -> tuple[UUID, str]:
    """The same for the digits typed in the browser that asked for them: five attempts, then it is dead. Raises Refused.

    The attempt is written down before it is judged, and stays whatever the answer.
    """
    tries = code_id is not None and _count_attempt(code_id, purpose)
    right = code_id is not None and hmac.compare_digest(digits(code_id), only_digits(typed))
    row = db.session.execute(_used(SignInCode.id == code_id)).one_or_none() if tries and right else None
    account_id = prove(row.email_norm) if row else None
    if row is not None and account_id is not None:
        return account_id, row.next
    if tries and not right:
        raise Refused(_l("This is not the code of the last mail. Check its six digits."), "code")
    raise Refused(_l("This code has been used, was tried too often or is too old. Ask for a new one."), "code")


def _count_attempt(code_id: UUID, purpose: str) -> bool:
    with inside(Scope.platform()):
        counted = (
            update(SignInCode)
            .where(
                SignInCode.id == code_id, SignInCode.purpose == purpose, SignInCode.used_at.is_(None),
                SignInCode.expires_at > now(), SignInCode.attempts < MOST_ATTEMPTS,
            )
            .values(attempts=SignInCode.attempts + 1)
            .returning(SignInCode.id)
        )  # fmt: skip
        return db.session.scalar(counted) is not None


def _used(*which: ColumnElement[bool]) -> ReturningUpdate[str, str]:
    return (
        update(SignInCode)
        .where(*which, SignInCode.used_at.is_(None), SignInCode.expires_at > now())
        .values(used_at=now())
        .returning(SignInCode.email_norm, SignInCode.next)
    )


def prove(address: str) -> UUID | None:
    """The account of a proved address, with the memberships that were waiting for it. None: nobody's."""
    found: UUID | None = db.session.scalar(select(func.prove_address(email_norm(address), new_id())))
    return found

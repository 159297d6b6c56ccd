"""Passwords. In platform scope."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from types import MappingProxyType
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from zxcvbn import zxcvbn

from saas.identity.models import Account, AccountAddress
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from tenants.db import db

SHORTEST, LONGEST = 12, 256
# zxcvbn's scale from 0 to 4: 3 is more than a hundred million guesses. Its lists hold the passwords of known breaches.
SAFE = 3
# What zxcvbn reads of a password; it grows slow with length, and what is longer is judged by its beginning.
JUDGED = 64
PATIENCE = 5.0  # seconds

# OWASP password storage cheat sheet: argon2id, t=2, 19 MiB, p=1. Few at once, so that a flood cannot exhaust memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = BoundedSemaphore(4)
_NOBODY = _hasher.hash(secrets.token_hex(16))


class TooMany(Refused):
    """More people are signing in at this moment than passwords are hashed at once."""

    status = 503
    headers = MappingProxyType({"Retry-After": "30"})


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=PATIENCE):
        raise TooMany(_l("Many people are signing in just now. Try again in a minute."), "password")
    try:
        yield
    finally:
        _slots.release()


def check_password(address: str, password: str) -> UUID:
    """The account that this address and password open. Takes as long when there is none. Raises Refused."""
    account = db.session.scalar(
        select(Account)
        .join(AccountAddress, AccountAddress.account_id == Account.id)
        .where(AccountAddress.email_norm == email_norm(address))
    )
    if not _matches(account, password) or account is None:
        raise Refused(_l("This address and this password do not go together."), "password")
    return account.id


def is_password(account_id: UUID, password: str) -> bool:
    """Whether this is the account's password."""
    return _matches(db.session.get(Account, account_id), password)


def _matches(account: Account | None, password: str) -> bool:
    stored = account.password_hash if account and account.password_hash else _NOBODY
    with _slot():
        try:
            right: bool = _hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            right = False
        if account is None or not account.password_hash or not right:
            return False
        if _hasher.check_needs_rehash(stored):
            account.password_hash = _hasher.hash(password)
    return True


def set_password(account_id: UUID, password: str, about: Sequence[str] = ()) -> None:
    """Give an account a password. `about`: words that whoever knows its owner tries first. Raises Refused."""
    judge(password, about)
    with _slot():
        db.session.get_one(Account, account_id).password_hash = _hasher.hash(password)


def drop_password(account_id: UUID) -> None:
    """Go back to signing in by e-mail alone."""
    db.session.get_one(Account, account_id).password_hash = None


def judge(password: str, about: Sequence[str] = ()) -> None:
    """Raises Refused for a password that is short, known from a breach or soon guessed (NIST SP 800-63B, 3.1.1.2)."""
    if len(password) < SHORTEST:
        raise Refused(_l("Choose at least 12 characters."), "password")
    if len(password) > LONGEST:
        raise Refused(_l("Choose at most 256 characters."), "password")
    words = [*about, *(word for text in about for word in text.replace("@", " ").replace(".", " ").split() if len(word) > 2)]
    if zxcvbn(password[:JUDGED], user_inputs=words, max_length=JUDGED)["score"] < SAFE:
        raise Refused(
            _l("This one is soon guessed: it is known, or made of what people try first. A sentence is better."), "password"
        )

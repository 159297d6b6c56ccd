"""Passwords. In platform scope."""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.models import Account, AccountAddress
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from tenants.db import db

# OWASP password storage cheat sheet: argon2id, t=2, 19 MiB, p=1. Few at once, so that a flood cannot exhaust memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = BoundedSemaphore(4)
_NOBODY = _hasher.hash(secrets.token_hex(16))


def check_password(address: str, password: str) -> UUID:
    """Platform scope: the account that this address and password open. Takes as long when there is none."""
    account = db.session.scalar(
        select(Account)
        .join(AccountAddress, AccountAddress.account_id == Account.id)
        .where(AccountAddress.email_norm == email_norm(address))
    )
    stored = account.password_hash if account and account.password_hash else _NOBODY
    with _slots:
        try:
            right: bool = _hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            right = False
    if account is None or not account.password_hash or not right:
        raise Refused(_l("This address and this password do not go together."))
    if _hasher.check_needs_rehash(stored):
        account.password_hash = _hasher.hash(password)
    return account.id


def set_password(account_id: UUID, password: str) -> None:
    """Platform scope: give an account a password."""
    if len(password) < 12:
        raise Refused(_l("Choose at least 12 characters."), "password")
    with _slots:
        db.session.get_one(Account, account_id).password_hash = _hasher.hash(password)

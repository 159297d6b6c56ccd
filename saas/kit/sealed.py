"""Secrets that must come back: a provider's client secret, an authenticator's seed. Encrypted with a key of SECRET_KEY."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealed:" + secret.encode()).digest()))


def _keys() -> MultiFernet:
    config = current_app.config
    return MultiFernet([_key(config["SECRET_KEY"]), *(_key(old) for old in config["SECRET_KEY_FALLBACKS"])])


def seal(text: str) -> str:
    """What a table may hold of a secret; empty for an empty one."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The secret again. Empty when there was none, or when neither SECRET_KEY nor SECRET_KEY_OLD sealed it."""
    try:
        return _keys().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        return ""

"""Secrets that travel in links and cookies: 256 random or derived bits; only their SHA-256 is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app


def new_token() -> str:
    return secrets.token_urlsafe(32)


def derived(purpose: str, subject: object) -> str:
    """A token that a job can make again from its row, so that no secret waits in a table or in Redis."""
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, f"{purpose}:{subject}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def number(purpose: str, subject: object, length: int) -> str:
    """A short code of digits that is made again from its row in the same way; for what few attempts are allowed."""
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, f"{purpose}:{subject}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**length:0{length}}"


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""From a proved person to a signed-in browser: the cookie, and where to go on to."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands import signing


def safe_next(path: str | None) -> str:
    """A path of ours to go on to, or nothing: never another site (one leading slash, no scheme, no control byte)."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return ""
    return path


def enter(account_id: Any, method: str, next_page: str = "") -> Response:
    """Open a sign-in for this browser, then go on: to the page asked for, the only membership, or the chooser."""
    memberships = queries.memberships_of(account_id)
    is_staff = any(m.workspace_slug is None for m in memberships)
    token = signing.sign_in(account_id, method, request.user_agent.string, is_staff=is_staff)
    target = safe_next(next_page) or (memberships[0].path if len(memberships) == 1 else url_for("identity.chooser"))
    response = redirect(target, 303)
    life = signing.STAFF_SIGN_IN_LIVES if is_staff else signing.SIGN_IN_LIVES
    response.set_cookie(
        current_app.config["SIGN_IN_COOKIE"], token, max_age=int(life.total_seconds()), path="/", httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax",
    )  # fmt: skip
    return response

"""The directory that was last used in this browser: a signed cookie, so that the page of signing in can offer it unasked.

Nothing else there tells who has a directory: whoever types an address is told the same as everybody.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from saas.identity.entering import YEAR
from saas.identity.sso.client import Provider
from saas.identity.sso.queries import Known


def _cookie() -> str:
    return f"{current_app.config['SIGN_IN_COOKIE']}-sso"


def _signer() -> URLSafeSerializer:
    config = current_app.config
    return URLSafeSerializer([*config["SECRET_KEY_FALLBACKS"], config["SECRET_KEY"]], salt="sso-remembered")


def remembered_connection() -> Known | None:
    """The directory by which somebody last came in here with this browser."""
    try:
        found = _signer().loads(request.cookies.get(_cookie(), ""))
        return Known(UUID(found["id"]), str(found["label"]))
    except (BadData, KeyError, TypeError, ValueError):
        return None


def remember(response: Response, provider: Provider) -> Response:
    """Have this browser offer the directory next time."""
    value, secure = (
        _signer().dumps({"id": str(provider.id), "label": provider.label}),
        current_app.config["SESSION_COOKIE_SECURE"],
    )
    response.set_cookie(_cookie(), str(value), max_age=YEAR, path="/", httponly=True, secure=secure, samesite="Lax")
    return response

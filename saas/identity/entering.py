"""From a proved person to a signed-in browser: the cookies, and where to go on to."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands import signing
from saas.identity.commands.signing import Browser, Opens
from saas.identity.viewer import cookie_token
from saas.kit.requests import safe_path
from saas.kit.tokens import hashed, new_token

YEAR = 365 * 86400


def safe_next(path: str | None) -> str:
    """The path that an address or a form names to go on to, if it is one of ours."""
    return safe_path(path)


def this_browser() -> Browser:
    """Where this request comes from. The browser's own cookie says that it is the same one, not who uses it."""
    mark = request.cookies.get(current_app.config["BROWSER_COOKIE"], "")
    return Browser(request.user_agent.string, request.remote_addr or "", hashed(mark) if mark else "")


def enter(account_id: UUID, opens: Opens, next_page: str = "") -> Response:
    """Open a sign-in for this browser, then go on: to the second factor, the page asked for, the only membership, the chooser."""
    browser, mark = this_browser(), ""
    if not browser.known_by:
        mark = new_token()
        browser = Browser(browser.device, browser.network, hashed(mark))
    opened = signing.sign_in(account_id, opens, browser, cookie_token() or "")
    session.clear()  # the form's token too is a new one: what was read before signing in is worth nothing after
    target = _target(opened.id, safe_next(next_page))
    response = redirect(url_for("identity.factor", next=target) if opened.wants_factor else target, 303)
    set_token(response, opened.token)
    if mark:
        _set(response, current_app.config["BROWSER_COOKIE"], mark, YEAR)
    return response


def _target(sign_in_id: UUID, next_page: str) -> str:
    if next_page:
        return next_page
    memberships = queries.memberships_of(sign_in_id)
    return memberships[0].path if len(memberships) == 1 else url_for("identity.chooser")


def set_token(response: Response, token: str) -> None:
    """Give the browser the token of its sign-in."""
    _set(response, current_app.config["SIGN_IN_COOKIE"], token, int(signing.SIGN_IN_LIVES.total_seconds()))


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, secure=secure, samesite="Lax")


def leave(response: Response) -> Response:
    """Forget the sign-in of this browser, and what it kept of our pages."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    session.clear()
    response.delete_cookie(current_app.config["SIGN_IN_COOKIE"], path="/", secure=secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response

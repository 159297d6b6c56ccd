"""Nothing changes because another site asked: what a browser says of where a request comes from (beside the form's token).

Sec-Fetch-Site is said by every browser of today and by no page (W3C Fetch Metadata); Origin by all that send a POST
(RFC 6454; OWASP, cross-site request forgery). A request that says neither comes from a program, and needs the token.
"""

from __future__ import annotations

from flask import Flask, abort, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import Forbidden

from tenants.resolver import hosts_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN = SAFE | {"POST"}


class FromElsewhere(Forbidden):
    """Another site sent this."""

    words = _l("Another site sent this request: nothing was changed. Open our page yourself and do it there.")


def comes_from_us(site: str | None, origin: str | None, ours: frozenset[str]) -> bool:
    """Whether these values of Sec-Fetch-Site and Origin are those of a page of ours, or of no page.

    "null" is the Origin of a form on a page that sends no referrer: it counts with Sec-Fetch-Site beside it.
    """
    if site not in (None, "same-origin", "none"):
        return False
    return origin in (None, *ours) or (origin == "null" and site == "same-origin")


def _guard() -> None:
    if request.method not in KNOWN:
        abort(405)
    if request.method in SAFE or request.endpoint in current_app.config["FROM_ELSEWHERE"]:
        return
    if not comes_from_us(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), current_app.config["ORIGINS"]):
        raise FromElsewhere


def init_crossing(app: Flask) -> None:
    """Features name the endpoints that others may call in FROM_ELSEWHERE, beside WITHOUT_CSRF."""
    public = app.config["PUBLIC_URL"]
    app.config["ORIGINS"] = frozenset(f"{public.partition('://')[0]}://{host}" for host in hosts_of(public))
    app.config["FROM_ELSEWHERE"] = set()
    app.before_request(_guard)

"""From a web address to a firm, before routing; and from a firm to its addresses.

``/equoranda/w/alpes-industrie/…``: the first segment names the firm and moves into SCRIPT_NAME. Platform addresses live
under the reserved segment ``/-/``; the bare ``/`` is the platform's own first page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request

from tenants.models import SLUG

_SLUG = re.compile(SLUG)
# What nobody's page says to the browser: text, to be neither read otherwise, nor framed, nor kept.
PLAIN = [
    ("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Referrer-Policy", "no-referrer"),
]  # fmt: skip
Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]


class FirmFromPath:
    """WSGI middleware: moves the firm's segment from PATH_INFO to SCRIPT_NAME, and refuses unknown hosts."""

    def __init__(self, app: WsgiApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "").lower() not in self.hosts:
            start_response("400 Bad Request", PLAIN)
            return [b"Unknown host.\n"]
        path = environ.get("PATH_INFO", "") or "/"
        first, slash, rest = path.lstrip("/").partition("/")
        if path == "/":
            environ["PATH_INFO"] = "/-/"
        elif first != "-" and _SLUG.match(first) and not rest.startswith("-/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/" + first
            environ["PATH_INFO"] = slash + rest or "/"
            environ["cordee.firm"] = first
        elif first != "-":
            environ["PATH_INFO"] = "/-/not-found"
        return self.app(environ, start_response)


def firm_slug() -> str | None:
    """The slug of the firm that this request's address names, whether such a firm exists or not."""
    slug: str | None = request.environ.get("cordee.firm")
    return slug


def link(firm: str | None, endpoint: str, **values: Any) -> str:
    """An absolute address for mails, documents and jobs: built from configuration, never from a request."""
    base = current_app.config["PUBLIC_URL"].rstrip("/")
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{base}/{firm}{path}" if firm and not path.startswith("/-/") else f"{base}{path}"


def hosts_of(public_url: str) -> frozenset[str]:
    """The Host headers that are ours: the public address, and its 127.0.0.1 / localhost twin on a developer's desk."""
    parts = urlsplit(public_url)
    own = {parts.netloc.lower()}
    if parts.hostname in {"127.0.0.1", "localhost"}:
        port = f":{parts.port}" if parts.port else ""
        own |= {f"127.0.0.1{port}", f"localhost{port}"}
    return frozenset(own)

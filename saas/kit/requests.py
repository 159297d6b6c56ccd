"""What is known of a request before anything else: its number, and the network address it came from."""

from __future__ import annotations

import ipaddress
import secrets

import structlog
from flask import Flask, Response, g, has_request_context, request


def request_id() -> str:
    """The number of this request, 128 random bits that we draw ourselves; empty outside of one."""
    return str(getattr(g, "request_id", "")) if has_request_context() else ""


def network() -> str:
    """The client's network address, as the last proxy that PROXY_HOPS trusts saw it; empty outside a request."""
    return request.remote_addr or "" if has_request_context() else ""


def subscriber(address: str) -> str:
    """The address as limits count it: whole for IPv4, the first 64 bits for IPv6, which one subscriber has to themselves."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return str(ipaddress.ip_network((found, 64), strict=False)) if isinstance(found, ipaddress.IPv6Address) else str(found)


def safe_path(path: str | None) -> str:
    """A path of ours to go on to, or nothing: never another site (one leading slash, no scheme, no control byte)."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return ""
    return path


def _number() -> None:
    g.request_id = secrets.token_hex(16)
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _say(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    return response


def init_requests(app: Flask) -> None:
    """Must come first, so that every line of the log and every answer, errors included, has the number."""
    app.before_request(_number)
    app.after_request(_say)
    app.jinja_env.globals["request_id"] = request_id

"""How a command says no, and what a person then sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, flash, g, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from saas.kit.requests import safe_path
from tenants.db import db

log = structlog.get_logger()
MOST_DRAINED = 300 * 1024 * 1024


class Refused(Exception):
    """A rule of the trade says no. `message` is a lazy text for the reader; `field` names the input it belongs to.

    `status` and `headers` are those of the page that shows the form again.
    """

    status = 422
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: Any, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


def back(fallback: str = "./") -> str:
    """The page of ours that the person came from, as a path; never another site."""
    parts = urlsplit(request.referrer or "")
    path = safe_path(parts.path) if parts.netloc == request.host else ""
    return path + (f"?{parts.query}" if parts.query else "") if path else fallback


def _refused(error: Refused) -> BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    if db.session.registry.has():
        db.session.rollback()
    if error.status != 422:
        return render_template("kit/error.html", code=error.status, message=error.message), error.status, dict(error.headers)
    if request.method == "GET":
        return render_template("kit/error.html", code=409, message=error.message), 409
    flash(str(error.message), "error")
    return redirect(back(request.path), 303)


def _drain() -> None:
    """Read what is left of a body that is too large: a browser that is still sending would not hear the answer."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, MOST_DRAINED)
    while left > 0 and (piece := stream.read(min(left, 1 << 16))):
        left -= len(piece)


def _http(error: HTTPException) -> BaseResponse | tuple[str, int, dict[str, str]]:
    if error.response is not None or (error.code or 500) < 400:
        return Response(error.get_response().get_data(), error.code or 500, error.get_headers())
    if error.code == 413:
        _drain()
    code = 400 if isinstance(error, CSRFError) else error.code or 500
    # A conflict says in its own words what stands in the way, as does what has words; other errors have the page's.
    message = getattr(error, "words", None) or (error.description if code == 409 else None)
    return render_template("kit/error.html", code=code, message=message), code, getattr(error, "more", {})


def _away(error: OperationalError) -> tuple[str, int, dict[str, str]]:
    log.error("the database is away", error=str(error.orig)[:200])
    g.viewer = None
    return render_template("kit/error.html", code=503, message=None), 503, {"Retry-After": "10"}


def _broken(error: InternalServerError) -> tuple[str, int] | tuple[str, int, dict[str, str]]:
    if isinstance(error.original_exception, OperationalError):
        return _away(error.original_exception)  # it died at the commit, after the view
    return render_template("kit/error.html", code=500, message=None), 500


def init_errors(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(InternalServerError, _broken)

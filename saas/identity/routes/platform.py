"""What the platform answers that belongs to no firm: its first page, languages, health."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import text
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.entering import YEAR, safe_next
from saas.kit.access import EVERYONE, SIGNED_IN, open_to
from saas.kit.errors import back
from saas.kit.i18n import LANGUAGES
from tenants.db import db
from tenants.queue import connection
from tenants.scope import Kind

bp = Blueprint("identity", __name__, template_folder="../templates", url_prefix="/-")


@bp.get("/")
@open_to(EVERYONE, within=Kind.PLATFORM)
def start() -> Response:
    """The platform's own first page: on to the chooser, or to sign-in."""
    return redirect(url_for("identity.chooser" if g.viewer.account_id else "identity.sign_in"), 303)


@bp.get("/not-found")
@open_to(EVERYONE, within=Kind.PLATFORM)
def not_found() -> Response:
    """Where addresses lead that name no firm."""
    abort(404)


@bp.get("/chooser")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def chooser() -> str:
    return render_template("identity/chooser.html", memberships=queries.memberships_of(g.viewer.sign_in_id))


@bp.post("/language")
@open_to(EVERYONE, within=Kind.PLATFORM)
def set_language() -> Response:
    """Remember the language this browser reads, and come back to the same page."""
    chosen = request.form.get("language", "")
    response = redirect(safe_next(request.form.get("next")) or safe_next(back("/")) or "/", 303)
    if chosen in LANGUAGES:
        response.set_cookie(
            "language", chosen, max_age=YEAR, path="/", samesite="Lax", httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
    return response


@bp.get("/health")
@open_to(EVERYONE, within=Kind.PLATFORM)
def health() -> tuple[dict[str, str], int]:
    """For the supervisor and the balancer: can this process reach its database and its Redis."""
    db.session.execute(text("SELECT 1"))
    connection().ping()
    return {"state": "ok"}, 200

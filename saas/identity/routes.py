"""Getting in and out: platform addresses, the same for every firm."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import text
from werkzeug.wrappers import Response

from saas.identity import commands, queries
from saas.identity.forms import LinkForm, NewPasswordForm, PasswordForm
from saas.identity.viewer import cookie_token
from saas.kit.access import EVERYONE, SIGNED_IN, open_to
from saas.kit.errors import Refused, back
from saas.kit.i18n import LANGUAGES, language
from tenants.db import db
from tenants.queue import connection
from tenants.scope import Kind

bp = Blueprint("identity", __name__, template_folder="templates", url_prefix="/-")


def safe_next(path: str | None) -> str:
    """A path of ours to go on to, or nothing: never another site (one leading slash, no scheme, no control byte)."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return ""
    return path


def enter(account_id: Any, method: str, next_page: str = "") -> Response:
    """Open a sign-in for this browser, then go on: to the page asked for, the only membership, or the chooser."""
    memberships = queries.memberships_of(account_id)
    is_staff = any(m.workspace_slug is None for m in memberships)
    token = commands.sign_in(account_id, method, request.user_agent.string, is_staff=is_staff)
    target = safe_next(next_page) or (memberships[0].path if len(memberships) == 1 else url_for("identity.chooser"))
    response = redirect(target, 303)
    life = commands.STAFF_SIGN_IN_LIVES if is_staff else commands.SIGN_IN_LIVES
    response.set_cookie(
        current_app.config["SIGN_IN_COOKIE"], token, max_age=int(life.total_seconds()), path="/", httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax",
    )  # fmt: skip
    return response


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


@bp.get("/sign-in")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_in() -> str:
    form = LinkForm(formdata=None, next=safe_next(request.args.get("next")))
    return render_template("identity/sign_in.html", form=form)


@bp.post("/sign-in")
@open_to(EVERYONE, within=Kind.PLATFORM)
def send_link() -> Response | str | tuple[str, int]:
    form = LinkForm()
    if not form.validate():
        return render_template("identity/sign_in.html", form=form), 422
    commands.ask_for_link(form.email.data, language(), safe_next(form.next.data))
    return render_template("identity/link_sent.html", email=form.email.data)


@bp.get("/sign-in/password")
@open_to(EVERYONE, within=Kind.PLATFORM)
def password() -> str:
    form = PasswordForm(formdata=None, next=safe_next(request.args.get("next")))
    return render_template("identity/password.html", form=form)


@bp.post("/sign-in/password")
@open_to(EVERYONE, within=Kind.PLATFORM)
def check_password() -> Response | tuple[str, int]:
    form = PasswordForm()
    if form.validate():
        try:
            return enter(commands.check_password(form.email.data, form.password.data), "password", form.next.data)
        except Refused as no:
            form.password.errors = [no.message]
    return render_template("identity/password.html", form=form), 422


@bp.get("/sign-in/link/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def use_link(token: str) -> str:
    """Shows a button: a GET never uses a link up, since mail scanners follow links."""
    return render_template("identity/use_link.html", token=token)


@bp.post("/sign-in/link/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_in_by_link(token: str) -> Response | tuple[str, int]:
    try:
        account_id, next_page = commands.use_link(token)
    except Refused as no:
        return render_template("identity/sign_in.html", form=LinkForm(formdata=None), message=no.message), 422
    return enter(account_id, "email", next_page)


@bp.post("/sign-out")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_out() -> Response:
    if token := cookie_token():
        commands.sign_out(token)
    response = redirect(url_for("identity.sign_in"), 303)
    response.delete_cookie(
        current_app.config["SIGN_IN_COOKIE"],
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
    )
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.get("/chooser")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def chooser() -> str:
    return render_template("identity/chooser.html", memberships=queries.memberships_of(g.viewer.account_id))


@bp.get("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def invitation(token: str) -> str | tuple[str, int]:
    card = queries.invitation_card(token)
    if card is None:
        abort(404)
    return render_template("identity/invitation.html", card=card, token=token), 200 if card.state == "open" else 410


@bp.post("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def accept(token: str) -> Response:
    card = queries.invitation_card(token)
    account_id = commands.join(token)
    if card is None:
        abort(404)
    flash(_("Welcome! You are signed in."), "ok")
    home = f"/{card.firm_slug}/" + (f"w/{card.workspace_slug}/" if card.workspace_slug else "")
    return enter(account_id, "email", safe_next(request.args.get("next")) or home)


@bp.route("/password", methods=["GET", "POST"])
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def choose_password() -> Response | str | tuple[str, int]:
    form = NewPasswordForm()
    if request.method == "GET":
        return render_template("identity/choose_password.html", form=form)
    if form.validate():
        try:
            commands.set_password(g.viewer.account_id, form.password.data)
            flash(_("Your password is set."), "ok")
            return redirect(url_for("identity.chooser"), 303)
        except Refused as no:
            form.password.errors = [no.message]
    return render_template("identity/choose_password.html", form=form), 422


@bp.post("/language")
@open_to(EVERYONE, within=Kind.PLATFORM)
def set_language() -> Response:
    """Remember the language this browser reads, and come back to the same page."""
    chosen = request.form.get("language", "")
    response = redirect(safe_next(request.form.get("next")) or safe_next(back("/")) or "/", 303)
    if chosen in LANGUAGES:
        response.set_cookie(
            "language", chosen, max_age=365 * 86400, path="/", samesite="Lax", httponly=True,
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

"""Signing in and out."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from saas.identity.commands import links, passwords, signing
from saas.identity.entering import enter, safe_next
from saas.identity.forms import LinkForm, PasswordForm
from saas.identity.routes.platform import bp
from saas.identity.viewer import cookie_token
from saas.kit.access import EVERYONE, open_to
from saas.kit.errors import Refused
from saas.kit.i18n import language
from tenants.scope import Kind


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
    links.ask_for_link(form.email.data, language(), safe_next(form.next.data))
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
            return enter(passwords.check_password(form.email.data, form.password.data), "password", form.next.data)
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
        account_id, next_page = links.use_link(token)
    except Refused as no:
        return render_template("identity/sign_in.html", form=LinkForm(formdata=None), message=no.message), 422
    return enter(account_id, "email", next_page)


@bp.post("/sign-out")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_out() -> Response:
    if token := cookie_token():
        signing.sign_out(token)
    response = redirect(url_for("identity.sign_in"), 303)
    response.delete_cookie(
        current_app.config["SIGN_IN_COOKIE"],
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
    )
    response.headers["Clear-Site-Data"] = '"cache"'
    return response

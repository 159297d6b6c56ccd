"""A person's own account: how they sign in, and where they are signed in."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.identity import pictures, queries
from saas.identity.commands import factors, passwords, signing
from saas.identity.entering import leave, safe_next, set_token
from saas.identity.forms import CodeForm, NewPasswordForm
from saas.identity.routes.platform import bp
from saas.identity.viewer import cookie_token
from saas.kit.access import ACCOUNT, SIGNED_IN, open_to
from saas.kit.errors import Refused
from tenants.scope import Kind


@bp.get("/account")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def account() -> str:
    viewer = g.viewer
    mine = viewer.is_whole and not viewer.lacks_factor
    return render_template(
        "identity/account.html",
        devices=queries.devices(viewer.account_id, None if mine else viewer.sign_in_id),
        addresses=queries.addresses_of(viewer.account_id) if mine else (),
        has_password=mine and queries.has_password(viewer.account_id),
        has_factor=mine and signing.has_factor(viewer.account_id),
        codes_left=factors.codes_left(viewer.account_id) if mine else 0,
        memberships=queries.memberships_of(viewer.sign_in_id),
        mine=mine,
    )


@bp.post("/account/sign-ins/<uuid:sign_in_id>/end")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def end_one(sign_in_id: UUID) -> Response:
    """End one sign-in; this very one signs out."""
    if sign_in_id == g.viewer.sign_in_id:
        signing.end(cookie_token() or "")
        return leave(redirect(url_for("identity.signed_out"), 303))
    if not g.viewer.is_whole or not signing.end_one(g.viewer.account_id, sign_in_id):
        abort(404)
    flash(_("That device is signed out."), "ok")
    return redirect(url_for("identity.account"), 303)


@bp.post("/account/sign-ins/end")
@open_to(ACCOUNT, within=Kind.PLATFORM)
def end_others() -> Response:
    number = signing.end_others(g.viewer.account_id, g.viewer.sign_in_id)
    done = ngettext("%(num)s other device is signed out.", "%(num)s other devices are signed out.", number)
    flash(done if number else _("You were signed in nowhere else."), "ok")
    return redirect(url_for("identity.account"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@open_to(ACCOUNT, within=Kind.PLATFORM, fresh=True)
def choose_password() -> Response | str | tuple[str, int]:
    """Choose a password, or another one; every other device is signed out."""
    form, viewer = NewPasswordForm(), g.viewer
    has_one = queries.has_password(viewer.account_id)
    if request.method == "GET":
        return render_template("identity/choose_password.html", form=form, has_one=has_one)
    if form.validate():
        about = [*queries.addresses_of(viewer.account_id), *(m.name for m in queries.memberships_of(viewer.sign_in_id))]
        try:
            passwords.set_password(viewer.account_id, form.password.data, about)
            return _changed("password.changed", _("Your password is set. Other devices are signed out."))
        except Refused as no:
            form.password.errors = [no.message]
    return render_template("identity/choose_password.html", form=form, has_one=has_one), 422


@bp.post("/account/password/remove")
@open_to(ACCOUNT, within=Kind.PLATFORM, fresh=True)
def drop_password() -> Response:
    passwords.drop_password(g.viewer.account_id)
    return _changed("password.removed", _("Your password is gone: you sign in by e-mail."))


def _changed(act: str, said: str, *, factor: bool = False) -> Response:
    """The ways in have changed: only this device stays signed in, with a new token, and whom it concerns can read it."""
    signing.end_others(g.viewer.account_id, g.viewer.sign_in_id)
    signing.note(g.viewer.sign_in_id, act)
    flash(said, "ok")
    response = redirect(url_for("identity.account"), 303)
    set_token(response, signing.renew(cookie_token() or "", factor=factor))
    return response


def _name() -> str:
    """What an authenticator app shows beside the code."""
    return next(iter(queries.addresses_of(g.viewer.account_id)), g.viewer.name)


@bp.get("/factor/new")
@open_to(SIGNED_IN, within=Kind.PLATFORM, fresh=True)
def new_factor() -> str | Response:
    """The picture to read with an authenticator app, and the first code to type."""
    if not g.viewer.is_whole:
        abort(404)
    if signing.has_factor(g.viewer.account_id):
        return redirect(safe_next(request.args.get("next")) or url_for("identity.account"), 303)
    return _set_up(CodeForm(formdata=None, next=safe_next(request.args.get("next"))))


def _set_up(form: CodeForm) -> str:
    secret = factors.secret_for(g.viewer.sign_in_id)
    return render_template(
        "identity/new_factor.html", form=form, secret=secret, picture=pictures.square(factors.address(secret, _name()))
    )


@bp.post("/factor/new")
@open_to(SIGNED_IN, within=Kind.PLATFORM, fresh=True)
def confirm_factor() -> Response | tuple[str, int]:
    form = CodeForm()
    if not g.viewer.is_whole:
        abort(404)
    if form.validate():
        try:
            codes = factors.confirm(g.viewer.account_id, factors.secret_for(g.viewer.sign_in_id), form.code.data)
            return _with_codes(codes, safe_next(form.next.data), "factor.added")
        except Refused as no:
            form.code.errors = [no.message]
    return _set_up(form), 422


def _with_codes(codes: list[str], next_page: str, act: str) -> Response:
    """The recovery codes, on the only page that ever shows them: they are kept nowhere, so this POST answers with them."""
    signing.end_others(g.viewer.account_id, g.viewer.sign_in_id)
    signing.note(g.viewer.sign_in_id, act)
    response = Response(
        render_template("identity/recovery_codes.html", codes=codes, next=next_page or url_for("identity.account")),
        mimetype="text/html",
    )
    set_token(response, signing.renew(cookie_token() or "", factor=True))
    return response


@bp.post("/factor/codes")
@open_to(ACCOUNT, within=Kind.PLATFORM, fresh=True)
def new_codes() -> Response:
    if not signing.has_factor(g.viewer.account_id):
        abort(404)
    return _with_codes(factors.new_codes(g.viewer.account_id), "", "factor.codes")


@bp.post("/factor/remove")
@open_to(ACCOUNT, within=Kind.PLATFORM, fresh=True)
def remove_factor() -> Response:
    factors.remove(g.viewer.account_id)
    session.pop("again-code", None)
    return _changed("factor.removed", _("Your authenticator is removed."))

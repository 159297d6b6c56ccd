"""Signing in, by a mailed link or code or by a password, and signing out."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands import links, passwords, signing
from saas.identity.commands.signing import Opens
from saas.identity.entering import enter, leave, safe_next
from saas.identity.forms import CodeForm, LinkForm, PasswordForm
from saas.identity.knocking import knock, shown_again
from saas.identity.routes.platform import bp
from saas.identity.viewer import cookie_token
from saas.kit import limits
from saas.kit.access import EVERYONE, open_to
from saas.kit.errors import Refused
from saas.kit.i18n import language
from saas.kit.names import email_norm
from tenants.scope import Kind

Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
# Which code this browser asked for: its digits are worth nothing in another one.
ASKED = "asked-code"


@bp.get("/sign-in")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_in() -> str:
    form = LinkForm(formdata=None, next=safe_next(request.args.get("next")))
    return render_template("identity/sign_in.html", form=form)


@bp.post("/sign-in")
@open_to(EVERYONE, within=Kind.PLATFORM)
def send_link() -> Answer:
    """A mail with a link and a code. Of too many, none leaves, and the answer is the same."""
    form = LinkForm()
    if not form.validate():
        return render_template("identity/sign_in.html", form=form), 422
    try:
        known = knock(form.email.data, form.next.data)
        silent = not limits.may_mail(email_norm(form.email.data), known)
    except Refused as no:
        form.email.errors = [no.message]
        return shown_again("identity/sign_in.html", no, form=form)
    code_id = links.ask_for_code(form.email.data, language(), safe_next(form.next.data), silent=silent)
    session[ASKED] = [str(code_id), form.email.data]
    return redirect(url_for("identity.type_code"), 303)


def asked() -> tuple[UUID | None, str]:
    """The code that this browser asked for, and the address it typed."""
    found = session.get(ASKED)
    return (UUID(found[0]), found[1]) if found else (None, "")


@bp.get("/sign-in/code")
@open_to(EVERYONE, within=Kind.PLATFORM)
def type_code() -> str | Response:
    code_id, email = asked()
    if code_id is None:
        return redirect(url_for("identity.sign_in"), 303)
    return render_template("identity/code.html", form=CodeForm(formdata=None), email=email)


@bp.post("/sign-in/code")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_in_by_code() -> Answer:
    form, (code_id, email) = CodeForm(), asked()
    if form.validate():
        try:
            knock(email)
            account_id, next_page = links.use_code(code_id, form.code.data)
        except Refused as no:
            form.code.errors = [no.message]
            return shown_again("identity/code.html", no, form=form, email=email)
        else:
            return enter(account_id, Opens("email"), next_page)
    return render_template("identity/code.html", form=form, email=email), 422


@bp.get("/sign-in/link/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def use_link(token: str) -> str | tuple[str, int]:
    """Shows a button: a GET never uses a link up, since mail scanners follow links.

    Whoever asked on another device reads the digits to type there; whoever did not ask reads whose sign-in this is.
    """
    code = queries.code_by_link(token)
    if code is None:
        return render_template("identity/link_over.html"), 410
    elsewhere = asked()[0] != code.id
    return render_template(
        "identity/use_link.html", token=token, email=code.email_norm, elsewhere=elsewhere, digits=links.digits(code.id)
    )


@bp.post("/sign-in/link/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_in_by_link(token: str) -> Answer:
    try:
        limits.from_network()
        account_id, next_page = links.use_link(token)
    except Refused as no:
        return shown_again("identity/sign_in.html", no, form=LinkForm(formdata=None), message=no.message)
    return enter(account_id, Opens("email"), next_page)


@bp.get("/sign-in/password")
@open_to(EVERYONE, within=Kind.PLATFORM)
def password() -> str:
    form = PasswordForm(formdata=None, next=safe_next(request.args.get("next")))
    return render_template("identity/password.html", form=form)


@bp.post("/sign-in/password")
@open_to(EVERYONE, within=Kind.PLATFORM)
def check_password() -> Answer:
    form = PasswordForm()
    if form.validate():
        address = email_norm(form.email.data)
        try:
            known = knock(address, form.next.data, guessed=True)
            limits.guess("password", address, known)
            account_id = passwords.check_password(address, form.password.data)
        except Refused as no:
            form.password.errors = [no.message]
            return shown_again("identity/password.html", no, form=form)
        else:
            limits.right("password", address, known)
            return enter(account_id, Opens("password"), form.next.data)
    return render_template("identity/password.html", form=form), 422


@bp.post("/sign-out")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sign_out() -> Response:
    if token := cookie_token():
        signing.end(token)
    return leave(redirect(url_for("identity.signed_out"), 303))


@bp.get("/signed-out")
@open_to(EVERYONE, within=Kind.PLATFORM)
def signed_out() -> str:
    """Where signing out ends."""
    return render_template("identity/signed_out.html")

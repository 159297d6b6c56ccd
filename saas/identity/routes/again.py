"""Proving again that it is oneself, before what is sensitive; and giving the second factor."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands import factors, links, passwords, signing
from saas.identity.entering import safe_next, set_token, this_browser
from saas.identity.forms import CheckPasswordForm, CodeForm, FactorForm
from saas.identity.knocking import shown_again
from saas.identity.routes.platform import bp
from saas.identity.viewer import cookie_token
from saas.kit import limits
from saas.kit.access import SIGNED_IN, open_to
from saas.kit.errors import Refused
from saas.kit.i18n import language
from tenants.queue import later
from tenants.scope import Kind

Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
AGAIN = "again-code"


def _renewed(next_page: str, *, factor: bool = False) -> Response:
    """A new token for the cookie, then on to the page that asked."""
    response = redirect(safe_next(next_page) or url_for("identity.chooser"), 303)
    set_token(response, signing.renew(cookie_token() or "", factor=factor))
    return response


def _page(form: CheckPasswordForm | CodeForm | FactorForm | None = None) -> str:
    account, next_page = g.viewer.account_id, safe_next(request.values.get("next"))
    mine = queries.devices(account, g.viewer.sign_in_id)
    return render_template(
        "identity/again.html", form=form, next=next_page, addresses=queries.addresses_of(account),
        has_password=queries.has_password(account), has_factor=signing.has_factor(account), sent=session.get(AGAIN),
        demo=bool(mine) and "demo" in mine[0].methods,
        password_form=form if isinstance(form, CheckPasswordForm) else CheckPasswordForm(formdata=None, next=next_page),
        code_form=form if isinstance(form, CodeForm) else CodeForm(formdata=None, next=next_page),
        factor_form=form if isinstance(form, FactorForm) else FactorForm(formdata=None, next=next_page),
    )  # fmt: skip


def _to_provider() -> Response | None:
    """Whoever came through a company's provider alone proves it there."""
    if g.viewer.is_whole:
        return None
    connection = queries.connection_of(g.viewer.sign_in_id)
    return redirect(url_for("sso.start", connection_id=connection, again=1, next=safe_next(request.values.get("next"))), 303)


@bp.get("/again")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def again() -> str | Response:
    return _to_provider() or _page()


@bp.post("/again/code")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def send_again() -> Response:
    """Mail a code to one of one's own addresses."""
    mine = queries.addresses_of(g.viewer.account_id)
    wanted = request.form.get("email") or (mine[0] if mine else "")
    if wanted not in mine or not g.viewer.is_whole:
        abort(404)
    silent = not limits.may_mail(wanted, f"again {this_browser().known_by}")
    session[AGAIN] = str(links.ask_for_code(wanted, language(), "", "again", silent=silent))
    return redirect(url_for("identity.again", next=safe_next(request.form.get("next"))), 303)


@bp.post("/again")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def prove_again() -> Answer:
    """By the mailed code, the password, the authenticator; a persona of the demo by a click."""
    if not g.viewer.is_whole:
        abort(403)
    way = {"password": _password, "code": _code, "factor": _factor, "demo": _demo}.get(request.form.get("way", ""))
    return way() if way else (_page(), 422)


def _password() -> Answer:
    form = CheckPasswordForm()
    account = g.viewer.account_id
    if form.validate():
        try:
            limits.guess("again", account)
            if passwords.is_password(account, form.password.data):
                limits.right("again", account)
                return _renewed(form.next.data)
            form.password.errors = [_("This is not your password.")]
        except Refused as no:
            form.password.errors = [no.message]
            return _page(form), no.status, dict(no.headers)
    return _page(form), 422


def _code() -> Answer:
    form, sent = CodeForm(), session.get(AGAIN)
    if form.validate():
        try:
            account_id, _next = links.use_code(UUID(sent) if sent else None, form.code.data, "again")
            if account_id == g.viewer.account_id:
                session.pop(AGAIN, None)
                return _renewed(form.next.data)
        except Refused as no:
            form.code.errors = [no.message]
            return _page(form), no.status, dict(no.headers)
    return _page(form), 422


def _factor() -> Answer:
    form = FactorForm()
    if form.validate():
        try:
            _given(form.code.data)
            return _renewed(form.next.data, factor=True)
        except Refused as no:
            form.code.errors = [no.message]
            return _page(form), no.status, dict(no.headers)
    return _page(form), 422


def _demo() -> Answer:
    mine = queries.devices(g.viewer.account_id, g.viewer.sign_in_id)
    if not mine or "demo" not in mine[0].methods:
        abort(404)
    return _renewed(request.form.get("next", ""))


def _given(typed: str) -> None:
    """Check the second factor; whoever used a recovery code hears of it. Raises Refused.

    Tries are counted by account. Only a browser that has given this factor before has a count of its own: another has
    proved no more than a first factor.
    """
    account, mark = g.viewer.account_id, this_browser().known_by
    known = mark if queries.gave_factor(account, mark) else ""
    limits.guess("factor", account, known)
    given = factors.give(account, typed)
    limits.right("factor", account, known)
    if given == "recovery":
        left = factors.codes_left(g.viewer.account_id)
        flash(_("You used a recovery code: %(number)s are left.", number=left), "ok")
        later("identity.recovery_used", sign_in_id=g.viewer.sign_in_id)


@bp.get("/factor")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def factor() -> str | Response:
    form = FactorForm(formdata=None, next=safe_next(request.args.get("next")))
    if not signing.has_factor(g.viewer.account_id):
        return redirect(form.next.data or url_for("identity.chooser"), 303)
    return render_template("identity/factor.html", form=form)


@bp.post("/factor")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def give_factor() -> Answer:
    form = FactorForm()
    if form.validate():
        try:
            _given(form.code.data)
            return _renewed(form.next.data, factor=True)
        except Refused as no:
            form.code.errors = [no.message]
            return shown_again("identity/factor.html", no, form=form)
    return render_template("identity/factor.html", form=form), 422

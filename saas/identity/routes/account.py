"""A person's own account."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity.commands.passwords import set_password
from saas.identity.forms import NewPasswordForm
from saas.identity.routes.platform import bp
from saas.kit.access import SIGNED_IN, open_to
from saas.kit.errors import Refused
from tenants.scope import Kind


@bp.route("/password", methods=["GET", "POST"])
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def choose_password() -> Response | str | tuple[str, int]:
    form = NewPasswordForm()
    if request.method == "GET":
        return render_template("identity/choose_password.html", form=form)
    if form.validate():
        try:
            set_password(g.viewer.account_id, form.password.data)
            flash(_("Your password is set."), "ok")
            return redirect(url_for("identity.chooser"), 303)
        except Refused as no:
            form.password.errors = [no.message]
    return render_template("identity/choose_password.html", form=form), 422

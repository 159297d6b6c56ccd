"""One's own card, for whoever is of the firm's staff."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.identity.models import Staff
from saas.kit.access import STAFF, open_to
from saas.privacy.commands import corrections
from saas.privacy.forms import CardForm
from tenants.db import db

bp = Blueprint("card", __name__, template_folder="../templates")


def _own() -> Staff:
    found = db.session.scalar(select(Staff).where(Staff.id == g.viewer.staff_id))
    if found is None:
        abort(404)
    return found


@bp.route("/me", methods=["GET", "POST"])
@open_to(*STAFF)
def show() -> Response | str | tuple[str, int]:
    """Name, telephone and language are one's own to correct; roles and address are the owner's."""
    person = _own()
    form = CardForm() if request.method == "POST" else CardForm(
        data={"name": person.card.name, "phone": person.card.phone, "language": person.language}
    )  # fmt: skip
    if request.method == "POST" and form.validate():
        changed = corrections.correct_card(person, form.values())
        flash(_("Saved.") if changed else _("Nothing was changed."), "ok")
        return redirect(url_for("card.show"), 303)
    page = render_template("privacy/card.html", person=person, form=form)
    return (page, 422) if request.method == "POST" else page

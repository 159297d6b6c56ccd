"""A client's prepaid seats: the ledger, for its HR and the firm; movements are written by the firm alone."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments.commands import credits as commands
from saas.enrolments.forms import CreditForm
from saas.enrolments.queries import credits as queries
from saas.kit.access import DESK, HR_OF_ALL, open_to
from saas.kit.errors import Refused
from saas.kit.tables import paged
from saas.workspaces.queries.clients import client as the_client
from tenants.db import db

bp = Blueprint("credits", __name__, template_folder="../templates")


@bp.get("/w/<workspace>/credits")
@open_to(HR_OF_ALL, *DESK)
def show(workspace: str) -> str:
    return render_template(
        "enrolments/credits.html", page=paged(queries.movements()), balance=queries.balance(g.viewer.workspace_id)
    )


@bp.route("/clients/<uuid:client_id>/credits", methods=["GET", "POST"])
@open_to("owner", "advisor")
def move(client_id: UUID) -> Response | str | tuple[str, int]:
    """Firm scope: add prepaid seats, or correct the balance with a reason."""
    client, form = the_client(client_id), CreditForm()
    if form.is_submitted() and form.validate():
        try:
            if form.kind.data == "bought":
                commands.buy(client.id, form.quantity.data, form.note.data or "", form.expires_on.data)
            else:
                commands.correct(client.id, form.quantity.data, form.note.data or "")
            flash(_("Written down: the client sees it."), "ok")
            return redirect(url_for("credits.show", workspace=client.slug), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "quantity"].errors = [no.message]
    page = render_template("enrolments/new_credit.html", form=form, client=client, balance=queries.balance(client_id))
    return (page, 422) if form.errors else page

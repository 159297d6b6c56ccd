"""Who is invoiced for a client: add, change, make usual, forget. For staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.workspaces.commands import parties as commands
from saas.workspaces.forms.clients import PartyForm
from saas.workspaces.models import BillingParty
from saas.workspaces.queries import clients as queries
from tenants.db import db

bp = Blueprint("parties", __name__, template_folder="../templates", url_prefix="/w/<workspace>/settings/parties")
WHO = ("owner", "advisor")


@bp.route("/new", methods=["GET", "POST"])
@open_to(*WHO)
def add(workspace: str) -> Response | str | tuple[str, int]:
    return _written(workspace, PartyForm(), None)


@bp.route("/<uuid:party_id>", methods=["GET", "POST"])
@open_to(*WHO)
def change(workspace: str, party_id: UUID) -> Response | str | tuple[str, int]:
    party = queries.billing_party(party_id)
    return _written(workspace, PartyForm(obj=party), party)


def _written(workspace: str, form: PartyForm, party: BillingParty | None) -> Response | str | tuple[str, int]:
    if request.method == "GET":
        return render_template("workspaces/party.html", form=form, party=party)
    if form.validate():
        try:
            if party is None:
                own = queries.own_workspace()
                commands.add_billing_party(own.id, **form.facts())
            else:
                commands.change_party(party, **form.facts())
            flash(_("Saved."), "ok")
            return redirect(_after(workspace), 303)
        except Refused as no:
            form[no.field or "name"].errors = [no.message]
            db.session.rollback()
    return render_template("workspaces/party.html", form=form, party=party), 422


@bp.post("/<uuid:party_id>/default")
@open_to(*WHO)
def make_default(workspace: str, party_id: UUID) -> Response:
    party = queries.billing_party(party_id)
    commands.make_default(party)
    flash(_("%(name)s is invoiced unless you say otherwise.", name=party.name), "ok")
    return redirect(_after(workspace), 303)


@bp.post("/<uuid:party_id>/delete")
@open_to(*WHO)
def delete(workspace: str, party_id: UUID) -> Response:
    party = queries.billing_party(party_id)
    name = party.name
    commands.delete_party(party)
    flash(_("%(name)s is not invoiced any more.", name=name), "ok")
    return redirect(_after(workspace), 303)


def _after(workspace: str) -> str:
    return url_for("clients.settings", workspace=workspace, _anchor="parties")

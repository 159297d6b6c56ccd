"""The firm's clients: the list, a new one, pins. For staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.kit import branding
from saas.kit.access import DESK, open_to
from saas.kit.errors import Refused, back
from saas.kit.names import fold
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.commands import clients as commands
from saas.workspaces.forms.clients import WorkspaceForm
from saas.workspaces.queries import clients as queries
from tenants.db import db

bp = Blueprint("clients", __name__, template_folder="../templates")
nav_entry(CONSOLE, 10, _l("Clients"), "clients.index", "building-2", *DESK)


@bp.get("/clients")
@open_to(*DESK)
def index() -> str:
    """The list itself is drawn by the features that know what is in it."""
    return render_template("workspaces/clients.html")


@bp.route("/clients/new", methods=["GET", "POST"])
@open_to("owner", "advisor")
def create() -> Response | str | tuple[str, int]:
    form = WorkspaceForm()
    form.once.data = str(form.form_id())
    if request.method == "GET":
        return _new_page(form)
    if form.validate():
        try:
            return _created(form)
        except Refused as no:
            _field(form, no).errors = [no.message]
            db.session.rollback()
    return _new_page(form), 422


def _field(form: WorkspaceForm, no: Refused) -> Any:
    """The field of a refusal: the only address here is the HR contact's."""
    return form["hr_email" if no.field == "email" else no.field or "name"]


def _new_page(form: WorkspaceForm) -> str:
    return render_template(
        "workspaces/new_client.html", form=form, shown=preview_of(form.name.data or "", form.colour.data or "")
    )


def preview_of(name: str, colour: str) -> dict[str, object]:
    """What a colour would look like, and what the guard says of it; the usual colour while it is none."""
    try:
        guarded = branding.guard(colour)
    except ValueError:
        colour, guarded = commands.USUAL_COLOUR, branding.guard(commands.USUAL_COLOUR)
    light = branding.contrast(guarded.light, "#ffffff")
    return {
        "name": name.strip()[:40] or _("Your client"), "colour": colour, "guarded": guarded, "contrast": round(light, 1),
        "theme": branding.theme(colour.lower()),
    }  # fmt: skip


@bp.get("/clients/preview")
@open_to("owner", "advisor")
def preview() -> str:
    """The part of a form that shows a colour while it is chosen."""
    return render_template(
        "workspaces/_preview.html", shown=preview_of(request.args.get("name", ""), request.args.get("colour", ""))
    )


def _created(form: WorkspaceForm) -> Response:
    workspace = commands.open_client(form.form_id(), form.client(), g.viewer.name)
    if form.hr():
        flash(_("The space of %(name)s is open. The invitation of its HR contact is on its way.", name=workspace.name), "ok")
        return redirect(url_for("home.workspace", workspace=workspace.slug), 303)
    flash(_("The space of %(name)s is open. Invite its HR contact now.", name=workspace.name), "ok")
    return redirect(url_for("clients.settings", workspace=workspace.slug), 303)


@bp.post("/clients/<uuid:client_id>/pin")
@open_to(*DESK)
def pin(client_id: UUID) -> Response | str:
    """Keep a client at hand, or no longer: the form says which."""
    client, wanted = queries.client(client_id), request.form.get("wanted") == "1"
    commands.pin(g.viewer.staff_id, client, wanted=wanted)
    if request.headers.get("HX-Request"):
        pins = [pin for pin in g.viewer.rail.pins if pin.id != client.id] + [client] * wanted
        return render_template(
            "workspaces/_pin.html", client=client, pinned=wanted, pins=sorted(pins, key=lambda p: fold(p.name))
        )
    return redirect(back(url_for("clients.index")), 303)

"""The firm's clients: list, create, configure. For staff."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.kit import branding
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.commands import clients as commands
from saas.workspaces.commands import people as people_commands
from saas.workspaces.forms.clients import BrandForm, WorkspaceForm
from saas.workspaces.forms.people import PersonForm
from saas.workspaces.queries import clients as queries
from saas.workspaces.queries.people import hr_people
from tenants.db import db

bp = Blueprint("clients", __name__, template_folder="../templates")
nav_entry(CONSOLE, 10, _l("Clients"), "clients.index", "building-2", "owner", "advisor", "accountant")


@bp.get("/clients")
@open_to("owner", "advisor", "accountant")
def index() -> str:
    search = request.args.get("q", "")
    return render_template(
        "workspaces/clients.html", clients=queries.clients(search), people=queries.people_counts(), search=search
    )


@bp.route("/clients/new", methods=["GET", "POST"])
@open_to("owner", "advisor")
def create() -> Response | str | tuple[str, int]:
    form = WorkspaceForm()
    if request.method == "GET":
        return render_template("workspaces/new_client.html", form=form)
    if form.validate():
        try:
            return _created(form)
        except Refused as no:
            getattr(form, no.field or "name").errors = [no.message]
            db.session.rollback()
    return render_template("workspaces/new_client.html", form=form), 422


def _created(form: WorkspaceForm) -> Response:
    workspace = commands.create_workspace(
        form.name.data, language=form.language.data, colour=form.colour.data, city=form.city.data or "",
        trade=form.trade.data or "",
    )  # fmt: skip
    commands.add_billing_party(
        workspace.id, name=form.billing_name.data or workspace.name, siret=form.siret.data or "", is_default=True,
        street=form.street.data or "", postcode=form.postcode.data or "",
        city=form.billing_city.data or workspace.city, vat_number=form.vat_number.data or "",
    )  # fmt: skip
    flash(_("The space of %(name)s is open. Invite its HR contact now.", name=workspace.name), "ok")
    return redirect(url_for("clients.settings", workspace=workspace.slug), 303)


@bp.get("/w/<workspace>/settings")
@open_to("owner", "advisor")
def settings(workspace: str) -> str:
    own = queries.own_workspace()
    form = BrandForm(formdata=None, obj=own)
    return _settings_page(form, PersonForm(formdata=None, language=own.language))


@bp.post("/w/<workspace>/settings")
@open_to("owner", "advisor")
def brand(workspace: str) -> Response | tuple[str, int]:
    own, form = queries.own_workspace(), BrandForm()
    if not form.validate():
        return _settings_page(form, PersonForm(formdata=None)), 422
    commands.brand(own, name=form.name.data, colour=form.colour.data, language=form.language.data)
    flash(_("Saved."), "ok")
    return redirect(url_for("clients.settings", workspace=workspace), 303)


@bp.post("/w/<workspace>/hr")
@open_to("owner", "advisor", "hr")
def invite_hr(workspace: str) -> Response | tuple[str, int]:
    form = PersonForm()
    if form.validate():
        try:
            member = people_commands.invite_hr(
                form.first_name.data, form.last_name.data, form.email.data, form.language.data, g.viewer.name
            )
            flash(_("%(name)s is HR of this space. The invitation is on its way.", name=member.name), "ok")
            return redirect(url_for("clients.settings", workspace=workspace), 303)
        except Refused as no:
            getattr(form, no.field or "email").errors = [no.message]
            db.session.rollback()
    return _settings_page(BrandForm(formdata=None, obj=queries.own_workspace()), form), 422


def _settings_page(form: BrandForm, person: PersonForm) -> str:
    own = queries.own_workspace()
    return render_template(
        "workspaces/settings.html", form=form, person=person, own=own, guarded=branding.guard(own.colour),
        parties=queries.billing_parties(), hr=hr_people(),
    )  # fmt: skip

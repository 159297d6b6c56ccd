"""One client's settings: look and language, HR contacts, archive and restore. For staff."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.kit.access import may, open_to
from saas.kit.errors import Refused
from saas.kit.shell import CLIENT, nav_entry
from saas.workspaces.commands import clients as commands
from saas.workspaces.commands import hr as hr_commands
from saas.workspaces.forms.clients import BrandForm, read_picture
from saas.workspaces.forms.people import PersonForm
from saas.workspaces.queries import clients as queries
from saas.workspaces.queries import people
from saas.workspaces.routes.clients import bp, preview_of
from tenants.db import db

nav_entry(CLIENT, 90, _l("Settings"), "clients.settings", "settings", "owner", "advisor")


@bp.get("/w/<workspace>/settings")
@open_to("owner", "advisor")
def settings(workspace: str) -> str:
    own = queries.own_workspace()
    return _page(BrandForm(formdata=None, obj=own), PersonForm(formdata=None, language=own.language))


@bp.post("/w/<workspace>/settings")
@open_to("owner", "advisor")
def brand(workspace: str) -> Response | tuple[str, int]:
    own, form = queries.own_workspace(), BrandForm()
    if form.validate():
        try:
            commands.brand(
                own, name=form.name.data, colour=form.colour.data, language=form.language.data, city=form.city.data or "",
                trade=form.trade.data or "", siren=form.siren.data or "", logo=read_picture(form.logo),
                no_logo=form.no_logo.data,
            )  # fmt: skip
            flash(_("Saved."), "ok")
            return redirect(url_for("clients.settings", workspace=workspace), 303)
        except Refused as no:
            form[no.field or "name"].errors = [no.message]
            db.session.rollback()
    return _page(form, PersonForm(formdata=None)), 422


@bp.post("/w/<workspace>/hr")
@open_to("owner", "advisor", "hr")
def invite_hr(workspace: str) -> Response | tuple[str, int]:
    form = PersonForm()
    if form.validate():
        try:
            member = hr_commands.invite_hr(
                form.first_name.data, form.last_name.data, form.email.data, form.language.data, g.viewer.name
            )
            flash(_("%(name)s is HR of this space. The invitation is on its way.", name=member.name), "ok")
            return redirect(_after(workspace), 303)
        except Refused as no:
            form[no.field or "email"].errors = [no.message]
            db.session.rollback()
    return _page(BrandForm(formdata=None, obj=queries.own_workspace()), form), 422


@bp.post("/w/<workspace>/hr/<uuid:hr_id>/resend")
@open_to("owner", "advisor")
def resend(workspace: str, hr_id: UUID) -> Response:
    member = people.member(hr_id)
    hr_commands.resend(member, g.viewer.name)
    flash(_("The invitation of %(name)s is on its way again.", name=member.name), "ok")
    return redirect(_after(workspace), 303)


@bp.post("/w/<workspace>/hr/<uuid:hr_id>/revoke")
@open_to("owner", "advisor")
def revoke(workspace: str, hr_id: UUID) -> Response:
    member = people.member(hr_id)
    hr_commands.revoke(member)
    flash(_("The invitation of %(name)s is withdrawn.", name=member.name), "ok")
    return redirect(_after(workspace), 303)


@bp.post("/w/<workspace>/archive")
@open_to("owner", "advisor")
def archive(workspace: str) -> Response:
    own = queries.own_workspace()
    commands.archive(own)
    flash(_("%(name)s is archived. Its members cannot open the space any more.", name=own.name), "ok")
    return redirect(url_for("clients.index", state="archived"), 303)


@bp.post("/w/<workspace>/restore")
@open_to("owner", "advisor", even_archived=True)
def restore(workspace: str) -> Response:
    own = queries.own_workspace()
    commands.restore(own)
    flash(_("%(name)s is open again.", name=own.name), "ok")
    return redirect(_after(workspace), 303)


def _after(workspace: str) -> str:
    """Where whoever acted goes on: HR has no page of settings."""
    page = "clients.settings" if may("owner", "advisor") else "people.index"
    return url_for(page, workspace=workspace)


def _page(form: BrandForm, person: PersonForm) -> str:
    own, hr = queries.own_workspace(), people.hr_people()
    return render_template(
        "workspaces/settings.html", form=form, person=person, own=own, hr=hr, parties=queries.billing_parties(),
        invited=queries.open_invitations([m.id for m in hr]), shown=preview_of(form.name.data or "", form.colour.data or ""),
    )  # fmt: skip

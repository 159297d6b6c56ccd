"""The firm's staff: invite, change, limit to clients, remove and take back. For the owner."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.identity.models import Staff
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.commands import factors
from saas.workspaces.commands import staff as commands
from saas.workspaces.forms.staff import InvitationForm, LimitForm, PersonForm
from saas.workspaces.queries import staff as queries
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db

bp = Blueprint("staff", __name__, template_folder="../templates", url_prefix="/staff")
nav_entry(CONSOLE, 95, _l("Staff"), "staff.index", "users", "owner")


@bp.get("")
@open_to("owner")
def index() -> str:
    return render_template("workspaces/staff.html", colleagues=queries.colleagues(), required=queries.needs_second_factor())


@bp.post("/second-factor")
@open_to("owner", fresh=True)
def second_factor() -> Response:
    """Require a second factor of everybody, or leave it to each."""
    required = request.form.get("required") == "yes"
    factors.require(required)
    said = _("Everybody of your staff is asked for a second factor from their next page on.")
    flash(said if required else _("A second factor is left to each person."), "ok")
    return redirect(url_for("staff.index"), 303)


@bp.post("/<uuid:staff_id>/second-factor/drop")
@open_to("owner", fresh=True)
def drop_factor(staff_id: UUID) -> Response:
    """Somebody lost their phone and their codes."""
    person = queries.person(staff_id)
    factors.drop(person)
    flash(_("The authenticator of %(name)s is taken away.", name=person.card.name), "ok")
    return redirect(url_for("staff.show", staff_id=staff_id), 303)


@bp.route("/new", methods=["GET", "POST"])
@open_to("owner")
def invite() -> Response | str | tuple[str, int]:
    form = InvitationForm()
    if request.method == "GET":
        return render_template("workspaces/staff_new.html", form=form)
    if form.validate():
        try:
            person = commands.invite(form.name.data, form.email.data, form.roles.data, form.language.data)
            flash(_("The invitation of %(name)s is on its way.", name=person.card.name), "ok")
            return redirect(url_for("staff.show", staff_id=person.id), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "email"].errors = [no.message]
    return render_template("workspaces/staff_new.html", form=form), 422


@bp.get("/<uuid:staff_id>")
@open_to("owner")
def show(staff_id: UUID) -> str:
    person = queries.person(staff_id)
    return _page(person, _form_of(person), _limits_of(person))


@bp.post("/<uuid:staff_id>")
@open_to("owner")
def change(staff_id: UUID) -> Response | tuple[str, int]:
    person, form = queries.person(staff_id), PersonForm()
    if form.validate():
        try:
            commands.change(
                person, name=form.name.data, roles=form.roles.data, language=form.language.data, phone=form.phone.data or "",
                bio={"fr": form.bio_fr.data or "", "en": form.bio_en.data or ""},
            )  # fmt: skip
            flash(_("Saved."), "ok")
            return redirect(url_for("staff.show", staff_id=staff_id), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "name"].errors = [no.message]
    person = queries.person(staff_id)
    return _page(person, form, _limits_of(person)), 422


@bp.post("/<uuid:staff_id>/clients")
@open_to("owner")
def limit(staff_id: UUID) -> Response | tuple[str, int]:
    person, form = queries.person(staff_id), LimitForm()
    form.clients.choices = options(_choices())
    if form.validate():
        try:
            commands.limit(person, [UUID(i) for i in form.clients.data] if form.limited.data == "yes" else None)
            flash(_("Saved: it holds from their next page on."), "ok")
            return redirect(url_for("staff.show", staff_id=staff_id), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "clients"].errors = [no.message]
    person = queries.person(staff_id)
    return _page(person, _form_of(person), form), 422


@bp.post("/<uuid:staff_id>/<any(invite, revoke, remove, restore):act>")
@open_to("owner")
def act(staff_id: UUID, act: str) -> Response:
    """Send the invitation again or withdraw it; remove the person or take them back."""
    person = queries.person(staff_id)
    done, said = {
        "invite": (commands.send_again, _("The invitation of %(name)s is on its way.", name=person.card.name)),
        "revoke": (commands.revoke, _("The invitation of %(name)s opens nothing any more.", name=person.card.name)),
        "remove": (commands.remove, _("%(name)s is no longer of your staff.", name=person.card.name)),
        "restore": (commands.take_back, _("%(name)s is of your staff again.", name=person.card.name)),
    }[act]
    done(person)
    flash(said, "ok")
    return redirect(
        url_for("staff.index" if act == "remove" else "staff.show", staff_id=None if act == "remove" else staff_id), 303
    )


def _form_of(person: Staff) -> PersonForm:
    bio = person.card.bio
    return PersonForm(
        formdata=None, name=person.card.name, roles=person.roles, language=person.language, phone=person.card.phone,
        bio_fr=bio.get("fr", ""), bio_en=bio.get("en", ""),
    )  # fmt: skip


def _limits_of(person: Staff) -> LimitForm:
    chosen = [str(i) for i in queries.clients_of(person.id)]
    form = LimitForm(formdata=None, limited="yes" if person.limited else "no", clients=chosen)
    form.clients.choices = options(_choices())
    return form


def _choices() -> list[tuple[str, str]]:
    return [(str(i), w.name) for i, w in workspace_names().items() if w.state == "active"]


def _page(person: Staff, form: PersonForm, limits: LimitForm) -> str:
    invited = queries.open_invitations()
    return render_template(
        "workspaces/staff_person.html", person=person, form=form, limits=limits, state=queries.state(person, invited),
        invited_at=invited.get(person.id), has_factor=person.id in queries.with_second_factor(),
        can_limit="advisor" in person.roles and "owner" not in person.roles,
    )  # fmt: skip

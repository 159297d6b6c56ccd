"""One person's page: who they are, what they are here, their invitation, their leaving. For HR, and staff acting for them."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import HR_OF_ALL, may, open_to
from saas.kit.clock import today
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.workspaces.commands import inviting, leaving
from saas.workspaces.commands import people as commands
from saas.workspaces.forms.people import LeaveForm, MemberForm, RolesForm, field_name
from saas.workspaces.queries import history
from saas.workspaces.queries import people as queries
from saas.workspaces.routes.people import WHO, bp

FOR_ALL = (HR_OF_ALL, "owner", "advisor")
bp.add_app_template_filter(field_name, "person_field")


def _alone(found: Member) -> Select[Member]:
    return select(Member).where(Member.id == found.id)


@bp.get("/<uuid:member_id>")
@open_to(*WHO)
def person(workspace: str, member_id: UUID) -> str:
    found = queries.member(member_id, even_left=True)
    return _page(found, _roles_form(found) if may(*FOR_ALL) and found.left_at is None else None)


def _roles_form(found: Member, **more: object) -> RolesForm:
    """With the sites and departments that there are, and those that were chosen when there were others."""
    departments, sites = queries.people_filters()
    form = RolesForm(data={"roles": found.roles, "sites": found.hr_sites, "departments": found.hr_departments}, **more)
    form.sites.choices = options((name, name) for name in sorted({*sites, *found.hr_sites}))
    form.departments.choices = options((name, name) for name in sorted({*departments, *found.hr_departments}))
    return form


def _page(found: Member, form: RolesForm | None) -> str:
    invitation = queries.invitations([found.id]).get(found.id)
    return render_template(
        "workspaces/person.html", person=found, form=form, manager=queries.line_manager(found), reports=queries.reports(found),
        invitation=invitation, is_recent=inviting.is_recent(invitation), acts=history.of_person(found),
        is_oneself=found.id == g.viewer.member_id,
    )  # fmt: skip


@bp.route("/<uuid:member_id>/edit", methods=["GET", "POST"])
@open_to(*WHO)
def edit(workspace: str, member_id: UUID) -> Response | str | tuple[str, int]:
    found = queries.member(member_id)
    form = MemberForm(obj=found)
    if request.method == "POST" and form.validate():
        try:
            return _changed(workspace, found, commands.change_person(found, form.values()))
        except Refused as no:
            getattr(form, no.field or "email").errors = [no.message]
    departments, sites = queries.people_filters()
    page = render_template("workspaces/edit_person.html", form=form, person=found, departments=departments, sites=sites)
    return (page, 422) if request.method == "POST" else page


def _changed(workspace: str, found: Member, changed: list[str]) -> Response:
    if "email" in changed and found.email:
        flash(_("Saved. %(name)s has to prove the new address: send them an invitation.", name=found.name), "ok")
    else:
        flash(_("Saved.") if changed else _("Nothing was changed."), "ok")
    return _back(workspace, found.id)


@bp.post("/<uuid:member_id>/roles")
@open_to(*FOR_ALL)
def roles(workspace: str, member_id: UUID) -> Response | tuple[str, int]:
    found = queries.member(member_id)
    form = _roles_form(found)
    if form.validate():
        try:
            commands.set_roles(found, form.roles.data, form.sites.data, form.departments.data)
            flash(_("Saved."), "ok")
            return _back(workspace, member_id)
        except Refused as no:
            form.roles.errors = [no.message]
    return _page(found, form), 422


@bp.post("/<uuid:member_id>/invitation")
@open_to(*WHO)
def invite(workspace: str, member_id: UUID) -> Response:
    """Send the invitation; within a day only when asked to send it again."""
    found = queries.member(member_id)
    if found.account_id is not None:
        raise Refused(_l("%(name)s has joined already.", name=found.name))
    if not found.email_norm:
        raise Refused(_l("%(name)s has no e-mail address: add one first.", name=found.name))
    sent = inviting.invite_all(_alone(found), g.viewer.name, again="again" in request.form)
    flash(_("The invitation is on its way.") if sent else _("It was sent less than a day ago: nothing new has left."), "ok")
    return _back(workspace, member_id)


@bp.post("/<uuid:member_id>/invitation/revoke")
@open_to(*WHO)
def revoke(workspace: str, member_id: UUID) -> Response:
    ended = inviting.revoke(queries.member(member_id))
    flash(_("The invitation opens nothing any more.") if ended else _("There was no open invitation."), "ok")
    return _back(workspace, member_id)


@bp.route("/<uuid:member_id>/leave", methods=["GET", "POST"])
@open_to(*WHO)
def leave(workspace: str, member_id: UUID) -> Response | str | tuple[str, int]:
    """Ask for the last day, and say what follows; then mark them as gone."""
    found = queries.member(member_id, even_left=True)
    if found.left_at is not None:
        return _back(workspace, member_id)
    form = LeaveForm() if request.method == "POST" else LeaveForm(data={"left_on": today()})
    if request.method == "POST" and form.validate():
        try:
            leaving.leave_all(_alone(found), form.left_on.data)
            flash(_("%(name)s is marked as gone, and has no access any more.", name=found.name), "ok")
            return _back(workspace, member_id)
        except Refused as no:
            form.left_on.errors = [no.message]
    page = render_template("workspaces/leave_person.html", form=form, person=found, who=_alone(found))
    return (page, 422) if request.method == "POST" else page


@bp.post("/<uuid:member_id>/return")
@open_to(*WHO)
def come_back(workspace: str, member_id: UUID) -> Response:
    found = queries.member(member_id, even_left=True)
    leaving.come_back(found)
    flash(_("%(name)s is here again.", name=found.name), "ok")
    return _back(workspace, member_id)


def _back(workspace: str, member_id: UUID) -> Response:
    return redirect(url_for("people.person", workspace=workspace, member_id=member_id), 303)

"""The people of a client company. For HR, and staff acting for them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.identity.commands import add_member
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.shell import CLIENT, nav_entry
from saas.kit.tables import paged
from saas.workspaces.forms.people import MemberForm
from saas.workspaces.imports import queries as imports
from saas.workspaces.queries import people as queries

bp = Blueprint("people", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people")
nav_entry(CLIENT, 40, _l("Managers"), "people.index", "users-round", "hr", "owner", "advisor")
WHO = ("hr", "owner", "advisor")


@bp.get("")
@open_to(*WHO)
def index(workspace: str) -> str:
    wanted = {name: request.args.get(name, "") for name in ("search", "department", "site", "role")}
    departments, sites = queries.people_filters()
    return render_template(
        "workspaces/people.html", page=paged(queries.people(**wanted)), wanted=wanted, departments=departments, sites=sites,
        recent=imports.recent(),
    )  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@open_to(*WHO)
def add(workspace: str) -> Response | str | tuple[str, int]:
    form = MemberForm()
    if request.method == "GET":
        return render_template("workspaces/new_person.html", form=form)
    if form.validate():
        try:
            member = add_member(
                form.first_name.data, form.last_name.data, form.email.data, roles=["participant"],
                language=form.language.data, department=form.department.data or "", site=form.site.data or "",
                job_title=form.job_title.data or "",
            )  # fmt: skip
            flash(_("%(name)s is in.", name=member.name), "ok")
            return redirect(url_for("people.index", workspace=workspace), 303)
        except Refused as no:
            getattr(form, no.field or "email").errors = [no.message]
    return render_template("workspaces/new_person.html", form=form), 422

"""The people of a client company: the list, its workbook, adding somebody. For HR, and staff acting for them."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.shell import CLIENT, nav_entry
from saas.kit.tables import download, paged
from saas.workspaces import export as workbooks
from saas.workspaces.commands.people import add_person
from saas.workspaces.forms.people import MemberForm
from saas.workspaces.imports import queries as imports
from saas.workspaces.queries import history
from saas.workspaces.queries import people as queries
from saas.workspaces.queries.people import Wanted

bp = Blueprint("people", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people")
nav_entry(CLIENT, 40, _l("Managers"), "people.index", "users-round", "hr", "owner", "advisor", also=("directory",))
WHO = ("hr", "owner", "advisor")


@bp.get("")
@open_to(*WHO)
def index(workspace: str) -> str:
    """The list; to htmx, the part of it that filters change."""
    wanted = Wanted.of(request.args)
    page, departments_sites = paged(queries.people(wanted)), queries.people_filters()
    partial = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    return render_template(
        "workspaces/_people_list.html" if partial else "workspaces/people.html",
        page=page, wanted=wanted, departments=departments_sites[0], sites=departments_sites[1], counts=queries.counts(wanted),
        invited=queries.invitations([person.id for person in page.items]), undoable=history.undoable(),
        recent=[] if partial else _recent(),
    )  # fmt: skip


def _recent() -> list[object]:
    """Files on their way in; a limited HR sees those that were read under the same limits."""
    limits = g.viewer.perimeter
    own = (sorted(limits.sites), sorted(limits.departments)) if limits else None
    return [
        draft
        for draft in imports.recent()
        if own is None or (draft.details.get("sites", []), draft.details.get("departments", [])) == own
    ]


@bp.route("/new", methods=["GET", "POST"])
@open_to(*WHO)
def add(workspace: str) -> Response | str | tuple[str, int]:
    form = MemberForm()
    if request.method == "POST" and form.validate():
        try:
            person = add_person(form.values())
            flash(_("%(name)s is in.", name=person.name), "ok")
            return redirect(url_for("people.person", workspace=workspace, member_id=person.id), 303)
        except Refused as no:
            getattr(form, no.field or "email").errors = [no.message]
    departments, sites = queries.people_filters()
    page = render_template("workspaces/edit_person.html", form=form, person=None, departments=departments, sites=sites)
    return (page, 422) if request.method == "POST" else page


@bp.get("/managers")
@open_to(*WHO)
def managers(workspace: str) -> str:
    """Whom the words typed so far may mean, as the options of a field's list."""
    said = request.args.get("line_manager", "").strip()
    found = paged(queries.people(Wanted(said)), 8).items if len(said) > 1 else []
    return render_template("workspaces/_manager_options.html", people=found)


@bp.get("/people.xlsx")
@open_to(*WHO)
def export(workspace: str) -> Response:
    """The people who fit the filters, as a workbook."""
    return workbook(queries.people(Wanted.of(request.args)))


def workbook(who: Select[Member]) -> Response:
    return download(workbooks.people(who), _("people"))

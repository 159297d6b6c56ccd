"""The people of a client company, and the files they come in. For HR, and staff acting for them."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.identity.commands import add_member
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.shell import CLIENT, nav_entry
from saas.kit.tables import paged
from saas.workspaces import queries
from saas.workspaces.forms import ImportForm, MemberForm
from saas.workspaces.imports import commands, reading, report
from saas.workspaces.imports import queries as imports
from saas.workspaces.imports.columns import FIELDS

bp = Blueprint("people", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people")
nav_entry(CLIENT, 40, _l("Managers"), "people.index", "users-round", "hr", "owner", "advisor")
WHO = ("hr", "owner", "advisor")
bp.add_app_template_global(report.words, "problem_words")


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


@bp.route("/import", methods=["GET", "POST"])
@open_to(*WHO)
def import_file(workspace: str) -> Response | str | tuple[str, int]:
    form = ImportForm()
    if request.method == "GET":
        return render_template("workspaces/import_file.html", form=form)
    try:
        return redirect(url_for("people.preview", workspace=workspace, import_id=_staged(form)), 303)
    except Refused as no:
        getattr(form, no.field or "file").errors = [no.message]
        return render_template("workspaces/import_file.html", form=form), 422


def _staged(form: ImportForm) -> UUID:
    """Read what was dropped or pasted, and keep it beside the members."""
    language = queries.own_workspace().language
    upload = form.file.data
    if upload is not None and upload.filename:
        table, name = reading.read(upload.filename, upload.read(reading.MAX_BYTES + 1)), upload.filename
    elif (form.pasted.data or "").strip():
        table, name = reading.read_pasted(form.pasted.data), _("Pasted addresses")
    else:
        raise Refused(_l("Choose a file, or paste addresses."), "file")
    return commands.stage(table, name[:200], language, g.viewer.name).id


@bp.get("/import/<uuid:import_id>")
@open_to(*WHO)
def preview(workspace: str, import_id: UUID) -> str:
    draft = imports.people_import(import_id)
    verdict = request.args.get("rows") or ("fix" if draft.counts.get("fix") else "all")
    template = "workspaces/import_preview.html" if draft.state == "draft" else "workspaces/import_done.html"
    return render_template(
        template, draft=draft, page=paged(imports.rows(draft, verdict)), verdict=verdict, fields=FIELDS,
        samples=imports.samples(draft),
    )  # fmt: skip


@bp.get("/import/<uuid:import_id>/progress")
@open_to(*WHO)
def progress(workspace: str, import_id: UUID) -> str:
    """The part of the page that asks again until the import is through."""
    return render_template("workspaces/_import_progress.html", draft=imports.people_import(import_id))


@bp.post("/import/<uuid:import_id>/columns")
@open_to(*WHO)
def columns(workspace: str, import_id: UUID) -> Response:
    draft = imports.people_import(import_id)
    chosen = {name: request.form.get(name, type=int) for name in FIELDS}
    commands.remap(draft, {n: c for n, c in chosen.items() if c is not None and 0 <= c < len(draft.headers)})
    return redirect(url_for("people.preview", workspace=workspace, import_id=import_id), 303)


@bp.post("/import/<uuid:import_id>/rows")
@open_to(*WHO)
def fix(workspace: str, import_id: UUID) -> Response:
    """Fixes typed in the table (names are ``row-id:field``), one-click suggestions, and rows to leave out."""
    draft = imports.people_import(import_id)
    changes: dict[UUID, dict[str, str]] = {}
    pairs = list(request.form.items())
    if "apply" in request.form:
        pairs.append((request.form["apply"].partition("=")[0], request.form["apply"].partition("=")[2]))
    for name, value in pairs:
        row, colon, field = name.partition(":")
        if colon and (field in FIELDS or field == "skip"):
            try:
                changes.setdefault(UUID(row), {})[field] = value.strip()
            except ValueError:
                abort(400)
    commands.fix(draft, changes)
    return redirect(url_for("people.preview", workspace=workspace, import_id=import_id), 303)


@bp.post("/import/<uuid:import_id>/apply")
@open_to(*WHO)
def apply(workspace: str, import_id: UUID) -> Response:
    commands.ask_to_apply(imports.people_import(import_id), g.viewer.name)
    return redirect(url_for("people.preview", workspace=workspace, import_id=import_id), 303)


@bp.post("/import/<uuid:import_id>/undo")
@open_to(*WHO)
def undo(workspace: str, import_id: UUID) -> Response:
    kept = commands.undo(imports.people_import(import_id))
    if kept:
        flash(_("Undone, but %(n)s people stay: they are enrolled already.", n=kept), "info")
    else:
        flash(_("Undone: everything is as it was before this import."), "ok")
    return redirect(url_for("people.preview", workspace=workspace, import_id=import_id), 303)


@bp.post("/import/<uuid:import_id>/invite")
@open_to(*WHO)
def send_now(workspace: str, import_id: UUID) -> Response:
    commands.send_now(imports.people_import(import_id), g.viewer.name)
    flash(_("The invitations are on their way."), "ok")
    return redirect(url_for("people.preview", workspace=workspace, import_id=import_id), 303)


@bp.get("/import/<uuid:import_id>/rejected.xlsx")
@open_to(*WHO)
def rejected(workspace: str, import_id: UUID) -> Response:
    """The rows that were not applied, as they came, with the reason beside each."""
    draft = imports.people_import(import_id)
    content = report.rejected(draft, imports.all_rows(draft, ("fix", "skip")))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(io.BytesIO(content), kind, as_attachment=True, download_name=_("rows to correct") + ".xlsx")

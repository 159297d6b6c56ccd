"""The files that people come in: check, correct, apply, undo. For HR, and staff acting for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.kit import progress
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.ids import posted_cells
from saas.kit.tables import download, paged
from saas.workspaces.forms.people import ImportForm
from saas.workspaces.imports import applying, commands, pasted, queries, reading, report
from saas.workspaces.imports.columns import FIELDS
from saas.workspaces.models import PeopleImport
from saas.workspaces.queries import clients as workspaces

bp = Blueprint("imports", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people/import")
WHO = ("hr", "owner", "advisor")
# What a person may say of a row: a field, that it is left out or taken in after all, that it is the same person.
FIXABLE = frozenset((*FIELDS, "skip", "same")) - {"full_name", "left_on"}
bp.add_app_template_global(report.words, "problem_words")
bp.add_app_template_global(report.kind, "problem_kind")
bp.add_app_template_global(report.field_names, "import_fields")


@bp.route("", methods=["GET", "POST"])
@open_to(*WHO)
def new(workspace: str) -> Response | str | tuple[str, int]:
    form = ImportForm()
    if request.method == "GET":
        return render_template("workspaces/import_file.html", form=form, most=reading.MAX_BYTES)
    try:
        return redirect(url_for("imports.preview", workspace=workspace, import_id=_staged(form)), 303)
    except Refused as no:
        getattr(form, no.field or "file").errors = [no.message]
        return render_template("workspaces/import_file.html", form=form, most=reading.MAX_BYTES), 422


def _staged(form: ImportForm) -> UUID:
    """Read what was dropped or pasted, and keep it beside the members."""
    upload = form.file.data
    if upload is not None and upload.filename:
        table, name = reading.read(upload.filename, upload.read(reading.MAX_BYTES + 1)), upload.filename
    elif (form.pasted.data or "").strip():
        table, name = pasted.read(form.pasted.data), _("Pasted addresses")
    else:
        raise Refused(_l("Choose a file, or paste addresses."), "file")
    return commands.stage(table, name[:200], workspaces.own_workspace().language, g.viewer.name, g.viewer.perimeter).id


@bp.get("/<uuid:import_id>")
@open_to(*WHO)
def preview(workspace: str, import_id: UUID) -> str:
    draft = queries.people_import(import_id)
    if draft.state != "draft":
        return render_template("workspaces/import_done.html", **_standing(draft))
    counts = queries.summary(draft)
    code = request.args.get("kind", "")
    verdict = request.args.get("rows") or ("fix" if counts.fix and not code else "all")
    return render_template(
        "workspaces/import_preview.html", draft=draft, counts=counts, verdict=verdict, code=code, fields=FIELDS,
        page=paged(queries.rows(draft, verdict, code)), samples=queries.samples(draft), repairs=queries.repairs(draft),
        absent=queries.absent(draft),
    )  # fmt: skip


def _standing(draft: PeopleImport) -> dict[str, object]:
    return {"draft": draft, "counts": queries.summary(draft), "progress": progress.of(draft.id)}


@bp.get("/<uuid:import_id>/progress")
@open_to(*WHO)
def follow(workspace: str, import_id: UUID) -> str:
    """The part of the page that asks again until the import is through."""
    return render_template("workspaces/_import_progress.html", **_standing(queries.people_import(import_id)))


@bp.post("/<uuid:import_id>/columns")
@open_to(*WHO)
def columns(workspace: str, import_id: UUID) -> Response:
    draft = queries.people_import(import_id)
    chosen = {name: request.form.get(name, type=int) for name in FIELDS}
    commands.remap(draft, {n: c for n, c in chosen.items() if c is not None and 0 <= c < len(draft.headers)})
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/without-numbers")
@open_to(*WHO)
def without_numbers(workspace: str, import_id: UUID) -> Response:
    """Meet people by address alone: the numbers of this file are not those of the space."""
    draft = queries.people_import(import_id)
    commands.remap(draft, {name: column for name, column in draft.mapping.items() if name != "employee_number"})
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/rows")
@open_to(*WHO)
def fix(workspace: str, import_id: UUID) -> Response:
    """Fixes typed in the table (names are ``row-id:field``), one-click suggestions, rows left out or taken in."""
    changes: dict[UUID, dict[str, str]] = {}
    for row, field, value in posted_cells():
        if field in FIXABLE:
            try:
                changes.setdefault(UUID(row), {})[field] = value
            except ValueError:
                abort(400)
    commands.fix(queries.people_import(import_id), changes)
    return _back(workspace, import_id, fragment=request.form.get("apply", "").partition(":")[0])


@bp.post("/<uuid:import_id>/suggestions")
@open_to(*WHO)
def accept(workspace: str, import_id: UUID) -> Response:
    """Take every suggestion of one kind."""
    number = commands.accept(queries.people_import(import_id), request.form.get("kind", ""))
    flash(ngettext("%(num)s line corrected.", "%(num)s lines corrected.", number), "ok")
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/leavers")
@open_to(*WHO)
def leavers(workspace: str, import_id: UUID) -> Response:
    """Say who has left, among those that the file does not name."""
    draft = queries.people_import(import_id)
    proposed = {str(member.id) for member in queries.absent(draft).people}
    commands.choose_leavers(draft, [UUID(i) for i in request.form.getlist("leaver") if i in proposed])
    flash(ngettext("%(num)s person will be marked as gone.", "%(num)s people will be marked as gone.", len(draft.leavers)), "ok")
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/apply")
@open_to(*WHO)
def apply(workspace: str, import_id: UUID) -> Response:
    commands.ask_to_apply(queries.people_import(import_id), g.viewer.name)
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/undo")
@open_to(*WHO)
def undo(workspace: str, import_id: UUID) -> Response:
    kept = applying.undo(queries.people_import(import_id))
    if kept:
        said = ngettext(
            "Undone, but %(num)s person stays: enrolled or signed in already.",
            "Undone, but %(num)s people stay: enrolled or signed in already.",
            kept,
        )
        flash(said, "info")
    else:
        flash(_("Undone: everything is as it was before this import."), "ok")
    return _back(workspace, import_id)


@bp.post("/<uuid:import_id>/invite")
@open_to(*WHO)
def send_now(workspace: str, import_id: UUID) -> Response:
    applying.send_now(queries.people_import(import_id), g.viewer.name)
    flash(_("The invitations are on their way."), "ok")
    return _back(workspace, import_id)


@bp.get("/<uuid:import_id>/rejected.xlsx")
@open_to(*WHO)
def rejected(workspace: str, import_id: UUID) -> Response:
    """The rows that were not applied, as they came, with the reason beside each."""
    draft = queries.people_import(import_id)
    content = report.rejected(draft, queries.all_rows(draft, ("fix", "skip")))
    return download(content, _("rows to correct"))


@bp.get("/<uuid:import_id>/report.xlsx")
@open_to(*WHO)
def whole(workspace: str, import_id: UUID) -> Response:
    """Every row and what became of it."""
    draft = queries.people_import(import_id)
    fields = {name: said for name, said in report.field_names().items() if name not in ("full_name", "left_on")}
    content = report.whole(draft, queries.all_rows(draft), fields)
    return download(content, _("import report"))


def _back(workspace: str, import_id: UUID, fragment: str = "") -> Response:
    """To the same page of the same filter: it says which in the form."""
    kept: dict[str, Any] = {
        name: request.form[f"at-{name}"] for name in ("rows", "kind", "page") if request.form.get(f"at-{name}")
    }
    return redirect(url_for("imports.preview", workspace=workspace, import_id=import_id, _anchor=fragment or None, **kept), 303)

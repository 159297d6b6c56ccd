"""Programmes that a firm has already, from a file: check, correct, take in. For staff who write programmes."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.catalogue.intake import commands, report
from saas.catalogue.intake.vocabulary import PROGRAMMES, columns
from saas.catalogue.models import ProgrammeImport
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.ids import posted_cells
from saas.kit.paging import Page
from saas.kit.tables import download
from saas.workspaces.imports import reading
from tenants.db import db

bp = Blueprint("programme_intake", __name__, template_folder="../templates", url_prefix="/programmes/import")
WHO = ("owner", "advisor")
PER_PAGE = 50
SHOWN = {
    "all": ("create", "version", "same", "fix", "skip", "done"),
    "ready": ("create", "version"),
    "fix": ("fix",),
    "same": ("same",),
    "skip": ("skip",),
}


class CatalogueForm(FlaskForm):
    """A file of programmes."""

    file = FileField(_l("File"), description=_l("CSV or Excel (.xlsx, .xls), up to 10 MB, as it comes out of your tool."))


@bp.route("", methods=["GET", "POST"])
@open_to(*WHO)
def new() -> Response | str | tuple[str, int]:
    form = CatalogueForm()
    if request.method == "GET":
        return render_template("catalogue/intake_file.html", form=form, most=reading.MAX_BYTES)
    try:
        return redirect(url_for("programme_intake.preview", catalogue_id=_staged(form)), 303)
    except Refused as no:
        form.file.errors = [no.message]
        return render_template("catalogue/intake_file.html", form=form, most=reading.MAX_BYTES), 422


def _staged(form: CatalogueForm) -> UUID:
    upload = form.file.data
    if upload is None or not upload.filename:
        raise Refused(_l("Choose a file."), "file")
    table = reading.read(upload.filename, upload.read(reading.MAX_BYTES + 1), PROGRAMMES)
    return commands.stage(table, upload.filename[:200], g.viewer.name).id


def _draft(catalogue_id: UUID) -> ProgrammeImport:
    found = db.session.scalar(select(ProgrammeImport).where(ProgrammeImport.id == catalogue_id))
    if found is None:
        abort(404)
    return found


@bp.get("/<uuid:catalogue_id>")
@open_to(*WHO)
def preview(catalogue_id: UUID) -> str:
    draft = _draft(catalogue_id)
    counts = Counter(row["verdict"] for row in draft.rows)
    shown = request.args.get("rows", "")
    if shown not in SHOWN:
        shown = "fix" if counts["fix"] and draft.state == "draft" else "all"
    rows = [row for row in draft.rows if row["verdict"] in SHOWN[shown]]
    return render_template(
        "catalogue/intake_preview.html", draft=draft, counts=counts, shown=shown, page=_page(rows), words=report.field_names(),
        why=report.why, known=columns(draft.headers),
    )  # fmt: skip


def _page(rows: list[dict[str, Any]]) -> Page[dict[str, Any]]:
    number = max(request.args.get("page", 1, type=int), 1)
    start = (number - 1) * PER_PAGE
    return Page(rows[start : start + PER_PAGE], number, len(rows) > start + PER_PAGE, len(rows), PER_PAGE)


@bp.post("/<uuid:catalogue_id>/rows")
@open_to(*WHO)
def fix(catalogue_id: UUID) -> Response:
    """Fixes typed in the table (names are ``line:field``), one-click suggestions, lines left out or taken in."""
    changes: dict[int, dict[str, str]] = {}
    for line, field, value in posted_cells(longest=8_000):
        if line.isdigit():
            changes.setdefault(int(line), {})[field] = value
    commands.fix(_draft(catalogue_id), changes)
    kept: dict[str, Any] = {"rows": request.form["at-rows"]} if request.form.get("at-rows") else {}
    return redirect(url_for("programme_intake.preview", catalogue_id=catalogue_id, **kept), 303)


@bp.post("/<uuid:catalogue_id>/apply")
@open_to(*WHO)
def apply(catalogue_id: UUID) -> Response:
    created, changed = commands.apply(_draft(catalogue_id), publish=request.form.get("publish") == "1")
    if created:
        flash(ngettext("%(num)s programme is created.", "%(num)s programmes are created.", created), "ok")
    if changed:
        flash(ngettext("%(num)s programme has a new version.", "%(num)s programmes have a new version.", changed), "ok")
    if not created and not changed:
        flash(_("This file was taken in already."), "ok")
    return redirect(url_for("programme_intake.preview", catalogue_id=catalogue_id), 303)


@bp.get("/<uuid:catalogue_id>/rejected.xlsx")
@open_to(*WHO)
def rejected(catalogue_id: UUID) -> Response:
    """The lines that brought nothing, as they came, with the reason beside each."""
    return download(report.rejected(_draft(catalogue_id)), _("programmes not taken in"))

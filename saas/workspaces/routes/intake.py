"""Clients that a firm has already, from a file: check, correct, create. For staff who open clients."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.i18n import language
from saas.kit.ids import posted_cells
from saas.kit.paging import Page
from saas.kit.tables import download
from saas.workspaces.forms.clients import ClientsForm
from saas.workspaces.imports import reading
from saas.workspaces.intake import commands, report
from saas.workspaces.intake.vocabulary import COMPANIES, columns
from saas.workspaces.models import ClientImport
from tenants.db import db

bp = Blueprint("intake", __name__, template_folder="../templates", url_prefix="/clients/import")
WHO = ("owner", "advisor")
PER_PAGE = 50
SHOWN = {
    "all": ("create", "same", "fix", "skip", "done"),
    "ready": ("create",),
    "fix": ("fix",),
    "same": ("same",),
    "skip": ("skip",),
}


@bp.route("", methods=["GET", "POST"])
@open_to(*WHO)
def new() -> Response | str | tuple[str, int]:
    form = ClientsForm()
    if request.method == "GET":
        return render_template("workspaces/intake_file.html", form=form, most=reading.MAX_BYTES)
    try:
        return redirect(url_for("intake.preview", intake_id=_staged(form)), 303)
    except Refused as no:
        form.file.errors = [no.message]
        return render_template("workspaces/intake_file.html", form=form, most=reading.MAX_BYTES), 422


def _staged(form: ClientsForm) -> UUID:
    upload = form.file.data
    if upload is None or not upload.filename:
        raise Refused(_l("Choose a file."), "file")
    table = reading.read(upload.filename, upload.read(reading.MAX_BYTES + 1), COMPANIES)
    return commands.stage(table, upload.filename[:200], g.viewer.name).id


def _draft(intake_id: UUID) -> ClientImport:
    found = db.session.scalar(select(ClientImport).where(ClientImport.id == intake_id))
    if found is None:
        abort(404)
    return found


@bp.get("/<uuid:intake_id>")
@open_to(*WHO)
def preview(intake_id: UUID) -> str:
    draft = _draft(intake_id)
    counts = Counter(row["verdict"] for row in draft.rows)
    shown = request.args.get("rows", "")
    if shown not in SHOWN:
        shown = "fix" if counts["fix"] and draft.state == "draft" else "all"
    rows = [row for row in draft.rows if row["verdict"] in SHOWN[shown]]
    return render_template(
        "workspaces/intake_preview.html", draft=draft, counts=counts, shown=shown, page=_page(rows), words=report.field_names(),
        why=report.why, known=columns(draft.headers),
    )  # fmt: skip


def _page(rows: list[dict[str, Any]]) -> Page[dict[str, Any]]:
    number = max(request.args.get("page", 1, type=int), 1)
    start = (number - 1) * PER_PAGE
    return Page(rows[start : start + PER_PAGE], number, len(rows) > start + PER_PAGE, len(rows), PER_PAGE)


@bp.post("/<uuid:intake_id>/rows")
@open_to(*WHO)
def fix(intake_id: UUID) -> Response:
    """Fixes typed in the table (names are ``line:field``), one-click suggestions, lines left out or taken in."""
    changes: dict[int, dict[str, str]] = {}
    for line, field, value in posted_cells():
        if line.isdigit():
            changes.setdefault(int(line), {})[field] = value
    commands.fix(_draft(intake_id), changes)
    kept: dict[str, Any] = {"rows": request.form["at-rows"]} if request.form.get("at-rows") else {}
    return redirect(url_for("intake.preview", intake_id=intake_id, **kept), 303)


@bp.post("/<uuid:intake_id>/apply")
@open_to(*WHO)
def apply(intake_id: UUID) -> Response:
    number = commands.apply(_draft(intake_id), g.viewer.name, language())
    if number:
        flash(ngettext("%(num)s client is created.", "%(num)s clients are created.", number), "ok")
    return redirect(url_for("intake.preview", intake_id=intake_id), 303)


@bp.get("/<uuid:intake_id>/rejected.xlsx")
@open_to(*WHO)
def rejected(intake_id: UUID) -> Response:
    """The lines that were not created, as they came, with the reason beside each."""
    return download(report.rejected(_draft(intake_id)), _("clients not created"))

"""The wording of a programme: edit, publish, what changed, as a PDF. For staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.catalogue import completeness, sheets
from saas.catalogue.commands import programmes, versions
from saas.catalogue.commands.versions import Overtaken
from saas.catalogue.differences import Change, differences
from saas.catalogue.forms.programmes import EditorForm, values_of
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.queries import programmes as queries
from saas.kit.access import STAFF, open_to
from saas.kit.errors import Refused
from saas.kit.i18n import language
from tenants.db import db

bp = Blueprint("versions", __name__, template_folder="../templates", url_prefix="/programmes")
WHO = ("owner", "advisor")


@bp.route("/new", methods=["GET", "POST"])
@open_to(*WHO)
def create() -> Response | str | tuple[str, int]:
    """A new programme."""
    if request.method == "GET":
        return render_template("catalogue/edit.html", form=EditorForm(formdata=None, modules=[{}]), version=None)
    form = EditorForm()
    if form.validate():
        try:
            version = programmes.create(form.reference.data, form.wording(request.form.get("do", "")))
            flash(_("Saved as a draft. Nobody else sees it before you publish it."), "ok")
            return _after_saving(version)
        except Refused as no:
            _note(form, no)
    return render_template("catalogue/edit.html", form=form, version=None), 422


@bp.get("/<uuid:version_id>/edit")
@open_to(*WHO)
def edit(version_id: UUID) -> str:
    version = queries.version_with_programme(version_id)
    return _editor(version, EditorForm(formdata=None, **values_of(version, version.programme.reference)))


@bp.post("/<uuid:version_id>/edit")
@open_to(*WHO)
def save(version_id: UUID) -> Response | tuple[str, int]:
    """Keep what is typed; over a published version, as the next one's draft. Somebody else's save in between is told."""
    version, form = queries.version_with_programme(version_id), EditorForm()
    reference, theirs = version.programme.reference, None
    if form.validate():
        try:
            wording = form.wording(request.form.get("do", ""))
            saved = versions.save(version, wording, int(form.revision.data or 0) if form.revision.data.isdigit() else 0)
            if form.reference.data.strip() != reference:
                programmes.refer(saved, form.reference.data)
            flash(_("Saved.") if saved.id == version_id else _("Saved as a draft of the next version."), "ok")
            return _after_saving(saved)
        except Overtaken as no:
            theirs = no.theirs
        except Refused as no:
            _note(form, no)
    if theirs is not None:
        return _overtaken(theirs.id, version_id, form), 422
    return _editor(queries.version_with_programme(version_id), form), 422


def _overtaken(newest_id: UUID, version_id: UUID, form: EditorForm) -> str:
    """The form as it was typed, with what the other person saved beside: saving again goes over it knowingly."""
    db.session.rollback()
    newest = queries.version_with_programme(newest_id)
    typed = form.wording()
    mine = ProgrammeVersion(title=typed.title, texts=typed.texts, **typed.facts)
    form.revision.raw_data, form.revision.data = None, str(newest.revision)
    return _editor(newest, form, changes=differences(mine, newest), by=newest.edited_by)


def _note(form: EditorForm, no: Refused) -> None:
    db.session.rollback()
    form[no.field or "reference"].errors = [no.message]


def _editor(version: ProgrammeVersion, form: EditorForm, changes: list[Change] | None = None, by: str = "") -> str:
    facts = queries.firm_facts()
    return render_template(
        "catalogue/edit.html", version=version, form=form, changes=changes, by=by, facts=facts,
        gaps=completeness.missing(version, facts.has_contact), untranslated=completeness.untranslated(version),
        vague=completeness.unassessable(version),
    )  # fmt: skip


def _after_saving(version: ProgrammeVersion) -> Response:
    act, _dash, place = request.form.get("do", "").partition("-")
    if act in ("up", "down", "drop", "add"):
        n = len(version.texts["modules"]) if act == "add" else max(int(place) + {"up": -1, "down": 1}.get(act, 0), 0)
        return redirect(url_for("versions.edit", version_id=version.id, _anchor=f"part-{n}"), 303)
    if act == "stay":
        return redirect(url_for("versions.edit", version_id=version.id), 303)
    return redirect(url_for("programmes.show", version_id=version.id), 303)


@bp.post("/<uuid:version_id>/publish")
@open_to(*WHO)
def publish(version_id: UUID) -> Response:
    version = versions.publish(queries.version_with_programme(version_id))
    flash(_("Version %(n)s is published.", n=version.number), "ok")
    return redirect(url_for("programmes.show", version_id=version_id), 303)


@bp.get("/<uuid:version_id>/history")
@open_to(*STAFF)
def history(version_id: UUID) -> str:
    """All versions, each with what changed since the one before."""
    version = queries.version_with_programme(version_id)
    rows = list(queries.versions_of(version.programme_id))
    changes = {new.id: differences(old, new) for new, old in zip(rows, rows[1:], strict=False)}
    return render_template("catalogue/history.html", version=version, versions=rows, changes=changes)


@bp.get("/<uuid:version_id>/programme.pdf")
@open_to(*STAFF)
def pdf(version_id: UUID) -> Response:
    version = queries.version_with_programme(version_id)
    code = request.args.get("lang", language())
    return sheets.answer(version, code, reference=version.programme.reference, firm_name=g.viewer.firm.name)

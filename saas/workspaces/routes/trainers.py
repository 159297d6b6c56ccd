"""Trainers: card, skills and documents. For owner and advisors; a trainer finds their own page."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.identity.models import StaffCard
from saas.kit import uploads
from saas.kit.access import may, open_to
from saas.kit.clock import today
from saas.kit.documents import content_of
from saas.kit.errors import Refused
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.commands import trainers as commands
from saas.workspaces.forms.staff import KINDS, DocumentForm, SkillsForm
from saas.workspaces.queries import trainers as queries

bp = Blueprint("trainers", __name__, template_folder="../templates", url_prefix="/trainers")
WHO = ("owner", "advisor", "trainer")
# A trainer reaches their own card from their agenda.
nav_entry(CONSOLE, 40, _l("Trainers"), "trainers.index", "graduation-cap", "owner", "advisor")


def _card(staff_id: UUID) -> StaffCard:
    """A trainer's card; somebody who is a trainer and no more finds their own alone."""
    if not may("owner", "advisor") and staff_id != g.viewer.staff_id:
        abort(404)
    return queries.card(staff_id)


@bp.get("")
@open_to(*WHO)
def index() -> Response | str:
    if not may("owner", "advisor"):
        return redirect(url_for("trainers.show", staff_id=g.viewer.staff_id), 303)
    return render_template("workspaces/trainers.html", trainers=queries.trainers())


@bp.get("/<uuid:staff_id>")
@open_to(*WHO)
def show(staff_id: UUID) -> str:
    card = _card(staff_id)
    return _page(card, DocumentForm(formdata=None), _about(card))


@bp.post("/<uuid:staff_id>")
@open_to(*WHO)
def describe(staff_id: UUID) -> Response | tuple[str, int]:
    card, form = _card(staff_id), SkillsForm()
    if form.validate():
        try:
            bio = {"fr": form.bio_fr.data or "", "en": form.bio_en.data or ""}
            commands.describe(card, phone=form.phone.data or "", bio=bio, skills=form.skills.data or "")
            flash(_("Saved."), "ok")
            return redirect(url_for("trainers.show", staff_id=staff_id), 303)
        except Refused as no:
            form[no.field].errors = [no.message]
    return _page(card, DocumentForm(formdata=None), form), 422


@bp.post("/<uuid:staff_id>/documents")
@open_to(*WHO)
def add(staff_id: UUID) -> Response | tuple[str, int]:
    card, form = _card(staff_id), DocumentForm()
    if form.validate():
        try:
            content, suffix = uploads.read(request.files.get("file"), uploads.FIRST_BYTES, commands.MOST_FILE, "file")
            commands.add_paper(
                card, kind=form.kind.data, label=form.label.data, expires_on=form.expires_on.data, content=content, suffix=suffix
            )
            flash(_("The document is kept."), "ok")
            return redirect(url_for("trainers.show", staff_id=staff_id), 303)
        except Refused as no:
            form[no.field].errors = [no.message]
    return _page(card, form, _about(card)), 422


@bp.get("/<uuid:staff_id>/documents/<uuid:document_id>")
@open_to(*WHO)
def download(staff_id: UUID, document_id: UUID) -> Response:
    file = queries.archived(queries.paper(_card(staff_id).id, document_id))
    kind = uploads.content_type(file.filename)
    return send_file(io.BytesIO(content_of(file)), kind, as_attachment=True, download_name=file.filename)


@bp.post("/<uuid:staff_id>/documents/<uuid:document_id>/remove")
@open_to(*WHO)
def drop(staff_id: UUID, document_id: UUID) -> Response:
    card = _card(staff_id)
    paper = queries.paper(card.id, document_id)
    commands.drop_paper(card, paper)
    flash(_("“%(what)s” is no longer on this page.", what=paper.label), "ok")
    return redirect(url_for("trainers.show", staff_id=staff_id), 303)


def _about(card: StaffCard) -> SkillsForm:
    bio = card.bio
    return SkillsForm(
        formdata=None, phone=card.phone, bio_fr=bio.get("fr", ""), bio_en=bio.get("en", ""), skills="\n".join(card.skills)
    )


def _page(card: StaffCard, form: DocumentForm, about: SkillsForm) -> str:
    return render_template(
        "workspaces/trainer.html", card=card, documents=queries.papers(card.id), form=form, about=about, words=dict(KINDS),
        today=today(), soon=today() + queries.WARNED, most=commands.MOST_FILE,
    )  # fmt: skip

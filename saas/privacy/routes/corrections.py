"""HR's answer to what somebody asks to be corrected."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.privacy import queries
from saas.privacy.commands import corrections
from saas.privacy.forms import AnswerForm
from saas.privacy.models import Correction
from saas.workspaces.queries.people import member

bp = Blueprint("corrections", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people/<uuid:member_id>")
WHO = ("hr", "owner", "advisor")


def _asked(member_id: UUID) -> tuple[Member, Correction]:
    """Somebody's open request, of those one answers for. 404 otherwise."""
    person = member(member_id)
    request_ = queries.open_correction(person.id)
    if request_ is None:
        abort(404)
    return person, request_


@bp.get("/correction")
@open_to(*WHO)
def show(workspace: str, member_id: UUID) -> str | Response:
    """What was asked, beside what the list says; once answered, back to the person."""
    person = member(member_id)
    if queries.open_correction(person.id) is None:
        return redirect(url_for("people.person", workspace=workspace, member_id=member_id), 303)
    return _page(AnswerForm(formdata=None), *_asked(member_id))


def _page(form: AnswerForm, person: Member, asked: Correction) -> str:
    return render_template("privacy/correction.html", form=form, person=person, asked=asked, own=person.id == g.viewer.member_id)


@bp.post("/correction")
@open_to(*WHO)
def answer(workspace: str, member_id: UUID) -> Response | tuple[str, int]:
    person, asked = _asked(member_id)
    form = AnswerForm()
    if form.validate():
        try:
            corrections.answer(asked, person, done=request.form.get("state") == "done", text=form.answer.data or "")
            flash(_("Answered: %(name)s reads it on their own page.", name=person.name), "ok")
            return redirect(url_for("people.person", workspace=workspace, member_id=member_id), 303)
        except Refused as no:
            form.answer.errors = [no.message]
    return _page(form, person, asked), 422

"""One's own entry in the company's list: read, corrected, or asked to be corrected or erased. For every member."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.kit import formats
from saas.kit.access import MEMBERS, open_to
from saas.kit.errors import Refused
from saas.privacy import queries
from saas.privacy.commands import corrections, erasures
from saas.privacy.forms import AskForm, CorrectionForm, OwnForm
from saas.workspaces.queries.people import hr_people, line_manager, own_member

bp = Blueprint("me", __name__, template_folder="../templates", url_prefix="/w/<workspace>/me")


@bp.get("")
@open_to(*MEMBERS)
def show(workspace: str) -> str:
    person = own_member()
    return _page(OwnForm(formdata=None, obj=person), CorrectionForm(formdata=None))


def _page(form: OwnForm, asking: CorrectionForm) -> str:
    person = own_member()
    return render_template(
        "privacy/me.html", person=person, form=form, asking=asking, manager=line_manager(person),
        corrections=queries.corrections_of(person.id), erasure=queries.open_erasure(person.id),
    )  # fmt: skip


@bp.post("")
@open_to(*MEMBERS)
def save(workspace: str) -> Response | tuple[str, int]:
    form = OwnForm()
    if not form.validate():
        return _page(form, CorrectionForm(formdata=None)), 422
    changed = corrections.correct_oneself(own_member(), form.values())
    flash(_("Corrected: your HR can see it.") if changed else _("Nothing was changed."), "ok")
    return _back(workspace)


@bp.post("/correction")
@open_to(*MEMBERS)
def ask(workspace: str) -> Response | tuple[str, int]:
    form = CorrectionForm()
    if form.validate():
        try:
            corrections.ask(own_member(), form.text.data)
            flash(_("Your request is with your HR: the answer shows here."), "ok")
            return _back(workspace)
        except Refused as no:
            form.text.errors = [no.message]
    return _page(OwnForm(formdata=None, obj=own_member()), form), 422


@bp.post("/correction/withdraw")
@open_to(*MEMBERS)
def take_back(workspace: str) -> Response:
    done = corrections.take_back(own_member())
    flash(_("Taken back.") if done else _("There was nothing to take back."), "ok")
    return _back(workspace)


@bp.get("/erasure")
@open_to(*MEMBERS)
def erasure(workspace: str) -> str:
    return _erasure(AskForm(formdata=None))


def _erasure(form: AskForm, no: Refused | None = None) -> str:
    person = own_member()
    return render_template(
        "privacy/my_erasure.html", person=person, form=form, holds=queries.holds(queries.as_person(person)), message=no and no.message,
        requests=queries.erasures_of(person.id), hr=hr_people(), email=queries.controller()["contact"],
        due_on=erasures.a_month_from_today(),
    )  # fmt: skip


@bp.post("/erasure")
@open_to(*MEMBERS)
def ask_erasure(workspace: str) -> Response | tuple[str, int]:
    form = AskForm()
    if form.validate():
        try:
            asked = erasures.ask(own_member(), with_posts=form.with_posts.data)
            flash(_("Your request is sent: you have an answer by %(day)s.", day=formats.day(asked.due_on)), "ok")
            return redirect(url_for("me.erasure", workspace=workspace), 303)
        except Refused as no:
            return _erasure(form, no), 422
    return _erasure(form), 422


@bp.post("/erasure/withdraw")
@open_to(*MEMBERS)
def take_back_erasure(workspace: str) -> Response:
    done = erasures.take_back(own_member())
    flash(_("Taken back: you stay.") if done else _("There was nothing to take back."), "ok")
    return redirect(url_for("me.erasure", workspace=workspace), 303)


def _back(workspace: str) -> Response:
    return redirect(url_for("me.show", workspace=workspace), 303)

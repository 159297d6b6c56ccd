"""Deciding on an erasure: for HR, and for the firm's owner. It is for good, so the page says what goes and what stays."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.privacy import queries
from saas.privacy.commands import erasures
from saas.privacy.forms import EraseForm, RefuseForm
from saas.workspaces.queries.people import member
from tenants.db import db

bp = Blueprint("erasures", __name__, template_folder="../templates", url_prefix="/w/<workspace>/people/<uuid:member_id>/erasure")
WHO = ("hr", "owner")


@bp.get("")
@open_to(*WHO)
def show(workspace: str, member_id: UUID) -> str:
    return _page(member(member_id, even_left=True), EraseForm(formdata=None), RefuseForm(formdata=None))


def _page(person: Member, form: EraseForm, refusal: RefuseForm) -> str:
    return render_template(
        "privacy/erasure.html", person=person, form=form, refusal=refusal, asked=queries.open_erasure(person.id),
        holds=queries.holds(queries.as_person(person)), own=person.id == g.viewer.member_id,
    )  # fmt: skip


@bp.post("")
@open_to(*WHO, even_archived=True)
def accept(workspace: str, member_id: UUID) -> Response | tuple[str, int]:
    person, form = member(member_id, even_left=True), EraseForm()
    if form.validate():
        try:
            erasures.accept(person, form.name.data)
            flash(_("Being erased: within a minute nothing is left but what the law keeps."), "ok")
            return redirect(url_for("people.person", workspace=workspace, member_id=member_id), 303)
        except Refused as no:
            db.session.rollback()
            form.name.errors = [no.message]
    return _page(member(member_id, even_left=True), form, RefuseForm(formdata=None)), 422


@bp.post("/refuse")
@open_to(*WHO, even_archived=True)
def refuse(workspace: str, member_id: UUID) -> Response | tuple[str, int]:
    person, refusal = member(member_id, even_left=True), RefuseForm()
    if refusal.validate():
        try:
            erasures.refuse(person, refusal.reason.data)
            flash(_("Refused: %(name)s is told, and reads why.", name=person.name), "ok")
            return redirect(url_for("people.person", workspace=workspace, member_id=member_id), 303)
        except Refused as no:
            db.session.rollback()
            refusal.reason.errors = [no.message]
    return _page(member(member_id, even_left=True), EraseForm(formdata=None), refusal), 422

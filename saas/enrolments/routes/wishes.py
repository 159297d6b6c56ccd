"""Wishes for a programme: a manager's own, and HR's list to answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from saas.catalogue.queries import offers
from saas.catalogue.texts import title_of
from saas.enrolments.wishes import commands, queries
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.tables import paged
from saas.workspaces.queries.people import own_member
from tenants.db import db

bp = Blueprint("wishes", __name__, template_folder="../templates", url_prefix="/w/<workspace>/wishes")
DESK_OF_HR = ("hr", "owner", "advisor")
ASKERS = ("participant", "sponsor")
STATES = ("planned", "declined", "met")


class WishForm(FlaskForm):
    """What a manager asks for."""

    offer = SelectField(_l("Programme"), validators=[InputRequired(_l("Choose a programme."))])
    why = TextAreaField(
        _l("What would it help you with?"), [Optional(), Length(max=1000)], description=_l("A line or two for your HR.")
    )


@bp.get("")
@open_to(*DESK_OF_HR)
def index(workspace: str) -> str:
    return _list(request.args.get("state", ""))


def _list(state: str, refused: Refused | None = None, wish_id: UUID | None = None) -> str:
    state = state if state in STATES else ""
    page = paged(queries.wishes(state))
    return render_template(
        "enrolments/wishes.html", page=page, state=state, counts=queries.counts(), refused=refused,
        dates=queries.dates([row.offer.version.programme_id for row in page.items]),
        said={"wish_id": str(wish_id or ""), "words": request.form.get("words", "")},
    )  # fmt: skip


@bp.post("/<uuid:wish_id>/answer")
@open_to(*DESK_OF_HR)
def answer(workspace: str, wish_id: UUID) -> Response | tuple[str, int]:
    row, state = queries.wish(wish_id), request.form.get("state", "")
    try:
        if state not in ("planned", "declined"):
            raise Refused(_l("Choose an answer."))
        commands.answer(row, state, request.form.get("words", ""))
    except Refused as no:
        db.session.rollback()
        return _list("", no, wish_id), 422
    flash(_("Answered: %(name)s is told.", name=row.member.name), "ok")
    return redirect(url_for("wishes.index", workspace=workspace), 303)


@bp.route("/mine", methods=["GET", "POST"])
@open_to(*ASKERS)
def mine(workspace: str) -> Response | str | tuple[str, int]:
    """One's own wishes, and a new one."""
    form, open_offers = WishForm(), {str(offer.id): offer for offer in offers.offers()}
    form.offer.choices = options((i, title_of(offer.version, offer).text) for i, offer in open_offers.items())
    if request.method == "POST" and form.validate():
        commands.wish(open_offers[form.offer.data], own_member(), form.why.data or "")
        flash(_("Your wish is with your HR."), "ok")
        return redirect(url_for("wishes.mine", workspace=workspace), 303)
    if request.method == "GET":
        form.offer.data = request.args.get("offer", "")
    page = render_template("enrolments/my_wishes.html", form=form, rows=queries.own(g.viewer.member_id))
    return (page, 422) if request.method == "POST" else page


@bp.post("/<uuid:wish_id>/withdraw")
@open_to(*ASKERS)
def withdraw(workspace: str, wish_id: UUID) -> Response:
    commands.withdraw(queries.wish(wish_id, g.viewer.member_id))
    flash(_("Taken back."), "ok")
    return redirect(url_for("wishes.mine", workspace=workspace), 303)

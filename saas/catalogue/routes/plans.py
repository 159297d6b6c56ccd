"""Planning a session: changing it, copying it, cancelling it; and what these pages share with a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.catalogue.commands import changing
from saas.catalogue.commands import sessions as commands
from saas.catalogue.forms.sessions import SessionForm
from saas.catalogue.forms.venues import CancelForm, CopyForm
from saas.catalogue.models import TrainingSession
from saas.catalogue.planning import Plan, planned
from saas.catalogue.queries import clashes as clashing
from saas.catalogue.queries import sessions as queries
from saas.catalogue.queries import venues
from saas.catalogue.signals import people_concerned
from saas.kit.access import open_to
from saas.kit.errors import Refused
from tenants.db import db

bp = Blueprint("plans", __name__, template_folder="../templates", url_prefix="/sessions/<uuid:session_id>")
WHO = ("owner", "advisor")


class Held(Exception):
    """What was typed waits for a second look: clashes, or what people will be told. Not an error."""

    def __init__(self, **shown: Any) -> None:
        super().__init__()
        self.shown = shown


def form_for(session: TrainingSession | None = None) -> SessionForm:
    """The form of a session, with its lists filled."""
    form = SessionForm()
    trainers, deciders = queries.planners()
    named = {str(card.id): card.name for card in trainers}
    if session:
        named |= {str(row.staff_id): row.card.name for row in session.trainers}
    people = [(str(card.id), card.name) for card in deciders]
    decider = session.seats.decider if session else None
    if decider and str(decider.id) not in dict(people):
        people.append((str(decider.id), decider.name))
    form.offer(list(venues.rooms()), list(named.items()), people)
    return form


def refuse(form: Any, no: Refused) -> None:
    """Say no beside the field it is about, or above the form. Everything typed stays."""
    db.session.rollback()
    if no.field and no.field in form:
        form[no.field].errors = [no.message]
    else:
        form.form_errors = [no.message]


def new_clashes(form: SessionForm, plan: Plan, own_id: UUID | None = None) -> list[clashing.Clash]:
    """Clashes that whoever plans has not seen; from now until this is written, nobody else of the firm plans."""
    commands.planning_alone()
    rooms = {room.id: room for room in form.known_rooms.values()}
    found = clashing.clashes(plan, own_id) + clashing.too_small(plan, rooms)
    mark = clashing.stamp(found)
    if form.anyway.data == mark:
        return []
    form.anyway.data = mark
    return found


def told(session_id: UUID) -> int:
    """How many people hear of what becomes of a session: features above answer."""
    return sum(number for _receiver, number in people_concerned.send(db, session_id=session_id))


@bp.route("/change", methods=["GET", "POST"])
@open_to(*WHO)
def change(session_id: UUID) -> Response | str | tuple[str, int]:
    session = queries.session(session_id)
    form = form_for(session)
    del form.version, form.kind  # a session keeps both
    if request.method == "GET":
        return _shown(form, session)
    if act := request.form.get("do"):
        form.edit(act)
        form.offer(list(form.known_rooms.values()), *people_of(form))
        return _page(form, session)
    if form.validate():
        try:
            return _changed(form, session)
        except Held as held:
            db.session.rollback()
            return _page(form, queries.session(session_id), **held.shown), 422
        except Refused as no:
            refuse(form, no)
    return _page(form, queries.session(session_id)), 422


def people_of(form: SessionForm) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The people that the form's lists hold already."""
    trainers = [(choice.value, choice.label) for choice in form.trainers.choices or ()]
    return trainers, [(choice.value, choice.label) for choice in form.decider.choices or () if choice.value]


def _shown(form: SessionForm, session: TrainingSession) -> str:
    plan = planned(session)
    form.usual_hours()
    form.show(plan)
    form.offer(list(form.known_rooms.values()), *people_of(form))
    form.seen.data = changing.stamp(plan)
    return _page(form, session)


def _changed(form: SessionForm, session: TrainingSession) -> Response:
    """Write the change, once clashes and what people will be told were looked at."""
    plan = form.plan()
    found = changing.proposed(session, plan)
    clashes = new_clashes(form, found.after, session.id)
    mark = changing.stamp(plan)
    unread = found.told and session.state in changing.TOLD and form.reviewed.data != mark
    if unread or clashes:
        form.reviewed.data = mark
        raise Held(clashes=clashes, review=found if unread else None, people=told(session.id))
    changing.change(session, plan, form.seen.data or "")
    if found.told and session.state in changing.TOLD:
        flash(_("Changed. Everybody concerned is told once."), "ok")
    else:
        flash(_("Changed."), "ok")
    return redirect(url_for("rosters.show", session_id=session.id), 303)


def _page(form: SessionForm, session: TrainingSession, **shown: Any) -> str:
    names = {choice.value: str(choice.label) for choice in form.trainers.choices or ()}
    return render_template("catalogue/change_session.html", form=form, session=session, names=names, **shown)


@bp.route("/duplicate", methods=["GET", "POST"])
@open_to(*WHO)
def duplicate(session_id: UUID) -> Response | str | tuple[str, int]:
    session, form = queries.session(session_id), CopyForm()
    if form.validate_on_submit():
        try:
            made = commands.duplicate(
                session, form.first_day.data, times=form.times.data, weeks=int(form.weeks.data),
                with_links=form.with_links.data, state=form.state.data,
            )  # fmt: skip
            return _copied(made)
        except Refused as no:
            refuse(form, no)
    status = 422 if request.method == "POST" else 200
    return render_template("catalogue/copy_session.html", form=form, session=queries.session(session_id)), status


def _copied(made: Sequence[TrainingSession]) -> Response:
    clashing_ones = sum(1 for session in made if clashing.clashes(planned(session), session.id))
    flash(ngettext("%(num)s session is planned.", "%(num)s sessions are planned.", len(made)), "ok")
    if clashing_ones:
        said = ngettext(
            "%(num)s of them clashes: look at its page.", "%(num)s of them clash: look at their pages.", clashing_ones
        )
        flash(said, "error")
    if len(made) == 1:
        return redirect(url_for("plans.change", session_id=made[0].id), 303)
    return redirect(url_for("sessions.index"), 303)


@bp.route("/cancel", methods=["GET", "POST"])
@open_to(*WHO)
def cancel(session_id: UUID) -> Response | str | tuple[str, int]:
    """Ask why, and say how many are concerned, before."""
    session, form = queries.session(session_id), CancelForm()
    if form.validate_on_submit():
        try:
            commands.move(session, "cancelled", form.reason.data)
            flash(_("The session is cancelled. Everybody concerned is told once."), "ok")
            return redirect(url_for("rosters.show", session_id=session_id), 303)
        except Refused as no:
            refuse(form, no)
    status, session = 422 if request.method == "POST" else 200, queries.session(session_id)
    return render_template("catalogue/cancel_session.html", form=form, session=session, people=told(session_id)), status


def decided_by(form: SessionForm) -> None:
    """Whoever plans a new session decides on it, unless they say otherwise."""
    known = {choice.value for choice in form.decider.choices or ()}
    form.decider.data = str(g.viewer.staff_id) if str(g.viewer.staff_id) in known else ""

"""The firm's sessions. For staff; a trainer sees their own."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.commands import sessions as commands
from saas.catalogue.forms.offers import LinkForm
from saas.catalogue.forms.sessions import SessionForm
from saas.catalogue.models import TrainingSession
from saas.catalogue.queries import programmes
from saas.catalogue.queries import sessions as queries
from saas.kit.access import STAFF, may, open_to
from saas.kit.clock import PARIS
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.shell import CONSOLE, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db

bp = Blueprint("sessions", __name__, template_folder="../templates")
nav_entry(CONSOLE, 30, _l("Sessions"), "sessions.index", "calendar-days", *STAFF)


def only_own() -> UUID | None:
    """The trainer whose own sessions alone may be seen; nobody for the rest of the staff."""
    return None if may("owner", "advisor", "accountant") else g.viewer.staff_id


@bp.get("/sessions")
@open_to(*STAFF)
def index() -> str:
    past = request.args.get("when") == "past"
    return render_template(
        "catalogue/sessions.html", page=paged(queries.sessions(past, only_own())), past=past, names=workspace_names()
    )


@bp.route("/sessions/new", methods=["GET", "POST"])
@open_to("owner", "advisor")
def create() -> Response | str | tuple[str, int]:
    form = SessionForm()
    form.version.choices = options((str(v.id), v.title.get("fr") or v.title.get("en")) for v in programmes.programmes())
    form.trainer.choices = options([("", "—"), *[(str(card.id), card.name) for card in queries.trainers()]])
    if request.method == "GET":
        form.version.data = request.args.get("version", "")
        for field, hour in (
            ("morning_from", (9, 0)),
            ("morning_to", (12, 30)),
            ("afternoon_from", (14, 0)),
            ("afternoon_to", (17, 30)),
        ):
            getattr(form, field).data = dt.time(*hour)
        return render_template("catalogue/new_session.html", form=form)
    if form.validate():
        try:
            session = _opened(form)
            flash(_("The session is open. Say which clients may use it."), "ok")
            return redirect(url_for("rosters.show", session_id=session.id), 303)
        except Refused as no:
            getattr(form, no.field or "version").errors = [no.message]
            db.session.rollback()
    return render_template("catalogue/new_session.html", form=form), 422


def _opened(form: SessionForm) -> TrainingSession:
    place = commands.Place(form.venue.data or "", form.address.data or "", form.access.data or "", form.video_url.data or "")
    return commands.open_session(
        programmes.version(UUID(form.version.data)), kind=form.kind.data, slots=_slots(form), place=place,
        capacity=form.capacity.data, minimum=form.minimum.data, language=form.language.data,
        trainers=[UUID(form.trainer.data)] if form.trainer.data else [], decision_on=form.decision_on.data,
    )  # fmt: skip


def _slots(form: SessionForm) -> list[tuple[dt.datetime, dt.datetime]]:
    """Half-days of the days given, at wall-clock times in Paris."""
    halves = [(form.morning_from.data, form.morning_to.data), (form.afternoon_from.data, form.afternoon_to.data)]
    return [
        (dt.datetime.combine(day, start, PARIS), dt.datetime.combine(day, end, PARIS))
        for day in (form.first_day.data, form.second_day.data)
        for start, end in halves
        if day and start and end
    ]


@bp.post("/sessions/<uuid:session_id>/links")
@open_to("owner", "advisor")
def link(session_id: UUID) -> Response:
    session, form = queries.session(session_id), LinkForm()
    form.workspace.choices = options((str(i), w.name) for i, w in workspace_names().items())
    if not form.validate():
        raise Refused(next(error for errors in form.errors.values() for error in errors))
    commands.link(session, UUID(form.workspace.data), form.price.data, form.basis.data)
    flash(_("The client can enrol its people now."), "ok")
    return redirect(url_for("rosters.show", session_id=session_id), 303)


@bp.post("/sessions/<uuid:session_id>/state")
@open_to("owner", "advisor")
def move(session_id: UUID) -> Response:
    commands.move(queries.session(session_id), request.form.get("state", ""))
    flash(_("Done. Everybody concerned is told."), "ok")
    return redirect(url_for("rosters.show", session_id=session_id), 303)

"""The firm's sessions: the list, a new one, who may use one, its state. For staff; a trainer sees their own."""

from __future__ import annotations

import datetime as dt
from typing import Any
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
from saas.catalogue.routes import plans
from saas.kit.access import STAFF, may, open_to
from saas.kit.clock import today
from saas.kit.errors import Refused
from saas.kit.i18n import pick
from saas.kit.options import options
from saas.kit.shell import CONSOLE, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db

bp = Blueprint("sessions", __name__, template_folder="../templates")
nav_entry(
    CONSOLE,
    30,
    _l("Sessions"),
    "sessions.index",
    "calendar-days",
    *STAFF,
    also=("plans", "rosters", "calendars", "venues", "needs"),
)
STATES = ("draft", "open", "full", "confirmed", "running", "done", "cancelled")


def only_own() -> UUID | None:
    """The trainer whose own sessions alone may be seen; nobody for the rest of the staff."""
    return None if may("owner", "advisor", "accountant") else g.viewer.staff_id


def wanted() -> queries.Wanted:
    """What the address asks the list for. Words that mean nothing ask for nothing."""
    args = request.args
    state, kind = args.get("state", ""), args.get("kind", "")
    return queries.Wanted(
        search=args.get("search", "")[:80], state=state if state in STATES else "",
        kind=kind if kind in ("intra", "inter") else "", programme=_id("programme"), client=_id("client"),
        trainer=_id("trainer"), month=_month(args.get("month", "")),
    )  # fmt: skip


def _id(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _month(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def filters() -> dict[str, Any]:
    """What the lists of the filters hold: programmes, clients, trainers."""
    return {
        "programmes": [(v.programme_id, v.title) for v in programmes.programmes()],
        "names": workspace_names(),
        "months": _months(today().replace(day=1)),
        "trainers": queries.trainers() if only_own() is None else [],
    }


def _months(this: dt.date) -> list[dt.date]:
    """A year back, a year and a half ahead."""
    found = [this]
    for _n in range(12):
        found.insert(0, (found[0] - dt.timedelta(days=1)).replace(day=1))
    for _n in range(18):
        found.append(queries.next_month(found[-1]))
    return found


@bp.get("/sessions")
@open_to(*STAFF)
def index() -> str:
    past, asked = request.args.get("when") == "past", wanted()
    page = paged(queries.sessions(past, only_own(), asked))
    return render_template("catalogue/sessions.html", page=page, past=past, wanted=asked, states=STATES, **filters())


@bp.route("/sessions/new", methods=["GET", "POST"])
@open_to("owner", "advisor")
def create() -> Response | str | tuple[str, int]:
    form = plans.form_for()
    form.version.choices = options((str(v.id), pick(v.title)) for v in programmes.programmes())
    if request.method == "GET":
        form.version.data = request.args.get("version", "")
        form.usual_hours()
        plans.decided_by(form)
        return render_template("catalogue/new_session.html", form=form)
    if act := request.form.get("do"):
        form.edit(act)
        form.offer(list(form.known_rooms.values()), *plans.people_of(form))
        return render_template("catalogue/new_session.html", form=form)
    shown: dict[str, Any] = {}
    if form.validate():
        try:
            session = _opened(form)
            flash(_("The session is open. Say which clients may use it."), "ok")
            return redirect(url_for("rosters.show", session_id=session.id), 303)
        except plans.Held as held:
            db.session.rollback()
            shown = held.shown
        except Refused as no:
            plans.refuse(form, no)
    return render_template("catalogue/new_session.html", form=form, **shown), 422


def _opened(form: SessionForm) -> TrainingSession:
    plan = commands.checked(form.plan())
    if clashes := plans.new_clashes(form, plan):
        raise plans.Held(clashes=clashes)
    state = "draft" if request.form.get("as") == "draft" else "open"
    return commands.plan_session(programmes.version(UUID(form.version.data)), form.kind.data, plan, state)


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
    state = request.form.get("state", "")
    commands.move(queries.session(session_id), state, request.form.get("reason", ""))
    told = {
        "open": _("The session is open. Say which clients may use it."), "running": _("Noted: the session has started."),
        "done": _("Noted: the session is over."),
    }  # fmt: skip
    flash(told.get(state) or _("Done. Everybody concerned is told."), "ok")
    return redirect(url_for("rosters.show", session_id=session_id), 303)

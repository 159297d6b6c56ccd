"""The three home pages, and the console's page of failed work."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.queries import sessions as catalogue
from saas.enrolments.queries import figures
from saas.enrolments.queries import seats as enrolments
from saas.enrolments.wishes import queries as wishes
from saas.home import board, inbox, launch, queries
from saas.kit.access import DESK, MEMBERS, STAFF, may, open_to
from saas.kit.clock import now, today
from saas.kit.shell import CLIENT, CONSOLE, MEMBER, nav_entry
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db
from tenants.queue import run_again

bp = Blueprint("home", __name__, template_folder="../templates")
nav_entry(CONSOLE, 0, _l("Home"), "home.firm", "house", *STAFF)
nav_entry(CONSOLE, 5, _l("To decide"), "home.todo", "list-filter", *DESK)
nav_entry(CLIENT, 0, _l("Home"), "home.workspace", "house", *MEMBERS, *DESK)
nav_entry(MEMBER, 0, _l("Home"), "home.workspace", "house", *MEMBERS)
nav_entry(CONSOLE, 90, _l("Failed work"), "home.jobs", "rotate-ccw", "owner", "advisor")


@bp.get("/")
@open_to(*STAFF)
def firm() -> str:
    """Staff: what needs a decision, the week, all clients side by side. A trainer sees their own sessions."""
    soon = now() + dt.timedelta(days=45)
    if not may(*DESK):
        return render_template("home/trainer.html", sessions=queries.coming(soon, g.viewer.staff_id))
    coming = queries.coming(soon)
    week = [s for s in coming if s.starts_at < now() + dt.timedelta(days=7)]
    return render_template(
        "home/firm.html", week=week, board=board.overview(coming), activity=queries.activity(6), today=today(),
        clients_of=queries.clients_of,
    )  # fmt: skip


@bp.get("/inbox")
@open_to(*DESK)
def todo() -> str:
    """Staff: all that needs a decision, across all clients; of one kind when the address says so."""
    names, kind = workspace_names(), request.args.get("kind", "")
    found = board.todo(names)
    kinds = Counter(item.kind for item in found)
    return render_template(
        "home/inbox.html", todo=[item for item in found if kind in ("", item.kind)], kinds=kinds, kind=kind, today=today(),
        number=len(found),
    )  # fmt: skip


@bp.get("/w/<workspace>/")
@open_to(*MEMBERS, *DESK)
def workspace(workspace: str) -> str:
    """HR (and staff acting for them): requests, sessions, budget. A manager: the next date and what to do."""
    return _hr_home() if may("hr", *DESK) else _manager_home()


def _hr_home() -> str:
    rows = db.session.execute(catalogue.links().add_columns(*enrolments.own_counts()).limit(6)).all()
    todo, contact = inbox.of_hr()
    return render_template(
        "home/hr.html", rows=rows, words=catalogue.availability([row[0].session_id for row in rows]),
        requests=enrolments.requests(), todo=todo, advisor=contact, budget=figures.year(today().year), year=today().year,
        launch=launch.own() if may("hr", "owner", "advisor") and not g.viewer.is_archived else None,
        is_pinned=g.viewer.workspace_id in {pin.id for pin in g.viewer.rail.pins},
    )  # fmt: skip


def _manager_home() -> str:
    rows = enrolments.own(g.viewer.member_id) if g.viewer.member_id else []
    coming = [row for row in rows if row.link.session.ends_at >= now()]
    dates = [row for row in coming if row.state == "seated"]
    return render_template(
        "home/manager.html", rows=coming, dates=dates, next=next(iter(dates), None),
        offered=[row for row in coming if row.state == "offered"], asked=[row for row in coming if row not in dates],
        past=[row for row in rows if row not in coming and row.state in ("seated", "attended")],
        wishes=wishes.own(g.viewer.member_id) if g.viewer.member_id else [],
    )  # fmt: skip


@bp.get("/jobs")
@open_to("owner", "advisor")
def jobs() -> str:
    """Work that failed: who asked, what, why, and a button to run it again."""
    return render_template("home/jobs.html", dead=queries.dead_jobs(), failing=queries.failing_jobs())


@bp.post("/jobs/<uuid:job_id>/again")
@open_to("owner", "advisor")
def run_job_again(job_id: UUID) -> Response:
    if not run_again(job_id):
        abort(404)
    flash(_("On its way again."), "ok")
    return redirect(url_for("home.jobs"), 303)

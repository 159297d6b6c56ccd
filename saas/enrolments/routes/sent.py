"""What was sent to whom, sending it again, and who has not heard: staff for a session, HR for their own people."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from saas.catalogue.models import SessionLink
from saas.catalogue.queries import sessions as catalogue
from saas.enrolments.letters import commands, facts, queries
from saas.enrolments.models import Enrolment
from saas.enrolments.queries.seats import enrolment
from saas.kit.access import open_to
from saas.kit.errors import back
from saas.kit.tables import paged
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db

bp = Blueprint("sent", __name__, template_folder="../templates")
DESK = ("owner", "advisor")


@bp.get("/sessions/<uuid:session_id>/letters")
@open_to(*DESK)
def of_session(session_id: UUID) -> str:
    """Every mail about a session: sent, come back, waiting to leave, given up."""
    session, page = catalogue.session(session_id), paged(queries.log_of_session(session_id))
    waiting = queries.under_way(queries.seats_of_session(session_id))
    return render_template(
        "enrolments/sent.html", session=session, page=page, waiting=waiting, people=queries.people(page.items),
    )  # fmt: skip


@bp.get("/letters/watch")
@open_to(*DESK)
def watch() -> str:
    """Who should have had a convocation by now and has not, and why."""
    days = facts.settings().convocation_days
    page = paged(queries.unheard(days))
    return render_template(
        "enrolments/watch.html", page=page, people=queries.reasons(page.items), days=days, names=workspace_names(),
    )  # fmt: skip


@bp.post("/letters/<uuid:letter_id>/again")
@open_to(*DESK)
def again(letter_id: UUID) -> Response:
    return _again(letter_id)


@bp.post("/w/<workspace>/letters/<uuid:letter_id>/again")
@open_to("hr", *DESK)
def client_again(workspace: str, letter_id: UUID) -> Response:
    return _again(letter_id)


def _again(letter_id: UUID) -> Response:
    commands.again(queries.letter(letter_id))
    flash(_("On its way again."), "ok")
    return redirect(back(url_for("identity.chooser")), 303)


@bp.post("/w/<workspace>/seats/<uuid:enrolment_id>/convocation")
@open_to("hr", *DESK)
def convoke(workspace: str, enrolment_id: UUID) -> Response:
    """Send somebody their convocation now."""
    commands.convoke(enrolment(enrolment_id))
    flash(_("The convocation is on its way."), "ok")
    return redirect(back(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id)), 303)


@bp.post("/letters/seats/<uuid:enrolment_id>/convocation")
@open_to(*DESK)
def convoke_now(enrolment_id: UUID) -> Response:
    """The same from the firm's list of who has not heard."""
    row = db.session.scalars(
        select(Enrolment).where(Enrolment.id == enrolment_id)
        .options(joinedload(Enrolment.member), joinedload(Enrolment.link).joinedload(SessionLink.session))
    ).first()  # fmt: skip
    commands.convoke(row or abort(404))
    flash(_("The convocation is on its way."), "ok")
    return redirect(url_for("sent.watch"), 303)

"""Signing a half-day on one's own phone; counter-signing as the trainer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.catalogue.models import Slot
from saas.catalogue.queries.sessions import session as training_session
from saas.catalogue.routes.sessions import only_own
from saas.delivery import commands, queries
from saas.enrolments.models import Enrolment
from saas.enrolments.queries.seats import enrolment
from saas.kit.access import open_to

bp = Blueprint("attendance", __name__, template_folder="../templates")
# Half-days by their place in the session: the clients of one session share no id.
SEAT = "/w/<workspace>/seats/<uuid:enrolment_id>/sign/<int:number>"


@bp.get(SEAT)
@open_to("participant", "sponsor", "hr")
def show(workspace: str, enrolment_id: UUID, number: int) -> str:
    row = enrolment(enrolment_id, g.viewer.member_id)
    slot = _slot(row, number)
    mark = queries.marks_of(enrolment_id).get(slot.id)
    return render_template("delivery/sign.html", row=row, slot=slot, number=number, mark=mark, can_sign=commands.can_sign(slot))


def _slot(row: Enrolment, number: int) -> Slot:
    """The first, second, … half-day of a seat's session. 404 when there are fewer."""
    slots = row.link.session.slots
    return slots[number - 1] if 1 <= number <= len(slots) else abort(404)


@bp.post(SEAT)
@open_to("participant", "sponsor", "hr")
def sign(workspace: str, enrolment_id: UUID, number: int) -> Response:
    """A person signs for themselves, never for another."""
    row = enrolment(enrolment_id, g.viewer.member_id)
    commands.sign(row, _slot(row, number), request.form.get("name", ""), request.form.get("drawing", ""))
    flash(_("Signed. Thank you."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)


@bp.post("/sessions/<uuid:session_id>/slots/<uuid:slot_id>/countersign")
@open_to("owner", "advisor", "trainer")
def countersign(session_id: UUID, slot_id: UUID) -> Response:
    session = training_session(session_id, only_own())
    slot = queries.slot(slot_id, session_id)
    commands.countersign(session, slot, g.viewer.staff_id, request.form.get("name", ""))
    flash(_("Counter-signed."), "ok")
    return redirect(url_for("rosters.show", session_id=session_id), 303)

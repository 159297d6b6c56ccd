"""One seat: its page, its calendar entry, giving it up, taking an offer. The person's own; HR sees all of its people's."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments import commands, emails, queries
from saas.enrolments.models import Enrolment
from saas.kit.access import MEMBERS, may, open_to
from saas.kit.i18n import pick

bp = Blueprint("seats", __name__, template_folder="../templates", url_prefix="/w/<workspace>/seats/<uuid:enrolment_id>")
WHO = (*MEMBERS, "owner", "advisor")


def _mine_or_hrs(enrolment_id: UUID) -> Enrolment:
    """HR and staff find everybody's seat of this client; others their own only."""
    return queries.enrolment(enrolment_id, None if may("hr", "owner", "advisor") else g.viewer.member_id)


@bp.get("")
@open_to(*WHO)
def show(workspace: str, enrolment_id: UUID) -> str:
    row = _mine_or_hrs(enrolment_id)
    session = row.link.session
    return render_template(
        "enrolments/seat.html", row=row, session=session,
        fee=commands.fee_cents(row), is_own=row.member_id == g.viewer.member_id,
    )  # fmt: skip


@bp.get("/calendar.ics")
@open_to(*WHO)
def calendar(workspace: str, enrolment_id: UUID) -> Response:
    row = _mine_or_hrs(enrolment_id)
    url = url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id, _external=True)
    content = emails.feed_file(row, pick(row.link.session.version.title), url)
    return send_file(io.BytesIO(content), "text/calendar", as_attachment=True, download_name="formation.ics")


@bp.post("/withdraw")
@open_to(*WHO)
def withdraw(workspace: str, enrolment_id: UUID) -> Response:
    row = _mine_or_hrs(enrolment_id)
    commands.withdraw(row, request.form.get("reason", "")[:400])
    flash(_("The seat is given back. Whoever is first in line is told."), "ok")
    if may("hr", "owner", "advisor"):
        return redirect(url_for("links.show", workspace=workspace, link_id=row.link_id), 303)
    return redirect(url_for("home.workspace", workspace=workspace), 303)


@bp.post("/<any(accept, decline):answer>")
@open_to(*WHO)
def answer(workspace: str, enrolment_id: UUID, answer: str) -> Response:
    """Take or leave a seat offered."""
    row = _mine_or_hrs(enrolment_id)
    if answer == "accept":
        commands.accept(row)
        flash(_("The seat is yours. The calendar entry is on its way."), "ok")
    else:
        commands.decline(row)
        flash(_("Noted: the seat goes to the next person in line."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)

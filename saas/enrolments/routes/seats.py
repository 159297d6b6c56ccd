"""One seat: its page, its calendar entry, giving it up, an offer.

The person's own; HR and staff find those of all the client's people.
"""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments import emails
from saas.enrolments.commands import leaving, terms, waiting
from saas.enrolments.models import Enrolment
from saas.enrolments.queries import moves
from saas.enrolments.queries import seats as queries
from saas.kit.access import MEMBERS, may, open_to
from saas.kit.i18n import pick
from saas.workspaces.queries.firm import sentences

bp = Blueprint("seats", __name__, template_folder="../templates", url_prefix="/w/<workspace>/seats/<uuid:enrolment_id>")
DESK_OF_HR = ("hr", "owner", "advisor")
WHO = (*MEMBERS, "owner", "advisor")


def _mine_or_hrs(enrolment_id: UUID) -> Enrolment:
    """HR and staff find everybody's seat of this client; others their own only."""
    return queries.enrolment(enrolment_id, None if may(*DESK_OF_HR) else g.viewer.member_id)


def _waived() -> bool:
    """Whether the fee is let go: only the firm may."""
    return may("owner", "advisor") and request.form.get("waived") == "1"


@bp.get("")
@open_to(*WHO)
def show(workspace: str, enrolment_id: UUID) -> str:
    row = _mine_or_hrs(enrolment_id)
    return render_template(
        "enrolments/seat.html", row=row, session=row.link.session, fee=terms.fee_cents(row),
        loses_credit=terms.credit_is_lost(row), is_own=row.member_id == g.viewer.member_id, chain=moves.chain(row),
        terms=sentences(row.terms),
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
    terms.must_be_as_shown(request.form.get("fee", type=int), terms.fee_cents(row))
    leaving.withdraw(row, request.form.get("reason", "")[:400], waived=_waived())
    flash(_("The seat is given back. Whoever is first in line is told."), "ok")
    if may(*DESK_OF_HR):
        return redirect(url_for("links.show", workspace=workspace, link_id=row.link_id), 303)
    return redirect(url_for("home.workspace", workspace=workspace), 303)


@bp.post("/<any(accept, decline, stay):answer>")
@open_to(*WHO)
def answer(workspace: str, enrolment_id: UUID, answer: str) -> Response:
    """Take a seat offered, leave it, or leave it and wait on."""
    row = _mine_or_hrs(enrolment_id)
    if answer == "accept":
        waiting.accept(row)
        flash(_("The seat is yours. The calendar entry is on its way."), "ok")
    else:
        waiting.decline(row, stay=answer == "stay")
        flash(_("Noted: the seat goes to the next person in line."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)


@bp.post("/again")
@open_to(*WHO)
def wait_again(workspace: str, enrolment_id: UUID) -> Response:
    """Back on the waiting list after an offer that ended."""
    waiting.wait_again(_mine_or_hrs(enrolment_id))
    flash(_("Back on the waiting list. As soon as a seat is free, a mail says so."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)

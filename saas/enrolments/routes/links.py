"""A client's sessions: enrol, follow, approve, withdraw. For HR, and staff acting for them; managers look and ask."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.queries import sessions as catalogue
from saas.enrolments.commands import enrolling as commands
from saas.enrolments.commands.placeholders import names_due
from saas.enrolments.models import OPEN
from saas.enrolments.queries import rosters
from saas.enrolments.queries import seats as queries
from saas.enrolments.queries.placeholders import held
from saas.kit.access import DESK, MEMBERS, may, open_to
from saas.kit.clock import now
from saas.kit.shell import CLIENT, MEMBER, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries.people import own_member

bp = Blueprint("links", __name__, template_folder="../templates", url_prefix="/w/<workspace>/sessions")
OF_SESSIONS = ("calendars", "enrolling", "seats", "swaps", "placeholders", "absences", "needs", "rules", "seat_feeds")
nav_entry(CLIENT, 30, _l("Sessions"), "links.index", "calendar-days", *MEMBERS, *DESK, also=OF_SESSIONS)
nav_entry(MEMBER, 30, _l("Sessions"), "links.index", "calendar-days", *MEMBERS, also=OF_SESSIONS)
ENROLLERS = ("hr", "owner", "advisor")


@bp.get("")
@open_to(*MEMBERS, *DESK)
def index(workspace: str) -> str:
    past = request.args.get("when") == "past"
    page = paged(catalogue.links(past))
    return render_template(
        "enrolments/links.html", page=page, past=past, words=catalogue.availability([i.session_id for i in page.items]),
        counts=queries.counts_by_link([i.id for i in page.items]) if may(*ENROLLERS) else {},
    )  # fmt: skip


@bp.get("/<uuid:link_id>")
@open_to(*MEMBERS, *DESK)
def show(workspace: str, link_id: UUID) -> str:
    link, sees = catalogue.link(link_id), may(*ENROLLERS, "accountant")
    roster = rosters.of_link(link_id, g.viewer.member_id) if sees else None
    unnamed = held(link_id) if sees else []
    asks = g.viewer.member_id and (roster is None or g.viewer.perimeter)
    own = queries.own(g.viewer.member_id) if asks else roster.of_member(g.viewer.member_id) if roster else []
    return render_template(
        "enrolments/link.html", link=link, session=link.session, roster=roster, unnamed=unnamed,
        word=catalogue.availability([link.session_id]).get(link.session_id, "available"),
        own=[row for row in own if row.link_id == link_id and row.member_id == g.viewer.member_id],
        names_due=names_due(link.session) if unnamed else None,
        is_open=link.session.state in OPEN and link.session.starts_at > now(),
    )  # fmt: skip


@bp.post("/<uuid:link_id>/ask")
@open_to("participant", "sponsor")
def ask(workspace: str, link_id: UUID) -> Response:
    """A manager asks for a seat."""
    row = commands.request(catalogue.link(link_id), own_member())
    flash(_("Your request is with your HR."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=row.id), 303)


@bp.post("/requests/<uuid:enrolment_id>/<any(approve, refuse):answer>")
@open_to(*ENROLLERS)
def answer(workspace: str, enrolment_id: UUID, answer: str) -> Response:
    """HR answers a manager's request."""
    row = queries.enrolment(enrolment_id)
    if answer == "approve":
        commands.approve(row)
        flash(_("Approved: %(name)s is told.", name=row.member.name), "ok")
    else:
        commands.refuse(row, request.form.get("reason", "")[:400])
        flash(_("Refused: %(name)s is told.", name=row.member.name), "ok")
    return redirect(url_for("links.show", workspace=workspace, link_id=row.link_id), 303)

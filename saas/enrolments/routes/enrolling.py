"""Enrolling people in a session: pick, paste or send a list, see what it means, do it, take it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from saas.catalogue.models import SessionLink
from saas.catalogue.queries import sessions as catalogue
from saas.enrolments import matching
from saas.enrolments.commands import enrolling as commands
from saas.enrolments.commands import placeholders
from saas.enrolments.queries import reviews
from saas.enrolments.queries import seats as queries
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.ids import posted_ids
from saas.kit.tables import paged
from saas.workspaces.imports import reading
from saas.workspaces.queries import clients

bp = Blueprint("enrolling", __name__, template_folder="../templates", url_prefix="/w/<workspace>/sessions/<uuid:link_id>/enrol")
ENROLLERS = ("hr", "owner", "advisor")
MOST = 500
A_PAGE = 200


@bp.get("")
@open_to(*ENROLLERS)
def choose(workspace: str, link_id: UUID) -> str:
    """Pick people, many at a time, or give a list, or take seats without a name."""
    return _choice(catalogue.link(link_id))


def _choice(link: SessionLink, refused: Refused | None = None) -> str:
    search = request.args.get("search", "")
    return render_template(
        "enrolments/choose.html", link=link, session=link.session, search=search, refused=refused, said=request.form,
        page=paged(queries.enrollable(link.id, search), A_PAGE), names_due=placeholders.names_due(link.session),
        word=catalogue.availability([link.session_id]).get(link.session_id, "available"), most=reading.MAX_BYTES,
    )  # fmt: skip


@bp.post("/review")
@open_to(*ENROLLERS)
def review(workspace: str, link_id: UUID) -> str | tuple[str, int]:
    """What enrolling these people would mean; nothing is written."""
    link = catalogue.link(link_id)
    try:
        members, matched = _meant()
    except Refused as no:
        return _choice(link, no), 422
    return render_template(
        "enrolments/review.html", link=link, session=link.session, matched=matched, review=reviews.review(link, members),
        parties=clients.billing_parties(),
        word=catalogue.availability([link.session_id]).get(link.session_id, "available"),
    )  # fmt: skip


def _meant() -> tuple[list[Any], matching.Matched | None]:
    """Those ticked, and those whom a list means. Raises Refused for nobody."""
    members = queries.members(posted_ids("member", MOST))
    upload = request.files.get("file")
    content = upload.read(reading.MAX_BYTES + 1) if upload and upload.filename else b""
    matched = None
    if content or request.form.get("pasted", "").strip():
        name = (upload.filename if upload else "") or ""
        matched = matching.match(matching.read(name, content, request.form.get("pasted", "")))
        members += [m for m in matched.members if m not in members]
    if not members and matched is None:
        raise Refused(_l("Choose at least one person."), "member")
    return members, matched


@bp.post("")
@open_to(*ENROLLERS)
def enrol(workspace: str, link_id: UUID) -> Response:
    link, chosen = catalogue.link(link_id), queries.members(posted_ids("member", MOST))
    if not chosen:
        raise Refused(_l("Choose at least one person."))
    party = request.form.get("party", type=UUID)
    done = commands.enrol(
        link, chosen, waits=request.form.get("waits", "1") == "1", undoable=True,
        party_id=clients.billing_party(party).id if party else None,
    )  # fmt: skip
    _tell(done)
    return redirect(url_for("links.show", workspace=workspace, link_id=link_id), 303)


def _tell(done: commands.Enrolled) -> None:
    """Say what became of whom, with a button that takes it back."""
    said = []
    if done.seated:
        said.append(ngettext("%(num)s person has a seat.", "%(num)s people have a seat.", len(done.seated)))
    if done.waiting:
        said.append(ngettext("%(num)s is on the waiting list.", "%(num)s are on the waiting list.", len(done.waiting)))
    if done.no_seat:
        said.append(ngettext("%(num)s found no seat.", "%(num)s found no seat.", len(done.no_seat)))
    if done.clashing:
        said.append(_("At that hour, a seat elsewhere: %(names)s.", names=", ".join(member.name for member in done.clashing[:5])))
    words = " ".join(said) or _("They were enrolled already.")
    toast = render_template("enrolments/_enrolled_toast.html", words=words, batch=done.batch)
    flash(Markup(toast), "ok" if done.seated or done.waiting else "error")  # noqa: S704


@bp.post("/undo/<uuid:batch_id>")
@open_to(*ENROLLERS)
def undo(workspace: str, link_id: UUID, batch_id: UUID) -> Response:
    """Take one's own last act of enrolling back, before people are told."""
    batch = reviews.batch(batch_id, g.viewer.account_id)
    if batch is None or batch.link_id != link_id:
        abort(404)
    number = commands.undo(batch)
    flash(ngettext("Undone: %(num)s person is out again.", "Undone: %(num)s people are out again.", number), "ok")
    return redirect(url_for("links.show", workspace=workspace, link_id=link_id), 303)


@bp.post("/hold")
@open_to("hr-of-all", "owner", "advisor")
def hold(workspace: str, link_id: UUID) -> Response | tuple[str, int]:
    """Take seats whose people are named later."""
    link = catalogue.link(link_id)
    try:
        asked = request.form.get("number", 0, type=int)
        rows = placeholders.hold(link, asked, request.form.get("label", ""))
    except Refused as no:
        return _choice(link, no), 422
    said = ngettext("%(num)s seat is kept for a name.", "%(num)s seats are kept for names.", len(rows))
    if len(rows) < asked:
        said += " " + _("There were no more.")
    flash(said, "ok")
    return redirect(url_for("links.show", workspace=workspace, link_id=link_id), 303)

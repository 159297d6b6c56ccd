"""Somebody else on a seat, or another session for its person. For HR, and staff acting for them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments.commands import swapping, terms
from saas.enrolments.queries import moves
from saas.enrolments.queries import seats as queries
from saas.kit.access import may, open_to
from saas.kit.errors import Refused
from saas.kit.tables import paged
from saas.workspaces.queries import people

bp = Blueprint("swaps", __name__, template_folder="../templates", url_prefix="/w/<workspace>/seats/<uuid:enrolment_id>")
WHO = ("hr", "owner", "advisor")


@bp.route("/substitute", methods=["GET", "POST"])
@open_to(*WHO)
def substitute(workspace: str, enrolment_id: UUID) -> Response | str | tuple[str, int]:
    """Give the seat to somebody else."""
    row, refused = queries.enrolment(enrolment_id), None
    if request.method == "POST":
        try:
            newcomer = people.member(request.form.get("member", UUID(int=0), type=UUID))
            taken = swapping.substitute(row, newcomer)
            flash(_("%(name)s takes the seat. Both are told.", name=newcomer.name), "ok")
            return redirect(url_for("seats.show", workspace=workspace, enrolment_id=taken.id), 303)
        except Refused as no:
            refused = no
    search = request.values.get("search", "")
    page = render_template(
        "enrolments/substitute.html", row=row, session=row.link.session, search=search, refused=refused,
        page=paged(queries.enrollable(row.link_id, search)),
    )  # fmt: skip
    return (page, 422) if refused else page


@bp.route("/transfer", methods=["GET", "POST"])
@open_to(*WHO)
def transfer(workspace: str, enrolment_id: UUID) -> Response | str | tuple[str, int]:
    """Move the person to another session; without one chosen, what each would mean."""
    row, refused = queries.enrolment(enrolment_id), None
    if request.method == "POST":
        try:
            terms.must_be_as_shown(request.form.get("fee", type=int), terms.fee_cents(row))
            to = moves.destination(request.form.get("link", UUID(int=0), type=UUID))
            moved = swapping.transfer(row, to, waived=may("owner", "advisor") and request.form.get("waived") == "1")
            flash(_("%(name)s moves to the other session and is told.", name=row.member.name), "ok")
            return redirect(url_for("seats.show", workspace=workspace, enrolment_id=moved.id), 303)
        except Refused as no:
            refused = no
    choices = moves.destinations(row)
    page = render_template(
        "enrolments/transfer.html", row=row, session=row.link.session, refused=refused, fee=terms.fee_cents(row),
        loses_credit=terms.credit_is_lost(row), moves=[(link, swapping.reckon(row, link)) for link in choices],
        words=moves.words(choices),
    )  # fmt: skip
    return (page, 422) if refused else page

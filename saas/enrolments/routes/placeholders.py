"""A seat without a name: its page, where it gets its person or is given back. For HR of the whole client, and staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments.commands import placeholders as commands
from saas.enrolments.commands.terms import must_be_as_shown
from saas.enrolments.queries import placeholders as queries
from saas.enrolments.queries import seats
from saas.kit.access import HR_OF_ALL, open_to
from saas.kit.errors import Refused
from saas.kit.tables import paged
from saas.workspaces.queries import people

bp = Blueprint(
    "placeholders", __name__, template_folder="../templates", url_prefix="/w/<workspace>/placeholders/<uuid:placeholder_id>"
)
WHO = (HR_OF_ALL, "owner", "advisor")


@bp.get("")
@open_to(*WHO)
def show(workspace: str, placeholder_id: UUID) -> str:
    return _page(placeholder_id)


def _page(placeholder_id: UUID, refused: Refused | None = None) -> str:
    row, search = queries.placeholder(placeholder_id), request.values.get("search", "")
    return render_template(
        "enrolments/placeholder.html", row=row, session=row.link.session, search=search, refused=refused,
        page=paged(seats.enrollable(row.link_id, search)), fee=commands.fee_cents(row),
        names_due=commands.names_due(row.link.session),
    )  # fmt: skip


@bp.post("/name")
@open_to(*WHO)
def name(workspace: str, placeholder_id: UUID) -> Response | tuple[str, int]:
    row = queries.placeholder(placeholder_id)
    try:
        person = people.member(request.form.get("member", UUID(int=0), type=UUID))
        commands.name(row, person)
    except Refused as no:
        return _page(placeholder_id, no), 422
    flash(_("The seat is %(name)s’s: they are told.", name=person.name), "ok")
    return redirect(url_for("links.show", workspace=workspace, link_id=row.link_id), 303)


@bp.post("/give-back")
@open_to(*WHO)
def give_back(workspace: str, placeholder_id: UUID) -> Response | tuple[str, int]:
    row = queries.placeholder(placeholder_id)
    try:
        must_be_as_shown(request.form.get("fee", type=int), commands.fee_cents(row))
        commands.give_back(row)
    except Refused as no:
        return _page(placeholder_id, no), 422
    flash(_("The seat is given back. Whoever is first in line is told."), "ok")
    return redirect(url_for("links.show", workspace=workspace, link_id=row.link_id), 303)

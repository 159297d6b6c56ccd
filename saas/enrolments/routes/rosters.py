"""A session and everybody in it. For staff; a trainer sees their own sessions."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template

from saas.catalogue.forms.offers import LinkForm
from saas.catalogue.queries import sessions as catalogue
from saas.catalogue.routes.sessions import only_own
from saas.enrolments.queries import rosters as queries
from saas.kit.access import STAFF, open_to
from saas.kit.clock import now
from saas.kit.options import options
from saas.workspaces.queries.clients import workspace_names

bp = Blueprint("rosters", __name__, template_folder="../templates")


@bp.get("/sessions/<uuid:session_id>")
@open_to(*STAFF)
def show(session_id: UUID) -> str:
    session, names = catalogue.session(session_id, only_own()), workspace_names()
    form = LinkForm(formdata=None)
    linked = {link.workspace_id for link in session.links}
    form.workspace.choices = options((str(i), w.name) for i, w in names.items() if i not in linked and w.state == "active")
    form.price.data = session.version.price_seat_cents
    roster = queries.of_session(session_id)
    sold = queries.sold(session.links, roster.lines)
    # Somebody limited to some clients sees a part of what is sold: no margin then.
    margin = sold - session.seats.cost_cents if g.viewer.clients is None else None
    return render_template(
        "enrolments/session.html", session=session, names=names, form=form, roster=roster, sold=sold, margin=margin, now=now(),
    )  # fmt: skip

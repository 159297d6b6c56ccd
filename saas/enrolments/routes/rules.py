"""The firm's rules for trainees (C. trav. L6352-3 and 4), which the convocation leads to."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template

from saas.enrolments.queries.seats import enrolment
from saas.kit.access import MEMBERS, may, open_to
from saas.kit.i18n import pick
from saas.workspaces.queries.firm import own_profile

bp = Blueprint("rules", __name__, template_folder="../templates", url_prefix="/w/<workspace>/seats/<uuid:enrolment_id>")


@bp.get("/rules")
@open_to(*MEMBERS, "owner", "advisor")
def show(workspace: str, enrolment_id: UUID) -> str:
    row = enrolment(enrolment_id, None if may("hr", "owner", "advisor") else g.viewer.member_id)
    profile = own_profile()
    return render_template(
        "enrolments/rules.html", row=row, session=row.link.session, rules=pick(profile.internal_rules) if profile else ""
    )

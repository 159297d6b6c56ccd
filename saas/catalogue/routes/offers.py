"""A client's catalogue: the programmes offered to it. For its members, and staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from saas.catalogue.queries import offers as queries
from saas.catalogue.queries import programmes
from saas.kit.access import DESK, MEMBERS, open_to
from saas.kit.shell import CLIENT, MEMBER, nav_entry

bp = Blueprint("offers", __name__, template_folder="../templates", url_prefix="/w/<workspace>/programmes")
nav_entry(CLIENT, 20, _l("Programmes"), "offers.index", "book-open", *MEMBERS, *DESK)
nav_entry(MEMBER, 20, _l("Programmes"), "offers.index", "graduation-cap", *MEMBERS)


@bp.get("")
@open_to(*MEMBERS, *DESK)
def index(workspace: str) -> str:
    return render_template("catalogue/offers.html", offers=queries.offers())


@bp.get("/<uuid:version_id>")
@open_to(*MEMBERS, *DESK)
def show(workspace: str, version_id: UUID) -> str:
    return render_template("catalogue/offer.html", version=programmes.version(version_id), offers=queries.offers())

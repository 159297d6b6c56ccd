"""A client's catalogue: the programmes offered to it. For its members, and staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, g, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue import sheets
from saas.catalogue.models import Offer, ProgrammeVersion
from saas.catalogue.queries import offers as queries
from saas.catalogue.queries import programmes
from saas.catalogue.queries.sessions import availability
from saas.kit.access import DESK, MEMBERS, open_to
from saas.kit.i18n import language
from saas.kit.shell import CLIENT, MEMBER, nav_entry
from saas.kit.tables import paged

bp = Blueprint("offers", __name__, template_folder="../templates", url_prefix="/w/<workspace>/programmes")
nav_entry(CLIENT, 20, _l("Programmes"), "offers.index", "book-open", *MEMBERS, *DESK)
nav_entry(MEMBER, 20, _l("Programmes"), "offers.index", "graduation-cap", *MEMBERS, also=("wishes",))
PER_PAGE = 24


@bp.get("")
@open_to(*MEMBERS, *DESK)
def index(workspace: str) -> str:
    search, modality = (request.args.get(name, "").strip()[:80] for name in ("q", "modality"))
    page = paged(queries.catalogue(search, modality), PER_PAGE)
    return render_template("catalogue/offers.html", page=page, search=search, modality=modality)


@bp.get("/<uuid:offer_id>")
@open_to(*MEMBERS, *DESK)
def page(workspace: str, offer_id: UUID) -> str:
    """A programme of this client's catalogue, with this client's price and dates."""
    offer = queries.offer_here(offer_id)
    return _page(offer.version, offer)


@bp.get("/of/<uuid:version_id>")
@open_to(*MEMBERS, *DESK)
def show(workspace: str, version_id: UUID) -> str:
    """The version that a session of this client follows, whether its programme is still offered or not."""
    version = programmes.version(version_id)
    offer = queries.offer_for(version)
    if offer is None and not queries.has_session_of(version):
        abort(404)
    return _page(version, offer)


def _page(version: ProgrammeVersion, offer: Offer | None) -> str:
    links = queries.links_to_come(version.programme_id)
    places = availability([link.session_id for link in links])
    return render_template("catalogue/offer.html", version=version, offer=offer, links=links, places=places)


@bp.get("/<uuid:offer_id>/programme.pdf")
@open_to(*MEMBERS, *DESK)
def pdf(workspace: str, offer_id: UUID) -> Response:
    offer = queries.offer_here(offer_id)
    return sheets.answer(offer.version, request.args.get("lang", language()), offer=offer, firm_name=g.viewer.firm.name)

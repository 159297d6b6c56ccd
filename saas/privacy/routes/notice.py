"""The privacy page: for everybody, the same bytes for all; and for a client's people, among their own pages."""

from __future__ import annotations

import hashlib

from flask import Blueprint, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from saas.kit.access import DESK, EVERYONE, MEMBERS, open_to
from saas.kit.i18n import reader_in
from saas.privacy import notice, queries
from tenants.scope import Kind

bp = Blueprint("notice", __name__, template_folder="../templates")
# As the public catalogue: a page that changed is seen by everybody within five minutes.
FOR_ALL = "public, max-age=300, stale-while-revalidate=3600"


@bp.get("/privacy", defaults={"lang": "fr"})
@bp.get("/en/privacy", defaults={"lang": "en"})
@open_to(EVERYONE, within=Kind.PUBLIC)
def public(lang: str) -> Response:
    """Whether the catalogue is open or not: whoever is written to by the firm may ask what it holds."""
    with reader_in(lang):
        html = render_template(
            "privacy/public.html", lang=lang, firm_name=g.viewer.firm.name,
            alternates={code: url_for("notice.public", lang=code) for code in ("fr", "en")}, **notice.facts(queries.controller()),
        )  # fmt: skip
    response = make_response(html)
    response.headers["Cache-Control"] = FOR_ALL
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20], weak=True)
    return response.make_conditional(request)


@bp.get("/w/<workspace>/privacy")
@open_to(*MEMBERS, *DESK)
def client(workspace: str) -> str:
    return render_template("privacy/client.html", **notice.facts(queries.controller()))

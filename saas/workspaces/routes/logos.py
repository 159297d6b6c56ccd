"""A client's logo, for its members and the firm's staff."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, request, url_for

from saas.kit import storage, uploads
from saas.kit.access import MEMBERS, STAFF, open_to
from saas.workspaces import logos

bp = Blueprint("logos", __name__)


@bp.get("/w/<workspace>/logo")
@open_to(*MEMBERS, *STAFF)
def show(workspace: str) -> Response:
    key = g.viewer.workspace.logo
    if not key:
        abort(404)
    try:
        answer = Response(storage.get(key), content_type=uploads.content_type(key))
    except FileNotFoundError:
        abort(404)
    is_this = request.args.get("v") == logos.stamp(key)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable" if is_this else "private, no-cache"
    answer.headers["Vary"] = "Cookie"
    return answer


def logo_url() -> str | None:
    """The address of the logo of this page's workspace; None while it has none."""
    place = g.viewer.workspace
    return url_for("logos.show", workspace=place.slug, v=logos.stamp(place.logo)) if place and place.logo else None


bp.add_app_template_global(logo_url, "logo_url")

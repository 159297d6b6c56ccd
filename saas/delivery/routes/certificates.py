"""A certificate: to download for whom it concerns, to verify for anybody who holds its code."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, abort, g, render_template, send_file
from werkzeug.wrappers import Response

from saas.delivery import queries
from saas.enrolments.queries.seats import enrolment
from saas.kit.access import EVERYONE, may, open_to
from saas.kit.documents import content_of
from tenants.scope import Kind

bp = Blueprint("certificates", __name__, template_folder="../templates")


@bp.get("/w/<workspace>/seats/<uuid:enrolment_id>/certificate.pdf")
@open_to("participant", "sponsor", "hr", "owner", "advisor")
def download(workspace: str, enrolment_id: UUID) -> Response:
    row = enrolment(enrolment_id, None if may("hr", "owner", "advisor") else g.viewer.member_id)
    certificate = queries.certificate_of(row.id)
    if certificate is None:
        abort(404)
    pdf = content_of(queries.document(certificate.document_id))
    return send_file(io.BytesIO(pdf), "application/pdf", as_attachment=True, download_name="certificat.pdf")


@bp.get("/-/certificates/<code>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def verify(code: str) -> str | tuple[str, int]:
    found = queries.by_code(code)
    return render_template("delivery/verify.html", found=found), 200 if found else 404

"""A zone that anybody may write in: where the demo publishes the record that proves a domain. See saas.kit.dns."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity.sso.domains import CHALLENGE, normalised
from saas.kit.access import EVERYONE, open_to
from saas.kit.dns import SANDBOX, sandbox_zone
from saas.kit.errors import Refused
from tenants.scope import Kind

bp = Blueprint("dns_sandbox", __name__, template_folder="templates", url_prefix="/-/dns")
LONGEST = 200


def publish(name: str, value: str) -> None:
    """Add a TXT record."""
    path = sandbox_zone() / f"{name}.txt"
    lines = path.read_text().splitlines() if path.is_file() else []
    if value not in lines:
        path.write_text("\n".join([*lines, value][-20:]) + "\n")


def _only_here() -> None:
    if current_app.config["DNS_SERVER"] != SANDBOX:
        abort(404)


@bp.get("")
@open_to(EVERYONE, within=Kind.PLATFORM)
def index() -> str:
    _only_here()
    records = [(path.stem, path.read_text().splitlines()) for path in sorted(sandbox_zone().glob("*.txt"))[:200]]
    return render_template("sandbox/dns.html", records=records, challenge=CHALLENGE)


@bp.post("")
@open_to(EVERYONE, within=Kind.PLATFORM)
def add() -> Response:
    """Publish a record, or empty a name."""
    _only_here()
    name, value = request.form.get("name", "").strip().lower(), request.form.get("value", "").strip()[:LONGEST]
    try:
        domain = normalised(name.removeprefix(f"{CHALLENGE}."))
    except Refused:
        flash(_("Enter a name such as _cordee-challenge.company.com."), "error")
        return redirect(url_for("dns_sandbox.index"), 303)
    name = f"{CHALLENGE}.{domain}"
    if request.form.get("act") == "remove":
        (sandbox_zone() / f"{name}.txt").unlink(missing_ok=True)
    elif value:
        publish(name, value)
    return redirect(url_for("dns_sandbox.index"), 303)

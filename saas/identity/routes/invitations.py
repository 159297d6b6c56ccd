"""Accepting an invitation."""

from __future__ import annotations

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands.inviting import join
from saas.identity.entering import enter, safe_next
from saas.identity.routes.platform import bp
from saas.kit.access import EVERYONE, open_to
from tenants.scope import Kind


@bp.get("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def invitation(token: str) -> str | tuple[str, int]:
    card = queries.invitation_card(token)
    if card is None:
        abort(404)
    return render_template("identity/invitation.html", card=card, token=token), 200 if card.state == "open" else 410


@bp.post("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def accept(token: str) -> Response:
    card = queries.invitation_card(token)
    account_id = join(token)
    if card is None:
        abort(404)
    flash(_("Welcome! You are signed in."), "ok")
    home = f"/{card.firm_slug}/" + (f"w/{card.workspace_slug}/" if card.workspace_slug else "")
    return enter(account_id, "email", safe_next(request.args.get("next")) or home)

"""Accepting an invitation."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.identity import queries
from saas.identity.commands.inviting import join
from saas.identity.commands.signing import Opens
from saas.identity.entering import enter, safe_next
from saas.identity.queries import InvitationCard
from saas.identity.routes.platform import bp
from saas.kit import limits
from saas.kit.access import EVERYONE, open_to
from tenants.scope import Kind


def _card(token: str) -> InvitationCard:
    card = queries.invitation_card(token)
    if card is None:
        abort(404)
    return card


def _is_somebody_else(card: InvitationCard) -> bool:
    """Whether another person than the invited one is signed in here: they cannot take the seat by mistake."""
    return g.viewer.account_id is not None and g.viewer.account_id != card.account_id


def _page(card: InvitationCard, token: str) -> str:
    return render_template("identity/invitation.html", card=card, token=token, somebody_else=_is_somebody_else(card))


@bp.get("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def invitation(token: str) -> str | tuple[str, int]:
    card = _card(token)
    return _page(card, token), 200 if card.state == "open" else 410


@bp.post("/invitation/<token>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def accept(token: str) -> Response | tuple[str, int]:
    """Join. Refused, in words, to whoever is signed in as somebody else, and where a company has a way in of its own."""
    limits.from_network()
    card = _card(token)
    limits.for_firm(card.firm_slug)
    if _is_somebody_else(card):
        return _page(card, token), 409
    if card.connection_id is not None and card.state == "open":
        return redirect(url_for("sso.start", connection_id=card.connection_id, next=card.path), 303)
    account_id = join(token)
    flash(_("Welcome! You are signed in."), "ok")
    return enter(account_id, Opens("invitation"), safe_next(request.args.get("next")) or card.path)

"""Where Stripe tells what happened: verify, keep, answer; the work is a job's."""

from __future__ import annotations

from flask import Blueprint, request

from saas.billing import commands, stripe_door
from saas.kit.access import EVERYONE, open_to
from tenants.scope import Kind

bp = Blueprint("webhook", __name__)


@bp.post("/-/webhooks/stripe")
@open_to(EVERYONE, within=Kind.PLATFORM)
def receive() -> tuple[dict[str, bool], int]:
    """Platform scope. The signature is the key: 400 without a good one. A repeated event is kept once and answers 200."""
    try:
        event = stripe_door.event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except stripe_door.BadSignature:
        return {"received": False}, 400
    commands.keep_event(event)
    return {"received": True}, 200

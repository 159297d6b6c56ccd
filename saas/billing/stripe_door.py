"""The one door to Stripe: the only file that imports stripe. A sandbox of ours answers in its place when asked to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import stripe
from flask import current_app

TOLERANCE = 300


class Away(RuntimeError):
    """Stripe does not answer, or refuses: nothing was charged."""


class BadSignature(ValueError):
    """A webhook that Stripe did not sign, or not now."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook says: enough to ask Stripe for the object itself."""

    id: str
    type: str
    account: str | None
    created: int
    object_id: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment page, and what became of it. Cents."""

    id: str
    url: str | None
    paid: bool
    amount_cents: int
    currency: str
    metadata: dict[str, str]


def _client() -> stripe.StripeClient:
    key = current_app.config["STRIPE_SECRET_KEY"]
    if current_app.config["STRIPE_URL"] == "sandbox:":
        base = f"{current_app.config['PUBLIC_URL'].rstrip('/')}/-/stripe"
        return stripe.StripeClient(key, base_addresses={"api": base}, max_network_retries=2)
    return stripe.StripeClient(key, max_network_retries=2)


def _checkout(found: Any) -> Checkout:
    return Checkout(
        found.id, found.url, found.payment_status == "paid", found.amount_total or 0, (found.currency or "").lower(),
        {str(k): str(v) for k, v in (found.metadata.to_dict() if found.metadata else {}).items()},
    )  # fmt: skip


def open_checkout(
    *, account: str | None, key: str, label: str, amount_cents: int, email: str, done_url: str, back_url: str,
    metadata: dict[str, str],
) -> Checkout:  # fmt: skip
    """Open a payment page on the firm's connected account. The same `key` opens the same page. Raises Away."""
    line = {
        "quantity": 1,
        "price_data": {"currency": "eur", "unit_amount": amount_cents, "product_data": {"name": label}},
    }
    params: Any = {
        "mode": "payment", "line_items": [line], "customer_email": email, "success_url": done_url, "cancel_url": back_url,
        "metadata": metadata,
    }  # fmt: skip
    options: Any = {"idempotency_key": key}
    if account:
        options["stripe_account"] = account
    try:
        return _checkout(_client().v1.checkout.sessions.create(params, options))
    except stripe.StripeError as error:
        raise Away(error.user_message or type(error).__name__) from error


def checkout(checkout_id: str, account: str | None) -> Checkout:
    """What became of a payment page: asked of Stripe, never taken from a webhook's word."""
    options: Any = {"stripe_account": account} if account else {}
    return _checkout(_client().v1.checkout.sessions.retrieve(checkout_id, options=options))


def event(payload: bytes, signature: str) -> Event:
    """A webhook's event. Raises BadSignature when no secret of ours signed it within five minutes of now."""
    for secret in current_app.config["STRIPE_WEBHOOK_SECRET"].split(","):
        try:
            found = stripe.Webhook.construct_event(payload, signature, secret.strip(), tolerance=TOLERANCE)
        except (ValueError, stripe.SignatureVerificationError):
            continue
        stamp = next((int(part[2:]) for part in signature.split(",") if part.startswith("t=") and part[2:].isdigit()), 0)
        if stamp > time.time() + TOLERANCE:
            continue  # the library refuses old stamps, not those of the future
        return Event(found.id, found.type, getattr(found, "account", None), found.created, str(found.data.object["id"]))
    raise BadSignature("no secret of ours signed this")

"""A small Stripe: opens payment pages, shows them, takes the money nobody has, and sends a really signed webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from pathlib import Path
from typing import Any

import requests
from flask import Blueprint, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from saas.kit.access import EVERYONE, open_to
from tenants.scope import Kind

bp = Blueprint("stripe_sandbox", __name__, template_folder="templates", url_prefix="/-/stripe")


def _folder() -> Path:
    if current_app.config["STRIPE_URL"] != "sandbox:":
        abort(404)
    folder = Path(current_app.config["STORAGE_DIR"]).absolute() / "stripe"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(checkout_id: str) -> dict[str, Any]:
    path = _folder() / f"{checkout_id}.json"
    if not checkout_id.isidentifier() or not path.is_file():
        abort(404)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _write(checkout: dict[str, Any]) -> None:
    (_folder() / f"{checkout['id']}.json").write_text(json.dumps(checkout))


@bp.post("/v1/checkout/sessions")
@open_to(EVERYONE, within=Kind.PLATFORM)
def create() -> dict[str, Any]:
    """The same idempotency key opens the same page, as at Stripe."""
    key = hashlib.sha256(request.headers.get("Idempotency-Key", secrets.token_hex()).encode()).hexdigest()[:24]
    path = _folder() / f"cs_test_{key}.json"
    if path.is_file():
        return dict(json.loads(path.read_text()))
    form = request.form
    checkout = {
        "id": f"cs_test_{key}", "object": "checkout.session", "url": f"{current_app.config['PUBLIC_URL']}/-/stripe/pay/cs_test_{key}",
        "payment_status": "unpaid", "status": "open", "currency": form["line_items[0][price_data][currency]"],
        "amount_total": int(form["line_items[0][price_data][unit_amount]"]), "livemode": False,
        "metadata": {k[9:-1]: v for k, v in form.items() if k.startswith("metadata[")},
        "success_url": form["success_url"], "cancel_url": form["cancel_url"],
        "label": form["line_items[0][price_data][product_data][name]"], "account": request.headers.get("Stripe-Account", ""),
    }  # fmt: skip
    _write(checkout)
    return checkout


@bp.get("/v1/checkout/sessions/<checkout_id>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def retrieve(checkout_id: str) -> dict[str, Any]:
    found = _read(checkout_id)
    if found["account"] != request.headers.get("Stripe-Account", ""):
        abort(404)
    return found


@bp.get("/pay/<checkout_id>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def page(checkout_id: str) -> str:
    return render_template("sandbox/pay.html", checkout=_read(checkout_id))


@bp.post("/pay/<checkout_id>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def pay(checkout_id: str) -> Response:
    checkout = _read(checkout_id)
    checkout |= {"payment_status": "paid", "status": "complete"}
    _write(checkout)
    send_webhook("checkout.session.completed", checkout)
    return redirect(checkout["success_url"], 303)


def send_webhook(kind: str, checkout: dict[str, Any]) -> None:
    """Tell the product, signed as Stripe signs: HMAC-SHA256 over the time and the body."""
    event = {
        "id": f"evt_{hashlib.sha256((kind + checkout['id']).encode()).hexdigest()[:24]}", "object": "event", "type": kind,
        "created": int(time.time()), "livemode": False, "data": {"object": checkout},
        **({"account": checkout["account"]} if checkout["account"] else {}),
    }  # fmt: skip
    body = json.dumps(event)
    headers = {"Stripe-Signature": signature(body, current_app.config["STRIPE_WEBHOOK_SECRET"].split(",")[0])}
    headers["Content-Type"] = "application/json"
    requests.post(f"{current_app.config['PUBLIC_URL']}/-/webhooks/stripe", body.encode(), headers=headers, timeout=10)


def signature(body: str, secret: str, at: int | None = None) -> str:
    """A Stripe-Signature header for a body."""
    stamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"

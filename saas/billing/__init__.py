"""Invoices with gapless numbers, payments by transfer or card, and the one door to Stripe."""

from importlib import import_module

from flask import Blueprint

WITHOUT_CSRF = ("saas.billing.routes.webhook.receive",)
FROM_ELSEWHERE = ("webhook.receive",)


def blueprints() -> list[Blueprint]:
    """This feature's routes; its jobs and panels are registered by the way."""
    for module in ("jobs", "panels"):
        import_module(f"saas.billing.{module}")
    return [import_module(f"saas.billing.routes.{noun}").bp for noun in ("invoices", "payments", "webhook")]

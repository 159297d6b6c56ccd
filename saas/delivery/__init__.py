"""What happens in the room and after: attendance signed on phones, counter-signatures, certificates."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes; its jobs and panels are registered by the way."""
    for module in ("jobs", "panels"):
        import_module(f"saas.delivery.{module}")
    return [import_module(f"saas.delivery.routes.{noun}").bp for noun in ("attendance", "certificates")]

"""Who people are and how they get in: accounts, staff, members, sign-in, grants, invitations."""

from importlib import import_module

from flask import Blueprint, Flask


def blueprints() -> list[Blueprint]:
    """This feature's routes; its jobs are registered by the way."""
    for module in ("jobs", "routes.ways", "routes.invitations", "routes.account", "routes.again"):
        import_module(f"saas.identity.{module}")
    return [import_module("saas.identity.routes.platform").bp]


def init_app(app: Flask) -> None:
    """The words for devices and ways in."""
    import_module("saas.identity.devices").init_devices(app)

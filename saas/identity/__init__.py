"""Who people are and how they get in: accounts, staff, members, sign-in, grants, invitations."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes; its jobs are registered by the way."""
    for module in ("jobs", "routes.ways", "routes.invitations", "routes.account"):
        import_module(f"saas.identity.{module}")
    return [import_module("saas.identity.routes.platform").bp]

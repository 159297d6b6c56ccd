"""The home pages of the three audiences, staff's inbox, the work that failed, the palette: what looks at every feature at once."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes, on one blueprint; its panels are registered by the way."""
    for noun in ("clients", "finding"):
        import_module(f"saas.home.routes.{noun}")
    return [import_module("saas.home.routes.pages").bp]

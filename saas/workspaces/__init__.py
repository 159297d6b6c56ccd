"""The firm's console: clients, billing parties, branding, members, people import, firm settings."""

from importlib import import_module

from flask import Blueprint

NOUNS = ("clients", "parties", "logos", "intake", "people", "imports")


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way, a client's settings with the clients."""
    import_module("saas.workspaces.jobs")
    import_module("saas.workspaces.routes.settings")
    return [import_module(f"saas.workspaces.routes.{noun}").bp for noun in NOUNS]

"""The firm's console: clients, billing parties, branding, members, people import, firm settings."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way."""
    # People's pages are more than one file; they share one blueprint.
    for module in ("jobs", "routes.person", "routes.bulk"):
        import_module(f"saas.workspaces.{module}")
    nouns = ("clients", "people", "imports", "firm", "staff", "trainers")
    return [import_module(f"saas.workspaces.routes.{noun}").bp for noun in nouns]

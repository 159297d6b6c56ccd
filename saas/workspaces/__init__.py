"""The firm's console: clients, billing parties, branding, members, people import, firm settings."""

from importlib import import_module

from flask import Blueprint

NOUNS = ("clients", "parties", "logos", "intake", "people", "imports", "messages", "firm", "staff", "trainers", "journal")


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way.

    People's pages are more than one file, and so are a client's: they share a blueprint.
    """
    for module in ("jobs", "messages.jobs", "journal.jobs", "routes.person", "routes.bulk", "routes.settings"):
        import_module(f"saas.workspaces.{module}")
    return [import_module(f"saas.workspaces.routes.{noun}").bp for noun in NOUNS]

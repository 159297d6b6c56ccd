"""The firm's console: clients, billing parties, branding, members, people import, firm settings."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way."""
    import_module("saas.workspaces.jobs")
    nouns = ("clients", "people", "imports", "firm", "staff", "trainers")
    return [import_module(f"saas.workspaces.routes.{noun}").bp for noun in nouns]

"""Programmes and their versions, offers to workspaces, sessions with their slots, and who may use them."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun."""
    return [import_module(f"saas.catalogue.routes.{noun}").bp for noun in ("programmes", "sessions", "offers")]

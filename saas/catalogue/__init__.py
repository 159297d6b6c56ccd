"""Programmes and their versions, offers to workspaces, sessions with their slots, and who may use them."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way."""
    import_module("saas.catalogue.jobs")
    nouns = ("programmes", "sessions", "plans", "calendars", "agendas", "venues", "feeds", "offers")
    return [import_module(f"saas.catalogue.routes.{noun}").bp for noun in nouns]

"""The managers' community of a client: a space, its zones, rituals with dates, threads, and what helped."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes; its panels are registered by the way."""
    import_module("saas.community.panels")
    return [import_module(f"saas.community.routes.{noun}").bp for noun in ("spaces", "threads", "rituals")]

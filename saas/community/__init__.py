"""The managers' community of a client: a space, its zones, rituals with dates, threads, and what helped."""

from importlib import import_module

from flask import Blueprint, Flask


def blueprints() -> list[Blueprint]:
    """This feature's routes; its panels are registered by the way."""
    import_module("saas.community.panels")
    return [import_module(f"saas.community.routes.{noun}").bp for noun in ("spaces", "zones", "threads", "rituals")]


def init_app(app: Flask) -> None:
    """The words for zones and notices."""
    import_module("saas.community.words").init_words(app)

"""The home pages of the three audiences, staff's inbox and the work that failed: what looks at every feature at once."""

from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """This feature's routes."""
    return [import_module("saas.home.routes").bp]

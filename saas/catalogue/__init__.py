"""Programmes and their versions, offers to workspaces, sessions with their slots, and who may use them."""

from importlib import import_module

from flask import Blueprint, Flask

NOUNS = (
    "programmes", "versions", "sessions", "plans", "calendars", "agendas", "venues", "feeds", "offers", "offering", "intake",
    "public",
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs are registered by the way."""
    import_module("saas.catalogue.jobs")
    return [import_module(f"saas.catalogue.routes.{noun}").bp for noun in NOUNS]


def init_app(app: Flask) -> None:
    """What this feature's templates, and those above that show programmes, may ask."""
    from saas.catalogue import sheets, texts

    app.jinja_env.globals.update(
        said=texts.said, title_of=texts.title_of, programme_facts=sheets.facts, prices_of=sheets.prices, text_kinds=texts.BY_NAME
    )

"""Seats: asked for, approved, granted, waited for, offered, given up; and the mails that say so."""

from importlib import import_module

from flask import Blueprint

NOUNS = (
    "rosters", "links", "enrolling", "enrolments", "seats", "swaps", "placeholders", "credits", "budgets", "ceilings", "wishes", "feeds",
    "letters", "sent", "absences", "needs", "rules",
)  # fmt: skip


def blueprints() -> list[Blueprint]:
    """This feature's routes, one blueprint a noun; its jobs, panels and ears for news are registered by the way."""
    for module in ("letters.jobs", "absences.jobs", "needs.jobs", "concerned", "jobs", "wishes.jobs", "news", "panels"):
        import_module(f"saas.enrolments.{module}")
    return [import_module(f"saas.enrolments.routes.{noun}").bp for noun in NOUNS]

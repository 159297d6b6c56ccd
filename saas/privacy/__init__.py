"""People's own data: what is held of them, as a page and a file; corrections; erasure; retention; the privacy page.

What there is to show, erase and let go of, features declare themselves (saas.kit.personal, saas.kit.retention).
"""

from importlib import import_module

from flask import Blueprint

HOLDERS = ("identity", "workspaces", "catalogue", "enrolments", "delivery", "community", "billing", "privacy")


def blueprints() -> list[Blueprint]:
    """This feature's routes; what each feature holds, lowest first, its jobs and panels are registered by the way."""
    for feature in HOLDERS:
        import_module(f"saas.{feature}.personal")
    for module in ("jobs", "panels"):
        import_module(f"saas.privacy.{module}")
    return [
        import_module(f"saas.privacy.routes.{noun}").bp for noun in ("data", "me", "card", "corrections", "erasures", "notice")
    ]

"""Who people are and how they get in: accounts, staff, members, sign-in, grants, invitations."""

from importlib import import_module

from flask import Blueprint, Flask

WITHOUT_CSRF = ("saas.identity.sso.routes.doors.logout",)  # signed by the provider
FROM_ELSEWHERE = ("sso.logout",)


def blueprints() -> list[Blueprint]:
    """This feature's routes; its jobs are registered by the way."""
    for module in ("sso.jobs", "sso.personal", "jobs", "routes.ways", "routes.invitations", "routes.account", "routes.again"):
        import_module(f"saas.identity.{module}")
    settings = import_module("saas.identity.sso.routes.settings")
    return [
        import_module("saas.identity.routes.platform").bp, import_module("saas.identity.sso.routes.doors").bp, settings.clients,
        settings.firms,
    ]  # fmt: skip


def init_app(app: Flask) -> None:
    """The words for devices and ways in."""
    import_module("saas.identity.devices").init_devices(app)

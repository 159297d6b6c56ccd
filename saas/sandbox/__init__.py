"""Stand-ins for outside services, for the demo and for tests: a mailbox, personae, a Stripe, a company's directory, a name server. Imported by nothing else."""

from importlib import import_module

from flask import Blueprint, Flask

WITHOUT_CSRF = ("saas.sandbox.stripe.create", "saas.sandbox.idp.token")
FROM_ELSEWHERE = ("stripe_sandbox.create", "idp.token")


def blueprints() -> list[Blueprint]:
    """The sandbox's pages; only an application whose settings ask for a stand-in has them."""
    return [import_module(f"saas.sandbox.{name}").bp for name in ("mailbox", "personae", "stripe", "idp", "dns")]


def init_app(app: Flask) -> None:
    """The demo's commands."""
    import_module("saas.sandbox.commands").init_commands(app)

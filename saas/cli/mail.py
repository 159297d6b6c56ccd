"""``flask --app wsgi mail bounced < report``: the mail server's door for delivery reports. In English."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from saas.kit import bounces
from tenants.scope import Scope, inside


def init_mail(app: Flask) -> None:
    @app.cli.group("mail")
    def mail() -> None:
        """Mails that came back."""

    mail.add_command(bounced)


@click.command("bounced")
@with_appcontext
def bounced() -> None:
    """Read one delivery report from standard input. What is none, or is about no mail of ours, is let go: exit code 0."""
    raw = sys.stdin.buffer.read()
    with inside(Scope.platform()):
        report, marked = bounces.note(raw)
    if report is None:
        click.echo("This is no delivery report about a mail.")
    elif not report.is_final:
        click.echo("The mail is only late: nothing was noted.")
    else:
        click.echo(f"{report.status}: noted." if marked else "No mail of ours has this Message-ID, or it was noted already.")

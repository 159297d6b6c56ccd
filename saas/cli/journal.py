"""``flask --app wsgi journal verify``: the operator's proof that nobody changed a journal. In English."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from saas.kit import seals
from tenants.db import db
from tenants.models import Firm
from tenants.scope import Scope, inside


def init_journal(app: Flask) -> None:
    @app.cli.group("journal")
    def journal() -> None:
        """The journals' seals."""

    journal.add_command(verify)


@click.command("verify")
@with_appcontext
def verify() -> None:
    """Look at every line of every firm's journal through its seals. Exit code 1 when one was changed.

    Keep the digests that it prints somewhere else: whoever holds an older one can tell that what it sealed still stands.
    """
    with inside(Scope.platform()):
        firms = [(firm.id, firm.slug) for firm in db.session.scalars(select(Firm).order_by(Firm.slug))]
    broken = 0
    for firm_id, slug in firms:
        with inside(Scope.firm(firm_id)):
            found = seals.verify()
        broken += bool(found.fault)
        click.echo(f"{slug}: {_told(found)}")
    if broken:
        raise click.ClickException(f"{broken} journal(s) are not as they were sealed.")


def _told(found: seals.Found) -> str:
    if found.fault:
        words = {"unchained": "a seal was changed or removed"}.get(found.fault, f"lines were {found.fault}")
        return f"{words} between {found.since:%Y-%m-%d %H:%M} and {found.until:%Y-%m-%d %H:%M} UTC (seal {found.seals})"
    return f"whole, {found.lines} lines under {found.seals} seals, last digest {found.digest or 'none yet'}"

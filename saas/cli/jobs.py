"""``flask --app wsgi jobs failed | again``: the operator's sight of work that waits for a person. In English."""

from __future__ import annotations

from uuid import UUID

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from tenants.db import db
from tenants.queue import Outbox, run_again
from tenants.scope import Scope, inside


def init_jobs(app: Flask) -> None:
    @app.cli.group("jobs")
    def jobs() -> None:
        """Work that failed for good: see it, run it again."""

    jobs.add_command(failed)
    jobs.add_command(again)


@click.command("failed")
@with_appcontext
def failed() -> None:
    """What failed and is not tried any more, newest first: when, whose, what, why. No names, no addresses."""
    with inside(Scope.platform()):
        rows = db.session.scalars(select(Outbox).where(Outbox.dead_at.is_not(None)).order_by(Outbox.dead_at.desc())).all()
        for row in rows:
            click.echo(f"{row.id}  {row.dead_at:%Y-%m-%d %H:%M}  {row.firm_id or 'platform'}  {row.kind}  {row.error}")
    click.echo(f"{len(rows)} failed" if rows else "Nothing failed.")


@click.command("again")
@click.argument("row_id", type=click.UUID)
@with_appcontext
def again(row_id: UUID) -> None:
    """Give failed work a new life. Work that runs, is done or waits is left alone: exit code 1."""
    with inside(Scope.platform()):
        if not run_again(row_id):
            raise click.ClickException("No failed work has this id.")
    click.echo("It will run within seconds.")

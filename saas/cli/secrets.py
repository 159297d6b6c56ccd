"""``flask --app wsgi secrets reseal``: what is kept encrypted, encrypted again with the key of today. In English."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select

from saas.identity.models import SecondFactor, SsoConnection
from saas.kit.sealed import seal, unseal
from tenants.db import db
from tenants.models import Firm
from tenants.scope import Scope, inside


def init_secrets(app: Flask) -> None:
    @app.cli.group("secrets")
    def secrets() -> None:
        """What is kept encrypted."""

    secrets.add_command(reseal)


@click.command("reseal")
@with_appcontext
def reseal() -> None:
    """Seal everything with SECRET_KEY, before SECRET_KEY_OLD is taken away. Running it twice changes nothing."""
    with inside(Scope.platform()):
        firms = db.session.scalars(select(Firm.id)).all()
        number, lost = _again(list(db.session.scalars(select(SecondFactor).with_for_update())))
    for firm_id in firms:
        with inside(Scope.firm(firm_id)):
            more, worse = _again(list(db.session.scalars(select(SsoConnection).with_for_update())))
        number, lost = number + more, lost + worse
    click.echo(f"{number} sealed anew, {lost} that neither key opens.")


def _again(rows: list[SecondFactor] | list[SsoConnection]) -> tuple[int, int]:
    """How many were sealed anew, and how many could not be opened: these are left as they are."""
    done = lost = 0
    for row in rows:
        plain = unseal(row.secret)
        if plain:
            row.secret, done = seal(plain), done + 1
        elif row.secret:
            lost += 1
    return done, lost

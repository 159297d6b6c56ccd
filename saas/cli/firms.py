"""``flask --app wsgi firm create | list | suspend | resume | close``: the operator's hand on the firms. In English."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import with_appcontext

from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES, reader_in
from saas.workspaces.commands import operator
from saas.workspaces.queries import operator as queries
from tenants.resolver import link
from tenants.scope import Scope, inside


@contextmanager
def plainly() -> Iterator[None]:
    """A refusal is one line and exit code 1."""
    try:
        yield
    except Refused as no:
        with reader_in("en"):
            raise click.ClickException(str(no.message)) from None


def init_firms(app: Flask) -> None:
    @app.cli.group("firm")
    def firm() -> None:
        """Training firms: open one, suspend it, close it."""

    for command in (create, show, suspend, resume, close):
        firm.add_command(command)


@click.command("create")
@click.option("--slug", required=True, help="its segment of the address: /SLUG/…")
@click.option("--name", required=True, help="how it is called on screens and in mails")
@click.option("--owner-name", required=True, help="first name and last name of its first owner")
@click.option("--owner-email", required=True, help="where the owner's invitation goes")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="fr", help="the owner's language")
@click.option("--show-link", is_flag=True, help="print the invitation's link; whoever reads it can become the owner")
@with_appcontext
def create(slug: str, name: str, owner_name: str, owner_email: str, language: str, show_link: bool) -> None:
    """Open a firm and invite its owner. Run again after a failure, it goes on where it stopped."""
    with plainly():
        operator.check(slug, name, owner_name, owner_email)
        with inside(Scope.platform()):
            firm_id = operator.reserve(slug, name)
        with inside(Scope.firm(firm_id)):
            token = operator.furnish(name, owner_name, owner_email, language)
        with inside(Scope.platform()):
            operator.move(slug, "active")
    click.echo(f"{name} is open at {link(slug, 'home.firm')}. The invitation is on its way to {owner_email}.")
    if show_link:
        click.echo(link(None, "identity.invitation", token=token))


@click.command("list")
@with_appcontext
def show() -> None:
    """Every firm, by its address."""
    with inside(Scope.platform()):
        firms = queries.firms()
        width = max((len(row.slug) for row in firms), default=0)
        for row in firms:
            demo = "  (demo)" if row.is_demo else ""
            click.echo(f"{row.slug:{width}}  {row.state:9}  {row.created_at:%Y-%m-%d}  {row.name}{demo}")
        if not firms:
            click.echo("No firm yet.")


def _move(slug: str, state: str, act: str) -> None:
    with plainly():
        with inside(Scope.platform()):
            firm_id = operator.move(slug, state)
        if firm_id is None:
            click.echo(f"{slug} is {state} already.")
            return
        with inside(Scope.firm(firm_id)):
            journal.note(act, slug, firm_id)
    click.echo(f"{slug} is {state} from the next page on.")


@click.command("suspend")
@click.argument("slug")
@with_appcontext
def suspend(slug: str) -> None:
    """Make every address of a firm answer as if it did not exist. Its data stays; resume it at any time."""
    _move(slug, "suspended", "firm.suspended")


@click.command("resume")
@click.argument("slug")
@with_appcontext
def resume(slug: str) -> None:
    """Open a suspended firm again."""
    _move(slug, "active", "firm.resumed")


@click.command("close")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="do not ask")
@with_appcontext
def close(slug: str, yes: bool) -> None:
    """Close a firm for good: as suspended, and it cannot be resumed. Its data stays."""
    if not yes and click.prompt(f"Type {slug} to close it for good") != slug:
        raise click.ClickException("That is another name. Nothing was changed.")
    _move(slug, "closed", "firm.closed")

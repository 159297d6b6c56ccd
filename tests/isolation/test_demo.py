"""Who may say that a firm is a demo, which opens the personae: the owner of the tables, and no scope."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from local.services import Services
from saas.sandbox.demo.mark import mark_as_demo
from tenants.db import db, new_id
from tenants.models import Firm
from tenants.scope import Scope, inside
from tests.cast import World
from tests.conftest import DATABASE

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def plain_owner(app: Flask, services: Services, superuser: Connection) -> Iterator[None]:
    """The migrations' login as docs/operations.md makes it: a member of app_owner and no more."""
    superuser.execute("CREATE ROLE app_migrate LOGIN IN ROLE app_owner")
    before = app.config["MIGRATION_DATABASE_URL"]
    app.config["MIGRATION_DATABASE_URL"] = services.postgres.url("app_migrate", DATABASE)
    yield
    app.config["MIGRATION_DATABASE_URL"] = before
    superuser.execute("DROP ROLE app_migrate")


def test_the_platform_never_makes_a_firm_a_demo(app: Flask, world: World) -> None:
    with app.app_context(), inside(Scope.platform()):
        db.session.execute(update(Firm).where(Firm.slug == "alpha").values(name="Alpha and sons"))
    for attempt in (
        update(Firm).where(Firm.slug == "alpha").values(is_demo=True),
        text(f"INSERT INTO firm (id, slug, name, is_demo) VALUES ('{new_id()}', 'mine', 'Mine', true)"),
        text("DELETE FROM firm"),
    ):
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(Scope.platform()):
            db.session.execute(attempt)


def test_the_loader_marks_its_own_firm_with_a_plain_login(
    app: Flask, world: World, plain_owner: None, superuser: Connection
) -> None:
    alpha, beta = world.firms
    with app.app_context():
        mark_as_demo(alpha.id)
    assert superuser.execute("SELECT slug FROM firm WHERE is_demo").fetchall() == [("alpha",)]
    left = superuser.execute("SELECT DISTINCT firm_id FROM journal").fetchall()
    assert left == [(beta.id,)], "the journal of the demo alone begins anew"


def test_the_owner_of_the_tables_writes_to_no_firm_unasked(
    app: Flask, world: World, plain_owner: None, services: Services
) -> None:
    """Whoever migrates changes a firm only after naming it: a careless UPDATE meets no row."""
    with psycopg.connect(services.postgres.dsn(DATABASE), user="app_migrate") as connection:
        connection.execute("SET ROLE app_owner")
        assert connection.execute("UPDATE firm SET is_demo = true").rowcount == 0
        assert connection.execute("DELETE FROM journal").rowcount == 0

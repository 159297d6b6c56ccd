"""Real services for every test: an embedded PostgreSQL and Redis a worker, a migrated template, one database to commit in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from local.services import Services
from saas.app import create_app
from saas.config import Settings
from saas.identity.commands.links import prove
from saas.identity.commands.signing import Browser, Opens, sign_in
from saas.kit.mail import mailbox
from tenants.db import db
from tenants.queue import connection
from tenants.scope import Scope, inside
from tests import cast

ROOT = Path(__file__).parents[1]
DATABASE = "cordee_test"


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with Services(tmp_path_factory.mktemp("services"), durable=False) as running:
        running.create_database(DATABASE)
        running.bootstrap(DATABASE)
        yield running


@pytest.fixture(scope="session")
def settings(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=services.postgres.url("app_login", DATABASE),
        migration_database_url=services.postgres.url("postgres", DATABASE),
        redis_url=services.redis.url,
        secret_key="tests-only-0123456789abcdef0123456789",
        public_url="http://localhost",
        undo_seconds=0,
        storage_dir=str(tmp_path_factory.mktemp("files")),
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database. Forms carry no token here; tests about CSRF turn it on."""
    made = create_app(settings)
    made.config.update(TESTING=False, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    with made.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()
    yield made
    with made.app_context():
        connection().close()
        db.engine.dispose()


@pytest.fixture
def superuser(services: Services) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Looks behind the policies; never used by the product."""
    with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
        yield connection


def tables() -> list[str]:
    """All but the schedule, which migrations write."""
    return [name for name in db.metadata.tables if name != "schedule"]


def without_triggers(superuser: psycopg.Connection[tuple[object, ...]], statements: list[str]) -> None:
    """Run statements in one message, keys and triggers put aside."""
    whole = ["SET session_replication_role = replica", *statements, "SET session_replication_role = DEFAULT"]
    superuser.execute(";".join(whole).encode())


@pytest.fixture
def empty(app: Flask, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    """Every table without a row, an empty queue, an empty mailbox."""
    without_triggers(superuser, [f"DELETE FROM {name}" for name in tables()])
    with app.app_context():
        connection().flushdb()
        for letter in mailbox().glob("*.eml"):
            letter.unlink()


@pytest.fixture(scope="session")
def kept() -> list[cast.World]:
    """The cast as it was first made in this process; its rows are kept in a schema of their own."""
    return []


@pytest.fixture
def world(app: Flask, empty: None, superuser: psycopg.Connection[tuple[object, ...]], kept: list[cast.World]) -> cast.World:
    """Two firms with two client companies each, with one of everything: see tests.cast.

    It is made once by the product's own commands, then put back row by row: making it is what tests would wait for most.
    """
    if kept:
        without_triggers(superuser, [f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in tables()])
        return copy.deepcopy(kept[0])
    with app.app_context():
        made = cast.make()
    copies = [f"CREATE TABLE kept.{name} AS SELECT * FROM {name}" for name in tables()]
    without_triggers(superuser, ["DROP SCHEMA IF EXISTS kept CASCADE", "CREATE SCHEMA kept", *copies])
    kept.append(copy.deepcopy(made))
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser of somebody's, by address; empty for nobody."""

    def enter(address: str) -> FlaskClient:
        browser = app.test_client()
        if address:
            with app.app_context(), inside(Scope.platform()):
                account = prove(address)
                assert account is not None, f"nobody has {address}"
                token = sign_in(account, Opens("email"), Browser("tests")).token
            browser.set_cookie(app.config["SIGN_IN_COOKIE"], token)
        browser.set_cookie("language", "en")
        return browser

    return enter

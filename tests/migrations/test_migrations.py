"""Migrations go up, match the models, and come down to nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from local.services import Services
from saas.app import create_app
from saas.config import Settings
from tests.conftest import ROOT

NAME = "cordee_migrations"


@pytest.fixture
def fresh(services: Services, settings: Settings) -> Iterator[Flask]:
    """An application on a database that has been bootstrapped and no more."""
    services.drop_database(NAME)
    services.create_database(NAME)
    services.bootstrap(NAME)
    addresses = {
        "database_url": services.postgres.url("app_login", NAME),
        "migration_database_url": services.postgres.url("postgres", NAME),
    }
    app = create_app(dataclasses.replace(settings, **addresses))
    with app.app_context():
        yield app
    services.drop_database(NAME)


def tables(services: Services) -> set[str]:
    with psycopg.connect(services.postgres.dsn(NAME)) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {str(row[0]) for row in rows} - {"alembic_version"}


def functions(services: Services) -> int:
    with psycopg.connect(services.postgres.dsn(NAME)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner"
            " WHERE n.nspname = 'public' AND r.rolname IN ('app_owner', 'app_definer')"
        ).fetchone()
    return int(str(row[0])) if row else -1


def test_up_matches_the_models_and_down_leaves_nothing(fresh: Flask, services: Services) -> None:
    folder = str(ROOT / "migrations")
    upgrade(directory=folder)
    check(directory=folder)
    assert len(tables(services)) > 40
    downgrade(directory=folder, revision="base")
    assert tables(services) == set() and functions(services) == 0
    upgrade(directory=folder)
    check(directory=folder)


def test_the_bootstrap_may_run_again(fresh: Flask, services: Services) -> None:
    services.bootstrap(NAME)

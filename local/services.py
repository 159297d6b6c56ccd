"""PostgreSQL and Redis together, and the making of a database that the product may use."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from local.postgres import Postgres
from local.redis import Redis

BOOTSTRAP = Path(__file__).parents[1] / "migrations" / "bootstrap.sql"


class Services:
    """The two embedded services over one data folder. `durable=False` is for throw-away data: no fsync, nothing kept."""

    def __init__(self, data: Path, durable: bool = True) -> None:
        self.durable = durable
        self.postgres, self.redis = Postgres(data, durable), Redis(data)

    def start(self) -> None:
        """Start both. Raises local.postgres.CannotStart."""
        self.postgres.start()
        self.redis.start()

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()

    def __enter__(self) -> Services:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if not self.durable:
            shutil.rmtree(self.postgres.sockets, ignore_errors=True)

    def create_database(self, name: str, template: str = "template1") -> bool:
        """Make a database; False when it is there already."""
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return False
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return True

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def bootstrap(self, name: str) -> None:
        """Roles and revokes, as the superuser."""
        bootstrap(self.postgres.dsn(name))


def bootstrap(dsn: str) -> None:
    """Run the bootstrap file on the database of a superuser's address."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BOOTSTRAP.read_text().encode())

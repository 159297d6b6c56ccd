"""A whole Cordée for the browser: services, web, worker and cron of its own, with one small firm or with the demo."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from local.services import Services

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")  # noqa: TID251
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run where a Chromium is found; CI demands them."""
    if chromium() is None and os.environ.get("CORDEE_BROWSER") != "required":  # noqa: TID251
        for item in items:
            if "browser" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@dataclass(frozen=True)
class Site:
    """A running product."""

    url: str
    dsn: str
    environment: dict[str, str]

    @property
    def mailbox(self) -> Path:
        return Path(self.environment["STORAGE_DIR"]) / "mailbox"

    def empty_mailbox(self) -> None:
        """For a story that meets the addresses of an earlier one again: it reads its own mails."""
        for old in self.mailbox.glob("*.eml"):
            old.unlink()

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """A statement as the superuser: to let time pass, to look behind the pages."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            done = connection.execute(statement.encode(), values)
            return done.fetchall() if done.description else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(data: Path, *prepare: list[str], undo_seconds: int) -> Iterator[Site]:
    """A product of its own over a data folder: migrated, prepared by these commands, then web, worker and cron.

    Mails about people enrolled together leave after `undo_seconds`.
    """
    port = free_port()
    with Services(data, durable=False) as services:
        services.create_database("site")
        services.bootstrap("site")
        environment = {
            **os.environ,  # noqa: TID251
            "DATABASE_URL": services.postgres.url("app_login", "site"),
            "MIGRATION_DATABASE_URL": services.postgres.url("postgres", "site"),
            "REDIS_URL": services.redis.url,
            "SECRET_KEY": "browser-tests-only-0123456789abcdef",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "STORAGE_DIR": str(data / "files"),
            "CORDEE_DEMO": "1",
            "DNS_SERVER": "sandbox:",
            "UNDO_SECONDS": str(undo_seconds),
        }
        for command in (["flask", "--app", "wsgi", "db", "upgrade"], *prepare):
            subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, env=environment, check=True)
        commands = (
            ["gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
             "--worker-class", "gthread", "--log-level", "warning", "--no-control-socket"],
            ["flask", "--app", "wsgi", "worker"],
            ["flask", "--app", "wsgi", "cron"],
        )  # fmt: skip
        processes = [subprocess.Popen([str(BIN / c[0]), *c[1:]], cwd=ROOT, env=environment) for c in commands]
        try:
            _wait(f"http://127.0.0.1:{port}/-/health")
            yield Site(f"http://127.0.0.1:{port}", services.postgres.dsn("site"), environment)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(15)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One small firm, for the story to fill."""
    with served(tmp_path_factory.mktemp("site"), ["python", "-m", "tests.browser.firm"], undo_seconds=0) as running:
        yield running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo firm, as `make run` loads it."""
    with served(tmp_path_factory.mktemp("demo"), ["flask", "--app", "wsgi", "demo", "load"], undo_seconds=300) as running:
        yield running


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")

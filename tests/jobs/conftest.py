"""Real worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
from flask import Flask

from saas.config import Settings
from tests.conftest import ROOT

BIN = Path(sys.executable).parent


class Start(Protocol):
    """Starts a process, with settings besides those of the tests."""

    def __call__(self, *command: str, **more: str) -> subprocess.Popen[bytes]: ...


@pytest.fixture
def processes(app: Flask, settings: Settings) -> Iterator[Start]:
    """Real processes of the product, each the leader of a group, stopped at the end whatever happened to them."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,  # noqa: TID251  # what a process is started with
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url, "STORAGE_DIR": settings.storage_dir, "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    def start(*command: str, **more: str) -> subprocess.Popen[bytes]:
        path, *arguments = command
        started.append(
            subprocess.Popen([str(BIN / path), *arguments], cwd=ROOT, env={**environment, **more}, start_new_session=True)
        )
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def workers(processes: Start) -> Callable[[], subprocess.Popen[bytes]]:
    """Real worker processes."""
    return lambda: processes("flask", "--app", "tests.jobs.slow_wsgi", "worker")

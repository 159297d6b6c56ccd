"""Real worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from saas.config import Settings
from tests.conftest import ROOT

BIN = Path(sys.executable).parent


@pytest.fixture
def workers(app: Flask, settings: Settings) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Real worker processes, stopped at the end whatever happened to them."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,  # noqa: TID251  # what a process is started with
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url, "STORAGE_DIR": settings.storage_dir, "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    def start() -> subprocess.Popen[bytes]:
        command = [str(BIN / "flask"), "--app", "tests.jobs.slow_wsgi", "worker"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()

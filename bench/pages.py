"""How pages are measured: real processes over real services, each page in turn, beside a bare one. Trust the ratios."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local.services import Services

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TIMES, ROUNDS = 60, 3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(module: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """gunicorn with two sync workers, as the field's figures were taken."""
    command = [str(BIN / "gunicorn"), module, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--worker-class", "gthread",
               "--threads", "4", "--log-level", "error", "--no-control-socket"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def measure(port: int, path: str, cookie: str) -> tuple[float, int]:
    """Median milliseconds of one connection at a time, and bytes compressed."""
    connection, taken, body = http.client.HTTPConnection("127.0.0.1", port), [], b""
    for _ in range(TIMES):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Host": f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    return statistics.median(taken), len(gzip.compress(body, 6))


def signed_in(email: str) -> str:
    from saas.identity.commands.links import prove
    from saas.identity.commands.signing import Browser, Opens, sign_in
    from tenants.scope import Scope, inside

    with inside(Scope.platform()):
        account = prove(email)
        if account is None:
            raise RuntimeError(f"nobody has {email}")
        return sign_in(account, Opens("demo"), Browser("bench")).token


def statements(path: str, cookie: tuple[str, str], host: str) -> int:
    """How many SQL statements a page asks of its own (prologue and who_is not counted)."""
    from flask import current_app
    from sqlalchemy import event

    from tenants.db import db

    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, sql, *_: seen.append(sql))
    client = current_app.test_client()
    client.set_cookie(cookie[0], cookie[1], domain=host.split(":")[0])
    client.get(path, base_url=f"http://{host}")
    return sum(1 for sql in seen if "who_is" not in sql)


@contextmanager
def stage(*commands: Sequence[str], **more: str) -> Iterator[tuple[Flask, Services]]:
    """Services of their own with a migrated database, and the product on them; its settings are the environment's.

    `commands`: what `flask` is asked to do once the database is there; `more`: settings besides.
    """
    with tempfile.TemporaryDirectory() as folder, Services(Path(folder) / "data") as services:
        services.create_database("bench")
        services.bootstrap("bench")
        os.environ |= {
            "DATABASE_URL": services.postgres.url("app_login", "bench"), "REDIS_URL": services.redis.url,
            "MIGRATION_DATABASE_URL": services.postgres.url("postgres", "bench"), "SECRET_KEY": "bench-0123456789abcdef0123456789",
            "PUBLIC_URL": f"http://127.0.0.1:{free_port()}", "STORAGE_DIR": str(Path(folder) / "files"),
            "BENCH_DSN": services.postgres.dsn("bench"), **more,
        }  # fmt: skip
        for command in (("db", "upgrade"), *commands):
            subprocess.run([str(BIN / "flask"), "--app", "wsgi", *command], cwd=ROOT, check=True)
        from saas.app import create_app

        yield create_app(), services


def compare(app: Flask, pages: Mapping[str, tuple[str, str]], beside: Mapping[str, str]) -> None:
    """Print, for pages (label → path and address of who asks, "" for nobody), the median milliseconds, the ratio to the last
    of the bare pages `beside` them (label → path), the bytes compressed, and the SQL statements."""
    port, bare_port = int(os.environ["PUBLIC_URL"].rsplit(":", 1)[1]), free_port()
    name = app.config["SIGN_IN_COOKIE"]
    with app.app_context():
        tokens = {address: signed_in(address) if address else "" for _, address in pages.values()}
        asked = {label: statements(path, (name, tokens[who]), f"127.0.0.1:{port}") for label, (path, who) in pages.items()}
    wanted = {label: (bare_port, path, "") for label, path in beside.items()}
    for label, (path, who) in pages.items():
        wanted[label] = port, path, f"{name}={tokens[who]}; language=fr" if who else ""
    found: dict[str, list[float]] = {label: [] for label in wanted}
    sizes: dict[str, int] = {}
    with served("wsgi:app", port, dict(os.environ)), served("bench.bare:app", bare_port, dict(os.environ)):
        for _ in range(ROUNDS):  # each page in turn, so that a busy moment of the machine hits all alike
            for label, (where, path, cookie) in wanted.items():
                milliseconds, sizes[label] = measure(where, path, cookie)
                found[label].append(milliseconds)
    unit = list(beside)[-1]
    base = statistics.median(found[unit])
    print(f"{'page':34}{'median ms':>10}{'× ' + unit:>27}{'bytes gz':>10}{'SQL':>6}")
    for label, values in found.items():
        median = statistics.median(values)
        print(f"{label:34}{median:>10.2f}{median / base:>27.1f}{sizes[label]:>10,}{asked.get(label, ''):>6}")

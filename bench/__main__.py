"""The three home pages and a list, beside bare pages, in one run. Trust the ratios, not the milliseconds."""

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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import imports
from local.services import Services

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TIMES, ROUNDS = 150, 3


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
    from saas.identity import commands as identity
    from tenants.scope import Scope, inside

    with inside(Scope.platform()):
        account = identity.prove(email)
        if account is None:
            raise RuntimeError(f"nobody has {email}")
        return identity.sign_in(account, "demo", "bench", is_staff=False)


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


def main() -> None:
    port, bare_port = free_port(), free_port()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services = stack.enter_context(Services(data / "data"))
        services.create_database("bench")
        services.bootstrap("bench")
        settings = {
            "DATABASE_URL": services.postgres.url("app_login", "bench"), "REDIS_URL": services.redis.url,
            "MIGRATION_DATABASE_URL": services.postgres.url("postgres", "bench"), "SECRET_KEY": "bench-0123456789abcdef0123456789",
            "PUBLIC_URL": f"http://127.0.0.1:{port}", "STORAGE_DIR": str(data / "files"), "CORDEE_DEMO": "1",
            "BENCH_DSN": services.postgres.dsn("bench"),
        }  # fmt: skip
        os.environ |= settings
        for command in (("db", "upgrade"), ("demo", "load")):
            subprocess.run([str(BIN / "flask"), "--app", "wsgi", *command], cwd=ROOT, check=True)
        from saas.app import create_app

        app = create_app()
        with app.app_context():
            name = app.config["SIGN_IN_COOKIE"]
            manager = subprocess.check_output(
                [sys.executable, "-c", "import psycopg,os;print(psycopg.connect(os.environ['BENCH_DSN']).execute(\"SELECT m.email FROM"
                 " member m JOIN enrolment e ON e.member_id = m.id WHERE e.state = 'seated' AND m.roles = '{participant}' LIMIT 1\").fetchone()[0])"],
                text=True,
            ).strip()  # fmt: skip
            slug = manager.split("@")[1].removesuffix(".example")
            pages = {
                "staff's home": ("/equoranda/", signed_in("camille.lenoir@equoranda.example")),
                "HR's home": ("/equoranda/w/alpes-industrie/", signed_in("helene.roux@alpes-industrie.example")),
                "manager's home": (f"/equoranda/w/{slug}/", signed_in(manager)),
                "list of people": ("/equoranda/w/alpes-industrie/people", signed_in("helene.roux@alpes-industrie.example")),
            }
            asked = {label: statements(path, (name, token), f"127.0.0.1:{port}") for label, (path, token) in pages.items()}
        stack.enter_context(served("wsgi:app", port, dict(os.environ)))
        stack.enter_context(served("bench.bare:app", bare_port, dict(os.environ)))
        report(port, bare_port, name, pages, asked)
        imports.run(dict(os.environ))


def report(port: int, bare_port: int, name: str, pages: dict[str, tuple[str, str]], asked: dict[str, int]) -> None:
    wanted = {"bare Flask page": (bare_port, "/hello", ""), "one query and a template": (bare_port, "/list", "")}
    wanted |= {label: (port, path, f"{name}={token}; language=fr") for label, (path, token) in pages.items()}
    found: dict[str, list[float]] = {label: [] for label in wanted}
    sizes: dict[str, int] = {}
    for _ in range(ROUNDS):  # each page in turn, so that a busy moment of the machine hits all alike
        for label, (where, path, cookie) in wanted.items():
            milliseconds, sizes[label] = measure(where, path, cookie)
            found[label].append(milliseconds)
    one_query = statistics.median(found["one query and a template"])
    print(f"{'page':28}{'median ms':>10}{'× one query':>13}{'bytes gz':>10}{'SQL':>6}")
    for label, values in found.items():
        median = statistics.median(values)
        print(f"{label:28}{median:>10.2f}{median / one_query:>13.1f}{sizes[label]:>10,}{asked.get(label, ''):>6}")


if __name__ == "__main__":
    main()

"""Ten thousand people from an HR tool's file: read, judged and staged (the preview), then applied by the job.

Beside it, what the stack alone takes: the same rows parsed and inserted by psycopg without a question asked.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import psycopg

from bench.people import export, workbook
from saas.workspaces.imports import applying, commands, queries, reading
from saas.workspaces.models import PeopleImport
from tenants.scope import Scope, inside

ROOT = Path(__file__).parents[1]
ROWS = 10_000


def floor(dsn: str) -> float:
    """Seconds to parse the same file and insert its rows into a bare table: no walls, no rules, no report."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (number text PRIMARY KEY, last text, first text, email text UNIQUE, rest text[])")
        began = time.perf_counter()
        rows = list(csv.reader(io.StringIO(export(ROWS).decode("cp1252")), delimiter=";"))[1:]
        with connection.cursor() as cursor, connection.transaction():
            cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s)", [(*row[:4], row[4:]) for row in rows])
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE bare")
    return taken


def scope(dsn: str) -> Scope:
    """A client company of the demo without a community."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT firm_id, id FROM workspace ORDER BY slug LIMIT 1 OFFSET 1").fetchone()
    assert row is not None
    return Scope.workspace(row[0], row[1])


def stage(where: Scope, content: bytes) -> tuple[UUID, float]:
    began = time.perf_counter()
    with inside(where):
        draft_id = commands.stage(reading.read("people.csv", content), "people.csv", "fr", "bench").id
    return draft_id, time.perf_counter() - began


def page(where: Scope, draft_id: UUID) -> float:
    """Seconds for what the preview asks of the database."""
    began = time.perf_counter()
    with inside(where):
        draft = queries.people_import(draft_id)
        queries.repairs(draft), queries.absent(draft), queries.samples(draft), queries.summary(draft)
    return time.perf_counter() - began


def apply(where: Scope, draft_id: UUID) -> float:
    began = time.perf_counter()
    with inside(where):
        draft: PeopleImport = queries.people_import(draft_id)
        draft.state = "applying"
        applying.apply(draft)
    return time.perf_counter() - began


def undo(where: Scope, draft_id: UUID, dsn: str) -> float:
    """Seconds to take it back, a minute later: autovacuum has counted the new rows by then, so they are counted here."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE member")
    began = time.perf_counter()
    with inside(where):
        applying.undo(queries.people_import(draft_id))
    return time.perf_counter() - began


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run in a process of its own (its memory is measured), with the settings of the environment."""
    from saas.app import create_app

    app, dsn = create_app(), os.environ["BENCH_DSN"]
    bare = floor(dsn)
    with app.app_context():
        where, before = scope(dsn), megabytes()
        draft_id, staged = stage(where, export(ROWS))
        shown, applied = page(where, draft_id), apply(where, draft_id)
        again, restaged = stage(where, export(ROWS))
        reapplied, undone = apply(where, again), undo(where, draft_id, dsn)
        _, from_workbook = stage(where, workbook(ROWS))
    print(f"\n{ROWS:,} people from a CSV".ljust(44) + "seconds   × bare insert   aim")
    for label, seconds, aim in (
        ("parse and insert, bare psycopg", bare, ""), ("preview: read, judge, stage", staged, "2"),
        ("the same from an .xlsx", from_workbook, ""), ("its page's statements", shown, ""),
        ("apply: judge again, create", applied, "5"), ("the same file again: preview", restaged, "2"),
        ("the same file again: apply", reapplied, "5"), ("undo", undone, ""),
    ):  # fmt: skip
        print(f"  {label:40}{seconds:>8.2f}{seconds / bare:>14.1f}   {aim}")
    print(f"  memory of the process: {megabytes():.0f} MB at most, {before:.0f} MB before (aim 300)")


def run(environment: dict[str, str]) -> None:
    """Measure in a fresh process."""
    subprocess.run([sys.executable, "-m", "bench.imports"], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()

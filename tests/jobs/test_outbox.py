"""Nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from local.services import Services
from saas.kit import journal
from tenants import queue
from tenants.db import db
from tenants.scope import Scope, inside
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]


@queue.job("tests.note")
def note(word: str) -> None:
    journal.note("tests.note", word)


@queue.job("tests.broken")
def broken() -> None:
    raise ValueError("no luck")


def effects(superuser: Connection, action: str) -> int:
    row = superuser.execute("SELECT count(*) FROM journal WHERE action = %s", (action,)).fetchone()
    return int(str(row[0])) if row else -1


def ask(app: Flask, world: World, kind: str, **ids: object) -> UUID:
    with app.app_context(), inside(world.companies[0].scope):
        return queue.later(kind, asked_by="a test", **ids)


def test_what_was_rolled_back_was_never_asked(app: Flask, world: World, superuser: Connection) -> None:
    with app.app_context(), pytest.raises(RuntimeError), inside(world.companies[0].scope):
        queue.later("tests.note", word="x")
        raise RuntimeError("changed my mind")
    with app.app_context():
        queue.drain()
        assert queue.queue().count == 0 or effects(superuser, "tests.note") == 0
    assert effects(superuser, "tests.note") == 0


def test_the_clock_lets_go_of_what_was_done_a_month_ago_and_of_nothing_else(
    app: Flask, world: World, superuser: Connection
) -> None:
    old, lately, dead, open_ = (ask(app, world, "tests.note", word="x") for _ in range(4))
    month = "now() - interval '31 days'"
    superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'queue.forget'")
    superuser.execute(f"UPDATE outbox SET created_at = {month}, done_at = {month} WHERE id = %s", (old,))
    superuser.execute(f"UPDATE outbox SET created_at = {month}, done_at = now() WHERE id = %s", (lately,))
    superuser.execute(f"UPDATE outbox SET created_at = {month}, dead_at = {month} WHERE id = %s", (dead,))
    superuser.execute(f"UPDATE outbox SET created_at = {month}, due_at = now() + interval '1 day' WHERE id = %s", (open_,))
    with app.app_context():
        queue.tick()
        queue.drain()
    rows = superuser.execute("SELECT id FROM outbox WHERE id = ANY (%s)", ([old, lately, dead, open_],))
    assert {UUID(str(row)) for (row,) in rows} == {lately, dead, open_}


def test_of_two_copies_one_acts(app: Flask, world: World, superuser: Connection) -> None:
    row = ask(app, world, "tests.note", word="x")
    with app.app_context():
        queue.run(str(row))
        queue.run(str(row))
    assert effects(superuser, "tests.note") == 1


def test_a_job_acts_in_the_scope_of_whoever_asked(app: Flask, world: World, superuser: Connection) -> None:
    row = ask(app, world, "tests.note", word="x")
    with app.app_context():
        queue.run(str(row))
    found = superuser.execute("SELECT workspace_id FROM journal WHERE action = 'tests.note'").fetchone()
    assert found == (world.companies[0].id,)


def test_when_redis_is_away_the_work_waits_for_the_sweeper(
    app: Flask, world: World, services: Services, superuser: Connection
) -> None:
    services.redis.stop()
    try:
        row = ask(app, world, "tests.note", word="x")
    finally:
        services.redis.start()
    with app.app_context():
        assert queue.sweep() >= 1
        assert str(row) in queue.queue().job_ids


def test_work_taken_by_a_worker_that_died_before_beginning_is_pushed_again(
    app: Flask, world: World, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(app, world, "tests.note", word="x")
    with app.app_context():
        assert queue.connection().lrem(queue.queue().key, 1, str(row)) == 1
        assert queue.sweep() >= 1 and str(row) not in queue.queue().job_ids, "perhaps a worker is about to begin"
        superuser.execute("UPDATE outbox SET pushed_at = now() - interval '1 hour'")
        monkeypatch.setattr(queue, "ABANDONED_AFTER", dt.timedelta(seconds=-1))
        assert queue.sweep() >= 1 and queue.queue().job_ids.count(str(row)) == 1
        superuser.execute("UPDATE outbox SET pushed_at = now() - interval '1 hour'")
        assert queue.sweep() >= 1 and queue.queue().job_ids.count(str(row)) == 1, "it waits there: once is enough"


def test_work_that_fails_for_good_waits_for_a_person(
    app: Flask, world: World, superuser: Connection, signed_in: Callable[[str], FlaskClient]
) -> None:
    row = ask(app, world, "tests.broken")
    with app.app_context():
        for _ in range(queue.ATTEMPTS):
            queue.run(str(row))
    page = signed_in("advisor@alpha.example").get("/alpha/jobs").get_data(as_text=True)
    assert "tests.broken" in page and "ValueError: no luck" in page and "a test" in page
    assert signed_in("advisor@beta.example").get("/beta/jobs").get_data(as_text=True).count("tests.broken") == 0
    answer = signed_in("advisor@alpha.example").post(f"/alpha/jobs/{row}/again")
    assert answer.status_code == 303
    assert superuser.execute("SELECT dead_at, attempts FROM outbox WHERE id = %s", (row,)).fetchone() == (None, 0)


def test_the_operator_sees_what_failed_anywhere_and_runs_it_again(app: Flask, world: World, superuser: Connection) -> None:
    with app.app_context(), inside(Scope.platform()):
        row = queue.later("tests.broken")
    run, waits = app.test_cli_runner(), ask(app, world, "tests.note", word="x")
    assert str(row) not in run.invoke(args=["jobs", "failed"]).stdout
    with app.app_context():
        for _ in range(queue.ATTEMPTS):
            queue.run(str(row))
    assert re.search(
        rf"{row}  \S+ \S+  platform  tests.broken  ValueError: no luck\n(.*\n)*\d+ failed",
        run.invoke(args=["jobs", "failed"]).stdout,
    )
    refused = run.invoke(args=["jobs", "again", str(waits)])
    assert refused.exit_code == 1 and "No failed work has this id" in refused.stderr
    assert run.invoke(args=["jobs", "again", str(row)]).exit_code == 0
    assert superuser.execute("SELECT dead_at, attempts FROM outbox WHERE id = %s", (row,)).fetchone() == (None, 0)


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


def test_a_killed_work_horse_is_replaced_and_acts_once(
    app: Flask, world: World, superuser: Connection, workers: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    marker = tmp_path / "running"
    queue.JOBS.setdefault("tests.slow", lambda **_: None)
    worker = workers()
    row = ask(app, world, "tests.slow", marker=str(marker), seconds=2)
    wait_until(marker.exists)
    for child in children_of(worker.pid):
        os.kill(child, signal.SIGKILL)
    wait_until(lambda: effects(superuser, "tests.slow") == 1)
    assert superuser.execute("SELECT done_at IS NOT NULL FROM outbox WHERE id = %s", (row,)).fetchone() == (True,)


def test_a_killed_worker_leaves_no_work_undone(
    app: Flask, world: World, superuser: Connection, workers: Callable[[], subprocess.Popen[bytes]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Worker and horse die by SIGKILL in mid-job; the sweeper sees that nobody is at it, and the next worker does it, once."""
    marker = tmp_path / "running"
    queue.JOBS.setdefault("tests.slow", lambda **_: None)
    worker = workers()
    row = ask(app, world, "tests.slow", marker=str(marker), seconds=2)
    wait_until(marker.exists)
    horses = children_of(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    for horse in horses:
        os.kill(horse, signal.SIGKILL)
    worker.wait()
    assert effects(superuser, "tests.slow") == 0
    workers()
    monkeypatch.setattr(queue, "PUSH_AGAIN_AFTER", dt.timedelta())

    def done() -> bool:
        with app.app_context():
            queue.sweep()
        return effects(superuser, "tests.slow") == 1

    with pytest.raises(AssertionError, match="too long"):
        wait_until(done, 1)  # its worker may only be slow
    monkeypatch.setattr(queue, "ABANDONED_AFTER", dt.timedelta(seconds=1))
    wait_until(done)
    with app.app_context():
        queue.run(str(row))
    assert effects(superuser, "tests.slow") == 1
    with app.app_context():
        db.engine.dispose()

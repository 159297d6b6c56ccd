"""An import whose worker is killed half-way: whole and once, seen from every page that follows it."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench.people import export
from saas.kit import progress
from saas.workspaces.imports import commands, reading
from tenants import queue
from tenants.scope import inside
from tests.cast import Company, World
from tests.jobs.test_outbox import children_of, wait_until

Superuser = psycopg.Connection[tuple[object, ...]]
PEOPLE = 10_000


def staged(app: Flask, company: Company) -> UUID:
    with app.app_context(), inside(company.scope):
        return commands.stage(reading.read("x", export(PEOPLE)), "x.csv", "fr", "HR").id


def imported(superuser: Superuser, company: Company) -> int:
    row = superuser.execute(
        "SELECT count(*) FROM member WHERE workspace_id = %s AND email_norm LIKE '%%@grand-groupe.example'", (company.id,)
    ).fetchone()
    return int(str(row[0])) if row else -1


def test_a_killed_import_is_whole_in_the_end_and_once(
    app: Flask, world: World, superuser: Superuser, workers: Callable[[], subprocess.Popen[bytes]],
    signed_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    company = world.companies[0]
    draft_id = staged(app, company)
    page = f"/alpha/w/{company.slug}/people/import/{draft_id}"
    tabs = [signed_in(company.address("hr")) for _ in range(2)]
    worker = workers()
    for browser in tabs:  # asked for from two tabs at once
        assert browser.post(f"{page}/apply").status_code == 303

    def at_work() -> bool:
        with app.app_context():
            return progress.of(draft_id) is not None

    wait_until(at_work)
    horses = children_of(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    for horse in horses:
        os.kill(horse, signal.SIGKILL)
    worker.wait()
    assert imported(superuser, company) == 0, "half an import was written"
    for browser in tabs:
        assert 'hx-trigger="load delay:1s"' in browser.get(page).get_data(as_text=True)

    workers()
    monkeypatch.setattr(queue, "PUSH_AGAIN_AFTER", dt.timedelta())
    monkeypatch.setattr(queue, "ABANDONED_AFTER", dt.timedelta(seconds=1))

    def done() -> bool:
        with app.app_context():
            queue.sweep()
        return imported(superuser, company) > 0

    wait_until(done, 30)
    assert imported(superuser, company) == PEOPLE
    for browser in tabs:
        assert "hx-trigger" not in browser.get(f"{page}/progress").get_data(as_text=True)

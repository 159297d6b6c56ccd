"""Redis and PostgreSQL go away and come back: pages and workers find them again, and nothing is half done."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from local.services import Services
from tenants import queue
from tenants.db import db
from tests.cast import World
from tests.conftest import DATABASE
from tests.jobs.test_outbox import ask, effects, wait_until

Connection = psycopg.Connection[tuple[object, ...]]
Workers = Callable[[], subprocess.Popen[bytes]]
# A trigger that makes each enrolment take its time, so that the kill falls into the middle of one.
SLOW = """CREATE FUNCTION tests_slow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$"""


@pytest.fixture(autouse=True)
def durable(app: Flask, services: Services) -> Iterator[None]:
    """What was committed is written, here as in production; other tests gain speed without."""
    with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {DATABASE} SET synchronous_commit = on".encode())
    with app.app_context():
        db.engine.dispose()
    yield
    with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {DATABASE} RESET synchronous_commit".encode())
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def look(services: Services) -> Iterator[Callable[[str], object]]:
    """The answer to a question behind the policies, on a connection of its own: the old ones die here."""

    def ask_once(question: str) -> object:
        with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
            row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None

    yield ask_once


def restart_postgres(services: Services, *, kill: bool) -> None:
    process = services.postgres.process
    assert process is not None
    if kill:
        process.kill()
        process.wait()
    else:
        services.postgres.stop()
    services.postgres.start()


class Supervised:
    """A worker that is started again when it ends, as the supervisor does."""

    def __init__(self, start: Workers) -> None:
        self.start, self.process = start, start()

    def watch(self) -> None:
        if self.process.poll() is not None:
            self.process = self.start()

    def until(self, true: Callable[[], bool]) -> None:
        def seen() -> bool:
            self.watch()
            return true()

        wait_until(seen, 30)


@pytest.mark.parametrize("wiped", [False, True], ids=["kept", "wiped"])
def test_redis_restarts_under_an_idle_worker(
    app: Flask, world: World, services: Services, superuser: Connection, workers: Workers, tmp_path: Path, wiped: bool
) -> None:
    worker = Supervised(workers)
    first = tmp_path / "first"
    queue.JOBS.setdefault("tests.slow", lambda **_: None)
    ask(app, world, "tests.slow", marker=str(first), seconds=0)
    worker.until(lambda: effects(superuser, "tests.slow") == 1)
    services.redis.stop()
    if wiped:
        for path in services.redis.folder.rglob("*.aof"):
            path.unlink()
        for path in services.redis.folder.rglob("*.manifest"):
            path.unlink()
    services.redis.start()
    row = ask(app, world, "tests.slow", marker=str(first), seconds=0)

    def done() -> bool:
        with app.app_context():
            queue.tick()  # as cron does: a Redis that is still loading takes nothing yet
        return effects(superuser, "tests.slow") == 2

    worker.until(done)
    assert superuser.execute("SELECT done_at IS NOT NULL, attempts FROM outbox WHERE id = %s", (row,)).fetchone() == (True, 0)


def test_redis_restarts_under_a_working_worker(
    app: Flask, world: World, services: Services, superuser: Connection, workers: Workers, tmp_path: Path
) -> None:
    """The worker may end; the work in hand is done once, and so is what was asked meanwhile."""
    marker = tmp_path / "running"
    queue.JOBS.setdefault("tests.slow", lambda **_: None)
    worker = Supervised(workers)
    ask(app, world, "tests.slow", marker=str(marker), seconds=2)
    wait_until(marker.exists)
    services.redis.stop()
    meanwhile = ask(app, world, "tests.slow", marker=str(marker), seconds=0)
    services.redis.start()
    with app.app_context():
        queue.tick()
    worker.until(lambda: effects(superuser, "tests.slow") == 2)
    with app.app_context():
        queue.run(str(meanwhile))
    assert effects(superuser, "tests.slow") == 2
    assert superuser.execute("SELECT count(*) FROM outbox WHERE kind = 'tests.slow' AND done_at IS NULL").fetchone() == (0,)


def test_work_in_hand_when_postgresql_dies_is_done_once(
    app: Flask, world: World, services: Services, look: Callable[[str], object], workers: Workers, tmp_path: Path
) -> None:
    marker = tmp_path / "running"
    queue.JOBS.setdefault("tests.slow", lambda **_: None)
    worker = Supervised(workers)
    ask(app, world, "tests.slow", marker=str(marker), seconds=2)
    wait_until(marker.exists)
    restart_postgres(services, kill=True)

    def done() -> bool:
        with app.app_context():
            queue.tick()
        return look("SELECT count(*) FROM journal WHERE action = 'tests.slow'") == 1

    worker.until(done)
    time.sleep(0.5)
    assert look("SELECT count(*) FROM journal WHERE action = 'tests.slow'") == 1


@pytest.mark.parametrize("kill", [False, True], ids=["restarted", "killed"])
def test_the_next_request_after_postgresql_came_back_is_answered(
    app: Flask, world: World, services: Services, signed_in: Callable[[str], FlaskClient], kill: bool
) -> None:
    """Not one page is lost to a connection that died in the pool, in whichever order pages come."""
    browser, nobody = signed_in("owner@alpha.example"), app.test_client()
    assert browser.get("/alpha/").status_code == 200
    for address in ("/-/health", "/alpha/clients", "/alpha/"):
        fill_the_pool(app)
        restart_postgres(services, kill=kill)
        answers = [(browser if address.startswith("/alpha") else nobody).get(address).status_code for _ in range(3)]
        assert answers == [200, 200, 200], address


def fill_the_pool(app: Flask) -> None:
    """Several connections wait in the pool, as after busy minutes."""
    with app.app_context():
        for connection in [db.engine.connect() for _ in range(4)]:
            connection.close()


def test_while_postgresql_is_away_a_page_says_so(
    app: Flask, world: World, services: Services, signed_in: Callable[[str], FlaskClient]
) -> None:
    browser = signed_in("owner@alpha.example")
    services.postgres.stop()
    try:
        answers = [
            browser.get("/alpha/"),
            app.test_client().get("/-/health"),
            browser.post("/alpha/clients/new", data={"name": "x"}),
        ]
    finally:
        services.postgres.start()
    for answer in answers:
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "10"
        assert "Cordée" in answer.get_data(as_text=True)
    assert browser.get("/alpha/").status_code == 200


def test_nothing_is_half_done_when_postgresql_dies_under_a_form(
    app: Flask, world: World, services: Services, look: Callable[[str], object], signed_in: Callable[[str], FlaskClient],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """People are enrolled one after another while the server is killed: seats, mails and the counter agree, and whatever
    was answered as done is there."""
    company = world.firms[0].companies[0]
    browser = signed_in(company.address("hr"))
    people = [str(company.ids[name]) for name in ("member-hr", "member-sponsor", "member-participant")]
    path = f"/alpha/w/{company.slug}/sessions/{company.ids['link_id']}"
    answers: dict[str, int] = {}
    begun = threading.Event()

    def enrol() -> None:
        for person in people:
            begun.set()
            answers[person] = browser.post(f"{path}/enrol", data={"member": person}).status_code

    with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
        connection.execute(SLOW)
        connection.execute("CREATE TRIGGER tests_slow AFTER INSERT ON enrolment FOR EACH ROW EXECUTE FUNCTION tests_slow()")
    try:
        thread = threading.Thread(target=enrol)
        thread.start()
        begun.wait()
        time.sleep(0.45)
        restart_postgres(services, kill=True)
        thread.join(30)
        there = look(f"SELECT string_agg(member_id::text, ',') FROM enrolment WHERE workspace_id = '{company.id}'")
        done = {person for person, status in answers.items() if status == 303}
        assert 503 in answers.values() and set(answers.values()) <= {303, 503}, answers
        assert "Traceback" not in caplog.text
        assert done <= set(str(there).split(",")), answers
        mailed = "SELECT count(*) FROM outbox WHERE kind = 'enrolments.seated_mail' AND payload->>'enrolment_id' IN (SELECT id::text FROM enrolment)"
        seats = look("SELECT count(*) FROM enrolment")
        kept = "(SELECT count(*) FROM placeholder WHERE state = 'held')"
        assert look(mailed) == seats == look(f"SELECT sum(taken) - {kept} FROM session_seats")
        for person in people:
            assert browser.post(f"{path}/enrol", data={"member": person}).status_code == 303
    finally:
        with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as connection:
            connection.execute("DROP FUNCTION IF EXISTS tests_slow CASCADE")
    assert look(f"SELECT count(*) FROM enrolment WHERE workspace_id = '{company.id}'") == 4

"""Web, worker, Redis and PostgreSQL end in the middle of enrolments: what was answered is there, and is told once."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from local.services import Services
from saas.enrolments.commands import leaving
from saas.enrolments.letters import jobs as letters
from tenants import queue
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, World
from tests.conftest import DATABASE
from tests.enrolments.scene import Connection, Seat, crowd, enrol_all, open_for, row_of, states, taken
from tests.house.test_mail import Server, smtp  # noqa: F401  # a fixture
from tests.jobs.conftest import Start
from tests.jobs.test_outbox import wait_until

WORKER = ("flask", "--app", "tests.jobs.slow_wsgi", "worker")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweeper waits less long before it pushes again."""
    monkeypatch.setattr(queue, "PUSH_AGAIN_AFTER", dt.timedelta(seconds=0.3))
    monkeypatch.setattr(queue, "ABANDONED_AFTER", dt.timedelta(seconds=1))


def swept(app: Flask, true: Callable[[], bool]) -> None:
    """Wait until something is true, with the clock knocking."""

    def done() -> bool:
        with app.app_context():
            queue.sweep()
        return true()

    wait_until(done, 40)  # a machine that others share takes its time


def kill(process: subprocess.Popen[bytes]) -> None:
    """A process and its children, by SIGKILL."""
    group = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    for pid in (process.pid, *map(int, group.stdout.split())):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def nothing_due(superuser: Connection) -> bool:
    return superuser.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at <= now()").fetchone() == (0,)


def told(server: Server, addresses: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often which mail (address, Message-ID) reached some people."""
    arrived = [(mail.recipients[0], str(mail.message["Message-ID"])) for mail in list(server.arrived)]
    return Counter(pair for pair in arrived if pair[0] in addresses)


def addresses(superuser: Connection, ids: Sequence[UUID]) -> list[str]:
    return [str(row[0]) for row in superuser.execute("SELECT email FROM member WHERE id = ANY (%s)", (list(ids),))]


class Web:
    """The web process of somebody's, asked over the wire."""

    def __init__(self, app: Flask, start: Start, browser: FlaskClient, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        token = browser.get_cookie(app.config["SIGN_IN_COOKIE"])
        assert token is not None
        self.cookies = [f"{app.config['SIGN_IN_COOKIE']}={token.value}"]
        where = "--bind", f"127.0.0.1:{self.port}", "--no-control-socket", "--log-level", "error"
        self.process = start("gunicorn", "wsgi:app", *where, **settings)
        wait_until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, method: str, path: str, form: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        head = {"Host": "localhost", "Cookie": "; ".join(self.cookies), "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(form), head)
        answer = connection.getresponse()
        self.cookies += [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        return answer.status, answer.read().decode()


def test_what_was_answered_before_the_web_died_is_there_and_told_once(
    app: Flask, world: World, superuser: Connection, processes: Start, smtp: Server,  # noqa: F811
    signed_in: Callable[[str], FlaskClient], hurried: None,
) -> None:  # fmt: skip
    a = world.firms[0].companies[0]
    with app.app_context():
        link, people = open_for(world, 9)[a.slug], crowd(a, 3)
    superuser.execute("DELETE FROM outbox")
    web = Web(app, processes, signed_in(a.address("hr")), UNDO_SECONDS="3", MAIL_URL=smtp.url)
    path = f"/alpha/w/{a.slug}/sessions/{link.id}/enrol"
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.ask("GET", path)[1])
    assert found is not None
    status, _ = web.ask("POST", path, [("csrf_token", found[1]), *[("member", str(i)) for i in people]])
    kill(web.process)
    assert status == 303 and states(superuser, link.session_id) == {"seated": 3} and taken(superuser, link) == 3
    processes(*WORKER, MAIL_URL=smtp.url)
    with app.app_context():
        queue.sweep()
    assert not told(smtp, addresses(superuser, people)), "it could still be undone"
    swept(app, lambda: len(told(smtp, addresses(superuser, people))) == 3)
    time.sleep(0.5)
    swept(app, lambda: nothing_due(superuser))
    assert sorted(told(smtp, addresses(superuser, people)).values()) == [1, 1, 1]


def test_thirty_convocations_and_a_worker_killed_among_them(
    app: Flask, world: World, superuser: Connection, processes: Start, smtp: Server, hurried: None  # noqa: F811
) -> None:  # fmt: skip
    """Everybody has theirs; whoever's was under way when the worker died may have the same mail again, with the same Message-ID."""
    a = world.firms[0].companies[0]
    with app.app_context():
        link, people = open_for(world, 30, state="confirmed", starts=dt.timedelta(days=3))[a.slug], crowd(a, 30)
        enrol_all(a, link, people)
        superuser.execute("DELETE FROM outbox")
        with inside(world.firms[0].scope):
            letters.convoke()
    to = addresses(superuser, people)
    worker = processes(*WORKER, MAIL_URL=smtp.url)
    wait_until(lambda: len(told(smtp, to)) >= 5, 40)
    kill(worker)
    before = told(smtp, to)
    assert 5 <= len(before) < 30
    processes(*WORKER, MAIL_URL=smtp.url)
    swept(app, lambda: nothing_due(superuser))
    after = told(smtp, to)
    assert {address for address, _ in after} == set(to) and len(after) == 30, "one Message-ID each"
    assert sum(after.values()) <= 31 and all(after[pair] == 1 for pair in after if pair not in before)
    done = superuser.execute("SELECT count(*) FROM enrolment_told WHERE convoked_at IS NOT NULL").fetchone()
    assert done == (30,)


def test_redis_emptied_while_offers_wait_loses_no_offer(
    app: Flask, world: World, superuser: Connection, processes: Start, smtp: Server, hurried: None  # noqa: F811
) -> None:  # fmt: skip
    """The seat that came free, and the offer that ended, reach the next in line although Redis forgot that it was told."""
    a, b = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 1)
        (holder,) = crowd(a, 1)
        enrol_all(a, links[a.slug], [holder])
        line = enrol_all(b, links[b.slug], crowd(b, 2)).waiting
        superuser.execute("DELETE FROM outbox")
        with inside(a.scope):
            leaving.withdraw(row_of(links[a.slug], holder), "")
        queue.connection().flushdb()
    processes(*WORKER, MAIL_URL=smtp.url)
    first, second = (addresses(superuser, [seat.member_id]) for seat in line)
    swept(app, lambda: len(told(smtp, first)) == 1)
    superuser.execute("UPDATE enrolment SET offer_until = now() - interval '1 minute' WHERE id = %s", (line[0].id,))
    superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'enrolments.sweep_offers'")
    with app.app_context():
        queue.tick()
        queue.connection().flushdb()
    swept(app, lambda: len(told(smtp, second)) == 1 and len(told(smtp, first)) == 2)
    assert _states(superuser, line) == ["lapsed", "offered"] and taken(superuser, links[a.slug]) == 1
    assert set(told(smtp, [*first, *second]).values()) == {1}


def _states(superuser: Connection, seats: Sequence[Seat]) -> list[str]:
    rows = superuser.execute("SELECT id, state FROM enrolment WHERE id = ANY (%s)", ([seat.id for seat in seats],)).fetchall()
    found = {row[0]: str(row[1]) for row in rows}
    return [found[seat.id] for seat in seats]


def test_postgresql_restarted_among_the_enrolments_of_two_clients(
    app: Flask, world: World, services: Services, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Both go on until everybody is answered; what was answered is there, once, and the counter is what the rows say."""
    companies = world.firms[0].companies
    with app.app_context():
        links = open_for(world, 25)
        people = {company.slug: crowd(company, 15) for company in companies}
    browsers = {company.slug: signed_in(company.address("hr")) for company in companies}
    answers: list[tuple[UUID, int]] = []

    def enrol(company: Company) -> None:
        path = f"/alpha/w/{company.slug}/sessions/{links[company.slug].id}/enrol"
        for person in people[company.slug]:
            status = 0
            while status != 303:
                status = browsers[company.slug].post(path, data={"member": str(person)}).status_code
                answers.append((person, status))
                time.sleep(0.05 if status != 303 else 0)

    threads = [threading.Thread(target=enrol, args=(company,)) for company in companies]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answers) >= 4)
    services.postgres.stop()
    answered = {person for person, status in answers if status == 303}
    services.postgres.start()
    with psycopg.connect(services.postgres.dsn(DATABASE), autocommit=True) as look:
        there = {row[0] for row in look.execute("SELECT member_id FROM enrolment").fetchall()}
        assert answered <= there
        for thread in threads:
            thread.join(30)
        assert {status for _, status in answers} == {303, 503}
        assert states(look, links[companies[0].slug].session_id) == {"seated": 25, "waiting": 5}
        assert taken(look, links[companies[0].slug]) == 25
        asked = look.execute(
            "SELECT count(*), count(DISTINCT payload) FROM outbox WHERE kind IN ('enrolments.seated_mail', 'enrolments.waiting_mail')"
            " AND payload->>'enrolment_id' IN (SELECT e.id::text FROM enrolment e JOIN session_link l ON l.id = e.link_id WHERE"
            " l.session_id = %s)",
            (links[companies[0].slug].session_id,),
        ).fetchone()
        assert asked == (30, 30)
    with app.app_context():
        db.engine.dispose()

"""Enrolments a second: whole ones (people and session locked, hours compared, seats claimed, price and terms frozen, each step
written down, mails asked for, prepaid seats spent), in one process and in two, onto fifty sessions; then a race for too few seats.

Beside them, in the same run, what the stack alone takes: lock a session, insert a row, count it up, commit.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool
from pathlib import Path
from uuid import UUID

import psycopg

from bench import scene
from tenants.scope import Scope

ROOT = Path(__file__).parents[1]
SESSIONS, ROUNDS, SECONDS = 50, 3, 3.0
# What is done, by how many people, so many at a time, by so many processes.
RUNS = (
    ("one at a time, one process", 300, 1, 1), ("one at a time, two processes", 600, 1, 2),
    ("twelve at a time, one process", 2_400, 12, 1), ("twelve at a time, two processes", 4_800, 12, 2),
)  # fmt: skip
SEATS, RACERS = 10, 600
BARE = """
CREATE TABLE bare_session (tenant uuid, id uuid, capacity int NOT NULL, taken int NOT NULL DEFAULT 0, PRIMARY KEY (tenant, id));
CREATE TABLE bare_person (tenant uuid, id uuid, PRIMARY KEY (tenant, id));
CREATE TABLE bare_enrolment (tenant uuid, id uuid, session_id uuid NOT NULL, person_id uuid NOT NULL, state text NOT NULL,
  PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, session_id) REFERENCES bare_session, FOREIGN KEY (tenant, person_id) REFERENCES
  bare_person);
CREATE INDEX ON bare_enrolment (tenant, session_id, state);
CREATE INDEX ON bare_enrolment (tenant, person_id);
"""


@contextmanager
def bare(dsn: str) -> Iterator[tuple[psycopg.Connection[tuple[object, ...]], UUID, list[UUID], list[UUID]]]:
    """Tables without a wall or a rule: a connection, the tenant, its sessions and its people."""
    tenant = uuid.uuid4()
    sessions, people = ([uuid.uuid4() for _ in range(number)] for number in (SESSIONS, 1_000))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BARE.encode())
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bare_session VALUES (%s, %s, 1000000)", [(tenant, i) for i in sessions])
            cursor.executemany("INSERT INTO bare_person VALUES (%s, %s)", [(tenant, i) for i in people])
        yield connection, tenant, sessions, people
        connection.execute("DROP TABLE bare_enrolment, bare_session, bare_person")


def floor(dsn: str) -> float:
    """Locked enrolments a second on one connection of psycopg, each in a transaction of its own."""
    with bare(dsn) as (connection, tenant, sessions, people):
        began, done = time.perf_counter(), 0
        while (taken := time.perf_counter() - began) < SECONDS:
            here = tenant, sessions[done % SESSIONS]
            with connection.transaction():
                connection.execute("SELECT capacity, taken FROM bare_session WHERE tenant = %s AND id = %s FOR UPDATE", here)
                row = (tenant, uuid.uuid4(), here[1], people[done % 1_000], "seated")
                connection.execute("INSERT INTO bare_enrolment VALUES (%s, %s, %s, %s, %s)", row)
                connection.execute("UPDATE bare_session SET taken = taken + 1 WHERE tenant = %s AND id = %s", here)
            done += 1
    return done / taken


Work = tuple[Scope, Sequence[UUID], Sequence[UUID], int, int]
Found = tuple[float, int, int]


def ready() -> None:
    """Once a process: the product, with its connections."""
    from saas.app import create_app

    create_app().app_context().push()


def work(arguments: Work) -> tuple[float, float, int, int]:
    """One process: enrol people so many at a time, onto one session after the other; (began, ended, seated, waiting)."""
    client, links, people, at_once, first = arguments
    seats = line = 0
    began = time.time()
    for n in range(0, len(people), at_once):
        seated, waiting = scene.enrol(client, links[(first + n // at_once) % len(links)], people[n : n + at_once])
        seats, line = seats + seated, line + waiting
    return began, time.time(), seats, line


def rate(pool: Pool, client: Scope, links: Sequence[UUID], people: Sequence[UUID], at_once: int, processes: int) -> Found:
    """People enrolled a second by so many processes at the same time, and how many were seated and wait."""
    cuts = [len(people) * n // processes for n in range(processes + 1)]
    shares = [(client, links, people[cuts[n] : cuts[n + 1]], at_once, n * 7) for n in range(processes)]
    found = pool.map(work, shares, chunksize=1)
    taken = max(ended for _, ended, _, _ in found) - min(began for began, _, _, _ in found)
    return len(people) / taken, sum(f[2] for f in found), sum(f[3] for f in found)


def main() -> None:
    """Run in a process of its own, with the settings of the environment."""
    dsn = os.environ["BENCH_DSN"]
    ready()
    client = scene.a_client("seats")
    crowd = scene.people(client, sum(number for _, number, _, _ in RUNS))
    links = scene.sessions(client, SESSIONS * ROUNDS, 1_000)
    few = scene.sessions(client, SESSIONS, SEATS, after=400)
    found: dict[str, list[float]] = {}
    with multiprocessing.get_context("spawn").Pool(2, ready) as pool:
        rate(pool, client, scene.sessions(client, 2, 1_000, after=600), crowd[:200], 1, 2)  # what is made once is made
        for turn in range(ROUNDS):  # each in turn, so that a busy moment of the machine hits all alike
            found.setdefault("locked with psycopg, one connection", []).append(floor(dsn))
            left = list(crowd)
            for label, number, at_once, processes in RUNS:
                mine, left = left[:number], left[number:]
                here = links[turn * SESSIONS : (turn + 1) * SESSIONS]
                found.setdefault(label, []).append(rate(pool, client, here, mine, at_once, processes)[0])
        race = rate(pool, client, few, crowd[:RACERS], 1, 2)
    report(found, race, dsn)


def report(found: dict[str, list[float]], race: Found, dsn: str) -> None:
    bare_rate = statistics.median(found["locked with psycopg, one connection"])
    print("\nenrolments".ljust(45) + "people/s   × bare   aim")
    for label, rates in found.items():
        aim = "400" if label != "locked with psycopg, one connection" else ""
        print(f"  {label:42}{statistics.median(rates):>8.0f}{statistics.median(rates) / bare_rate:>9.2f}   {aim}")
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT sum(taken), sum(capacity), max(taken - capacity) FROM session_seats WHERE capacity = %s", (SEATS,)
        ).fetchone()
    assert row is not None
    print(f"  a race of {RACERS:,} people for {row[1]:,} seats in two processes: {row[0]:,} sold, {race[1]:,} seated and {race[2]:,}"
          f" waiting, {race[0]:.0f} people/s; seats over capacity in any session: {max(int(str(row[2])), 0)}")  # fmt: skip


def run(environment: dict[str, str]) -> None:
    """Measure in a fresh process."""
    subprocess.run([sys.executable, "-m", "bench.enrolments"], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()

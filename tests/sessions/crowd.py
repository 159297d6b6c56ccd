"""Thousands of sessions at once, written behind the policies."""

from __future__ import annotations

import psycopg

from tests.cast import FirmCast

# Each with two half-days of one day, seats, the firm's trainer and a link to the first client; spread over two years.
SESSIONS = """
WITH s AS (
  INSERT INTO training_session (firm_id, id, version_id, kind, state, starts_at, ends_at, venue, address, entries, searched)
  SELECT %(firm)s, gen_random_uuid(), %(version)s, 'inter', 'open', at, at + interval '8 hours', 'Salle ' || n, 'Grenoble', 1,
         'manager engage committed manager salle ' || n || ' grenoble'
    FROM generate_series(1, %(n)s) n, LATERAL (SELECT date_trunc('day', now()) + interval '8 hours' + ((n %% 700) + 1) * interval '1 day') t(at)
  RETURNING firm_id, id, starts_at
), seats AS (
  INSERT INTO session_seats (firm_id, id, capacity, taken, minimum, decision_on) SELECT firm_id, id, 10, 3, 4, starts_at::date - 7 FROM s
), slots AS (
  INSERT INTO slot (firm_id, id, session_id, starts_at, ends_at)
  SELECT firm_id, gen_random_uuid(), id, starts_at + h * interval '5 hours', starts_at + h * interval '5 hours' + interval '3 hours'
    FROM s, generate_series(0, 1) h
), trainers AS (
  INSERT INTO session_trainer (firm_id, id, session_id, staff_id) SELECT firm_id, gen_random_uuid(), id, %(trainer)s FROM s
)
INSERT INTO session_link (firm_id, workspace_id, id, session_id, price_cents) SELECT firm_id, %(client)s, gen_random_uuid(), id, 100000 FROM s
"""


def many_sessions(superuser: psycopg.Connection[tuple[object, ...]], firm: FirmCast, n: int) -> None:
    superuser.execute(
        SESSIONS,
        {
            "firm": firm.id,
            "version": firm.ids["version_id"],
            "n": n,
            "trainer": firm.ids["trainer"],
            "client": firm.companies[0].id,
        },
    )
    superuser.execute("ANALYZE training_session, session_seats, slot, session_trainer, session_link")

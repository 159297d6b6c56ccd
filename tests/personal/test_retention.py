"""What was kept long enough goes; what is younger stays; what the law keeps longer is not touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.kit import retention
from saas.kit.clock import now
from saas.kit.retention import KEPT
from tenants.db import new_id
from tenants.queue import drain, tick
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
DAY = dt.timedelta(days=1)
# What to age: (key, statement that ages the rows by an interval, statement that counts them)
AGED = [
    ("codes", "UPDATE sign_in_code SET created_at = %s", "SELECT count(*) FROM sign_in_code"),
    ("sign_ins", "UPDATE sign_in SET expires_at = %s", "SELECT count(*) FROM sign_in"),
    ("invitations", "UPDATE invitation SET created_at = %s, used_at = now()", "SELECT count(*) FROM invitation"),
    ("mails", "UPDATE mail_log SET sent_at = %s", "SELECT count(*) FROM mail_log"),
    ("journal", "UPDATE journal SET at = %s", "SELECT count(*) FROM journal WHERE action <> 'retention.purged'"),
    ("people_files", "UPDATE people_import SET created_at = %s, state = 'applied', applied_at = created_at", "SELECT count(*) FROM import_row"),
    ("people_drafts", "UPDATE people_import SET created_at = %s", "SELECT count(*) FROM people_import"),
    ("client_files", "UPDATE client_import SET created_at = %s", "SELECT count(*) FROM client_import WHERE rows <> '[]'"),
    ("messages", "UPDATE desk_message SET at = %s", "SELECT count(*) FROM desk_message"),
    ("corrections", "UPDATE correction_request SET state = 'done', answered_at = %s", "SELECT count(*) FROM correction_request"),
    ("wishes", "UPDATE programme_wish SET state = 'declined', answered_at = %s", "SELECT count(*) FROM programme_wish"),
]  # fmt: skip


def night(app: Flask, superuser: Connection) -> None:
    """The clock strikes, and all that it asks for is done; what the cast had asked for is let be."""
    superuser.execute("DELETE FROM outbox")
    superuser.execute("UPDATE schedule SET next_at = now() + interval '1 day'")
    superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'privacy.sweep'")
    with app.app_context():
        tick()
        drain()


def count(superuser: Connection, statement: str) -> int:
    row = superuser.execute(statement.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


@pytest.mark.parametrize(("key", "age", "rows"), AGED, ids=[entry[0] for entry in AGED])
def test_each_kind_goes_when_its_time_is_over_and_not_before(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: Connection, key: str, age: str, rows: str
) -> None:
    browser = signed_in("hr@alpha-a.example")
    browser.post("/-/sign-in", data={"email": "hr@alpha-a.example"})
    if key == "people_files":  # in one statement applied_at would take the former created_at
        superuser.execute("UPDATE people_import SET state = 'applied'")
        age = "UPDATE people_import SET applied_at = %s"
    before = count(superuser, rows)
    assert before > 0, "the cast has some"
    superuser.execute(age.encode(), (now() - KEPT[key].length + DAY / 2,))
    night(app, superuser)
    assert count(superuser, rows) >= before, "too young"
    superuser.execute(age.encode(), (now() - KEPT[key].length - DAY,))
    night(app, superuser)
    assert count(superuser, rows) < before
    noted = superuser.execute(
        "SELECT sum((facts->>'number')::int) FROM journal WHERE action = 'retention.purged' AND facts->>'key' = %s", (key,)
    ).fetchone()
    assert noted and int(str(noted[0])) > 0
    lines = count(superuser, "SELECT count(*) FROM journal WHERE action = 'retention.purged'")
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM journal WHERE action = 'retention.purged'") == lines, (
        "nothing to say, nothing written"
    )


def test_the_network_of_a_line_goes_after_a_year_and_the_line_stays(app: Flask, world: World, superuser: Connection) -> None:
    lines = count(superuser, "SELECT count(*) FROM journal")
    superuser.execute("UPDATE journal SET network = '203.0.113.9', at = now() - interval '11 months'")
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM journal WHERE network <> ''") == lines
    superuser.execute("UPDATE journal SET at = now() - interval '13 months'")
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM journal WHERE network <> ''") == 0
    assert count(superuser, "SELECT count(*) FROM journal WHERE action <> 'retention.purged'") == lines


def test_many_go_in_batches_and_are_counted_once(
    app: Flask, world: World, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saas.privacy import jobs

    monkeypatch.setattr(jobs, "BATCH", 40)
    assert retention.BATCH == 1000
    company = world.companies[0]
    with superuser.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO mail_log (id, firm_id, workspace_id, "to", subject, template, sent_at) VALUES (%s, %s, %s, %s, %s, %s, %s)',
            [
                (new_id(), company.firm_id, company.id, "a@b.example", "s", "t", now() - dt.timedelta(days=400))
                for _ in range(100)
            ],
        )
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM mail_log WHERE subject = 's'") == 0
    numbers = superuser.execute(
        "SELECT facts->>'number' FROM journal WHERE action = 'retention.purged' AND facts->>'key' = 'mails'"
    ).fetchall()
    assert numbers == [("100",)]


def test_people_long_gone_are_erased_and_the_others_stay(app: Flask, world: World, superuser: Connection) -> None:
    a, b = world.companies[0], world.companies[1]
    superuser.execute(
        "UPDATE member SET left_at = now() - interval '3 years 5 days' WHERE id = %s", (a.ids["member-participant"],)
    )
    superuser.execute("UPDATE member SET left_at = now() - interval '2 years' WHERE id = %s", (b.ids["member-participant"],))
    night(app, superuser)
    rows = superuser.execute("SELECT id FROM member WHERE erased_at IS NOT NULL").fetchall()
    assert rows == [(a.ids["member-participant"],)]
    assert superuser.execute(
        "SELECT origin, state FROM erasure WHERE member_id = %s", (a.ids["member-participant"],)
    ).fetchone() == ("clock", "done")
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM erasure WHERE origin = 'clock'") == 1


def test_a_suspended_firm_lets_go_too(app: Flask, world: World, superuser: Connection) -> None:
    superuser.execute("UPDATE firm SET state = 'suspended'")
    superuser.execute("UPDATE mail_log SET sent_at = now() - interval '13 months'")
    night(app, superuser)
    old = "SELECT count(*) FROM mail_log WHERE sent_at < now() - interval '12 months'"
    assert count(superuser, old) == 0


def test_the_calendar_of_a_leaver_goes(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: Connection
) -> None:
    company = world.companies[0]
    person = company.ids["member-participant"]
    superuser.execute(
        "INSERT INTO member_feed (firm_id, workspace_id, id, member_id, token_hash) VALUES (%s, %s, %s, %s, 'x')",
        (company.firm_id, company.id, new_id(), person),
    )
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM member_feed") == 1
    superuser.execute("UPDATE member SET left_at = now() - interval '2 days' WHERE id = %s", (person,))
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM member_feed") == 0


def test_issued_invoices_and_proofs_are_never_purged(app: Flask, world: World, superuser: Connection) -> None:
    before = count(superuser, "SELECT count(*) FROM invoice")
    assert KEPT["invoices"].purge is None and before
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM invoice") == before


def test_the_report_of_an_import_outlives_its_lines(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: Connection
) -> None:
    company = world.companies[0]
    superuser.execute("UPDATE people_import SET state = 'applied', applied_at = now() - interval '31 days'")
    night(app, superuser)
    assert count(superuser, "SELECT count(*) FROM import_row") == 0
    assert count(superuser, "SELECT count(*) FROM people_import") > 0, "that a file was brought, by whom and when, stays"
    browser = signed_in("hr@alpha-a.example")
    for page in (f"/alpha/w/{company.slug}/people/import/{company.ids['import_id']}", f"/alpha/w/{company.slug}/people"):
        assert browser.get(page).status_code == 200, page

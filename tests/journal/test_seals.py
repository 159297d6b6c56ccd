"""Seals of the journal: what was changed behind the product is found, and nothing of the product can change it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from local.services import Services
from saas.kit import journal, seals
from saas.kit.clock import now
from tenants import queue
from tenants.scope import Scope, inside
from tests.cast import FirmCast, World
from tests.conftest import DATABASE

Connection = psycopg.Connection[tuple[object, ...]]
ROLES = ("ctx_platform", "ctx_public", "ctx_firm", "ctx_workspace", "ctx_community", "app_login")
# Nobody is app_definer but the database's listed functions, two of which amend lines: what they amend is kept.
OF_SEALS = ("journal_seal", "journal_check", "journal_amendment")


@pytest.fixture
def sealed(app: Flask, world: World, superuser: Connection) -> FirmCast:
    """The firm alpha with three seals over five lines each, the newest lines unsealed."""
    superuser.execute("DELETE FROM journal")
    firm = world.firms[0]
    for age in (5, 4, 3):
        with app.app_context(), inside(firm.companies[0].scope):
            for n in range(5):
                journal.note("member.added", f"Person {age} {n}")
        superuser.execute("UPDATE journal SET at = at - %s WHERE at > now() - interval '10 minutes'", (dt.timedelta(hours=age),))
        with app.app_context(), inside(firm.scope):
            assert seals.seal(now() - dt.timedelta(hours=age - 2)) is not None
    with app.app_context(), inside(firm.scope):
        journal.note("staff.invited", "Too young to be sealed")
    return firm


def verified(app: Flask, firm: FirmCast) -> seals.Found:
    with app.app_context(), inside(firm.scope):
        return seals.verify()


def test_a_journal_that_nobody_touched_is_whole(app: Flask, sealed: FirmCast) -> None:
    found = verified(app, sealed)
    assert (found.seals, found.lines, found.fault) == (3, 15, "")
    with app.app_context(), inside(sealed.scope):
        made = seals.seals()
        assert [s.previous for s in made] == ["", made[0].digest, made[1].digest] and found.digest == made[2].digest


def test_lines_that_could_still_have_company_are_not_sealed(app: Flask, sealed: FirmCast) -> None:
    with app.app_context(), inside(sealed.scope):
        assert seals.seal() is None, "the only line left is younger than an hour"
    with app.app_context(), inside(sealed.scope):
        made = seals.seal(now() + dt.timedelta(hours=2))
        assert made is not None and made.lines == 1


@pytest.mark.parametrize(
    ("behind_the_product", "fault", "seal"),
    [
        ("UPDATE journal SET subject = 'Nobody' WHERE subject = 'Person 4 2'", "changed", 2),
        ("UPDATE journal SET actor = 'Nobody' WHERE subject = 'Person 5 0'", "changed", 1),
        ("UPDATE journal SET facts = '{\"a\": 1}' WHERE subject = 'Person 3 4'", "changed", 3),
        ("UPDATE journal SET network = '192.0.2.1' WHERE subject = 'Person 3 4'", "changed", 3),
        ("UPDATE journal SET at = at + interval '1 second' WHERE subject = 'Person 5 1'", "changed", 1),
        ("DELETE FROM journal WHERE subject = 'Person 4 2'", "removed", 2),
        ("INSERT INTO journal (id, firm_id, actor, action, facts, at) SELECT gen_random_uuid(), firm_id, 'X', 'x', '{}', at"
         " FROM journal WHERE subject = 'Person 4 2'", "added", 2),
        ("DELETE FROM journal_seal WHERE number = 2", "unchained", 2),
        ("DELETE FROM journal_seal WHERE number = 1", "unchained", 1),
        ("UPDATE journal_seal SET digest = repeat('0', 64) WHERE number = 2", "changed", 2),
        ("UPDATE journal_seal SET until = until - interval '1 minute' WHERE number = 1", "unchained", 2),
    ],
)  # fmt: skip
def test_whatever_a_superuser_changes_is_found(
    app: Flask, sealed: FirmCast, superuser: Connection, behind_the_product: str, fault: str, seal: int
) -> None:
    assert superuser.execute(behind_the_product.encode()).rowcount == 1
    found = verified(app, sealed)
    assert (found.fault, found.seals) == (fault, seal)


def test_a_line_rewritten_with_its_seal_breaks_the_next_one(app: Flask, sealed: FirmCast, superuser: Connection) -> None:
    superuser.execute("UPDATE journal SET subject = 'Nobody' WHERE subject = 'Person 5 2'")
    superuser.execute(
        "UPDATE journal_seal s SET digest = (SELECT encode(sha256(convert_to(E'\\n' || string_agg(journal_line(j), E'\\n' ORDER BY j.at,"
        " j.id) || E'\\n', 'UTF8')), 'hex') FROM journal j WHERE j.firm_id = s.firm_id AND j.at > s.since AND j.at <= s.until)"
        " WHERE number = 1"
    )
    found = verified(app, sealed)
    assert (found.fault, found.seals) == ("unchained", 2), "the forged seal is right in itself, and the next one names another"


@contextmanager
def as_the_law_asks(superuser: Connection) -> Iterator[Callable[[str], None]]:
    """What a function of the database does when it takes a person out of the journal, or a line whose time is over."""
    may = superuser.execute("SELECT has_table_privilege('app_definer', 'journal', 'DELETE')").fetchone()
    superuser.execute("GRANT SELECT, UPDATE, DELETE ON journal TO app_definer")
    superuser.execute("CREATE POLICY probe ON journal TO app_definer USING (true) WITH CHECK (true)")

    def do(statement: str) -> None:
        superuser.execute("SET ROLE app_definer")
        superuser.execute(statement.encode())
        superuser.execute("RESET ROLE")

    try:
        yield do
    finally:
        superuser.execute("DROP POLICY probe ON journal")
        if may == (False,):
            superuser.execute("REVOKE SELECT, UPDATE, DELETE ON journal FROM app_definer")


def test_an_erasure_and_the_end_of_a_lines_time_break_nothing(app: Flask, sealed: FirmCast, superuser: Connection) -> None:
    with as_the_law_asks(superuser) as do:
        do("UPDATE journal SET subject = 'Somebody erased' WHERE subject = 'Person 4 2'")
        do("UPDATE journal SET actor = 'Somebody erased' WHERE subject = 'Somebody erased'")
        do("DELETE FROM journal WHERE subject = 'Person 5 0'")
        do("DELETE FROM journal WHERE subject = 'Too young to be sealed'")
    found = verified(app, sealed)
    assert (found.fault, found.lines) == ("", 15)
    with app.app_context(), inside(sealed.scope):
        assert seals.amended() == 3
        made = seals.seal(now() + dt.timedelta(hours=2))
        assert made is not None and made.lines == 1
    assert verified(app, sealed).fault == ""


@pytest.mark.parametrize(
    "behind_the_product",
    ["UPDATE journal SET subject = 'Person 4 2' WHERE subject = 'Somebody erased'", "DELETE FROM journal WHERE subject = 'Somebody erased'",
     "DELETE FROM journal_amendment", "UPDATE journal_amendment SET after = repeat('0', 64)", "UPDATE journal_amendment SET before = repeat('0', 64)"],
)  # fmt: skip
def test_an_amended_line_is_guarded_as_it_is_now(
    app: Flask, sealed: FirmCast, superuser: Connection, behind_the_product: str
) -> None:
    with as_the_law_asks(superuser) as do:
        do("UPDATE journal SET subject = 'Somebody erased' WHERE subject = 'Person 4 2'")
    assert verified(app, sealed).fault == ""
    assert superuser.execute(behind_the_product.encode()).rowcount == 1
    found = verified(app, sealed)
    assert (found.fault, found.seals) == ("changed", 2)


def test_another_firms_lines_are_another_chain(app: Flask, sealed: FirmCast, world: World, superuser: Connection) -> None:
    with app.app_context(), inside(world.firms[1].scope):
        journal.note("staff.invited", "Of beta")
    superuser.execute("UPDATE journal SET at = at - interval '4 hours' WHERE subject = 'Of beta'")
    assert verified(app, sealed).fault == ""


def test_every_role_of_the_product_may_add_and_read_and_no_more(
    app: Flask, sealed: FirmCast, services: Services, superuser: Connection
) -> None:
    tried = 0
    for table in ("journal", *OF_SEALS):
        for role in (*ROLES, *(["app_definer"] if table in OF_SEALS else [])):
            for statement in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608
                with psycopg.connect(services.postgres.dsn(DATABASE)) as connection:
                    connection.execute(f"SET ROLE {role}".encode())
                    connection.execute(f"SET app.firm_id = '{sealed.id}'; SET app.workspace_id = ''".encode())
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(statement.encode())
                    connection.rollback()
                    tried += 1
    assert tried == 4 * 18 + 9
    assert superuser.execute("SELECT count(*) FROM journal").fetchone() == (16,)


def test_of_two_sealers_at_once_one_seals(app: Flask, sealed: FirmCast) -> None:
    later, both = now() + dt.timedelta(hours=2), threading.Barrier(2)

    def one() -> int:
        with app.app_context(), inside(sealed.scope):
            both.wait()
            made = seals.seal(later)
            return made.lines if made else 0

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(one), pool.submit(one)]
    done = [t.result() for t in tries if t.exception() is None]
    assert sum(done) == 1 and all(isinstance(t.exception(), IntegrityError | None) for t in tries)
    assert verified(app, sealed).seals == 4


def test_the_clock_seals_every_firm_and_looks_at_every_seal(app: Flask, world: World, superuser: Connection) -> None:
    superuser.execute("UPDATE journal SET at = at - interval '3 hours'")
    lines = {row[0]: row[1] for row in superuser.execute("SELECT firm_id, count(*) FROM journal GROUP BY 1").fetchall()}
    for entry in ("journal.seal", "journal.verify"):
        ask(app, entry)
    rows = superuser.execute("SELECT firm_id, lines, fault FROM journal_check").fetchall()
    assert {(firm.id, lines[firm.id], "") for firm in world.firms} == set(rows)
    periods = superuser.execute("SELECT name, every FROM schedule WHERE name LIKE 'journal.%' ORDER BY name").fetchall()
    assert periods == [("journal.seal", 3600), ("journal.verify", 86400)]


def ask(app: Flask, kind: str) -> None:
    with app.app_context():
        with inside(Scope.platform()):
            queue.later(kind)
        queue.drain()


def test_the_page_and_the_command_say_that_it_was_changed(
    app: Flask, sealed: FirmCast, superuser: Connection, signed_in: Callable[[str], FlaskClient]
) -> None:
    browser, run = signed_in("owner@alpha.example"), app.test_cli_runner()
    assert "lines under 3 seals" in run.invoke(args=["journal", "verify"]).output
    ask(app, "journal.verify")
    assert "every line is as it was written" in browser.get("/alpha/journal").get_data(as_text=True)
    superuser.execute("DELETE FROM journal WHERE subject = 'Person 4 2'")
    ask(app, "journal.verify")
    shown = browser.get("/alpha/journal").get_data(as_text=True)
    assert "were removed behind" in shown and 'role="alert"' in shown
    told = run.invoke(args=["journal", "verify"])
    assert told.exit_code == 1 and "lines were removed" in told.output and "alpha" in told.output

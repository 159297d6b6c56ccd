"""One session, two clients: what the database itself lets the role of one client learn or do about the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tenants.db import db, new_id
from tenants.scope import inside
from tests.cast import Company, World
from tests.enrolments.scene import open_for
from tests.isolation.meeting import Meeting, meet, secrets, shown

Superuser = psycopg.Connection[tuple[object, ...]]
DIGEST = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE firm_id = %s AND {which}"


@pytest.fixture
def meeting(app: Flask, world: World, superuser: Superuser) -> Meeting:
    with app.app_context():
        return meet(world, superuser)


def ask(company: Company, sql: str, **values: Any) -> Any:
    """One statement as the role of a client, kept."""
    with inside(company.scope):
        return db.session.execute(text(sql), values).scalar()


def seats(superuser: Superuser, meeting: Meeting) -> tuple[object, ...] | None:
    return superuser.execute("SELECT taken, capacity FROM session_seats WHERE id = %s", (meeting.session_id,)).fetchone()


def held(superuser: Superuser, meeting: Meeting) -> int:
    """Who holds a seat of the session, of either client."""
    row = superuser.execute(
        "SELECT (SELECT count(*) FROM enrolment e JOIN session_link l ON l.id = e.link_id WHERE l.session_id = %(s)s AND"
        " e.state IN ('seated', 'offered')) + (SELECT count(*) FROM placeholder p JOIN session_link l ON l.id = p.link_id"
        " WHERE l.session_id = %(s)s AND p.state = 'held')",
        {"s": meeting.session_id},
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_every_state_is_there(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    """What the other tests look at is not empty, and the session is full."""
    with app.app_context():
        for company in (meeting.a, meeting.b):
            assert {"requested", "waiting", "offered", "seated", "substituted", "transferred", "withdrawn"} <= set(
                meeting.seats(company)
            ), company.slug
    taken = seats(superuser, meeting)
    assert taken and taken[0] == taken[1] == held(superuser, meeting)


@pytest.mark.usefixtures("world")
def test_no_table_gives_a_client_a_word_of_the_other(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    needles, leaks, read = secrets(meeting.b, superuser), {}, 0
    with app.app_context():
        for name in sorted(db.metadata.tables):
            try:
                with inside(meeting.a.scope):
                    rows = " ".join(db.session.scalars(text(f"SELECT t::text FROM {name} t")))  # noqa: S608
            except DBAPIError as refused:
                assert "permission denied" in str(refused)
                continue
            read += bool(rows)
            if found := shown(rows, needles):
                leaks[name] = found
    assert not leaks
    assert read > 15


def test_the_numbers_of_a_session_are_closed_to_clients(app: Flask, meeting: Meeting) -> None:
    for table in ("session_seats", "seat_need", "venue", "room", "trainer_absence"):
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"):
            ask(meeting.a, f"SELECT count(*) FROM {table}")  # noqa: S608


def test_a_client_releases_nothing_that_others_hold(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    """However often it asks, and whatever it claims to give back."""
    before = seats(superuser, meeting)
    with app.app_context():
        for _ in range(3):
            assert ask(meeting.a, "SELECT release_seats(:s)", s=meeting.session_id) is True
        assert seats(superuser, meeting) == before
        with pytest.raises(DBAPIError, match="does not exist"):
            ask(meeting.a, "SELECT release_seats(:s, 1)", s=meeting.session_id)
    assert before and before[0] == held(superuser, meeting)


def test_seats_claimed_for_nobody_do_not_stay(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    """A client may claim without writing anything down; the next seat given back sets the count right."""
    superuser.execute("UPDATE session_seats SET capacity = 20 WHERE id = %s", (meeting.session_id,))
    link = meeting.links[meeting.a.slug].id
    with app.app_context():
        ask(meeting.a, "SELECT claim_seats(:s, :l, 500, false)", s=meeting.session_id, l=link)
        ask(meeting.b, "SELECT release_seats(:s)", s=meeting.session_id)
    taken = seats(superuser, meeting)
    assert taken and taken[0] == held(superuser, meeting)


def test_a_client_never_goes_before_the_line(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    """A seat that is free while the other client's people wait is theirs, whatever the caller says it is."""
    superuser.execute("UPDATE enrolment SET state = 'withdrawn' WHERE workspace_id = %s AND state = 'waiting'", (meeting.a.id,))
    superuser.execute("UPDATE session_seats SET capacity = taken + 1 WHERE id = %s", (meeting.session_id,))
    superuser.execute("UPDATE session_link SET ceiling = NULL WHERE session_id = %s", (meeting.session_id,))
    link = meeting.links[meeting.a.slug].id
    with app.app_context():
        for is_next in ("false", "true"):
            got = ask(meeting.a, f"SELECT claim_seats(:s, :l, 1, {is_next})", s=meeting.session_id, l=link)  # noqa: S608
            assert got == 0, is_next


def test_a_ceiling_caps_what_can_be_learnt_by_asking_for_all(app: Flask, meeting: Meeting, superuser: Superuser) -> None:
    """Asking for every seat says how many are free, and takes them: never more than one's own ceiling leaves."""
    superuser.execute("UPDATE session_seats SET capacity = 900 WHERE id = %s", (meeting.session_id,))
    superuser.execute("UPDATE session_link SET ceiling = 9 WHERE id = %s", (meeting.links[meeting.a.slug].id,))
    mine = superuser.execute(
        "SELECT (SELECT count(*) FROM enrolment WHERE link_id = %(l)s AND state IN ('seated', 'offered'))"
        " + (SELECT count(*) FROM placeholder WHERE link_id = %(l)s AND state = 'held')",
        {"l": meeting.links[meeting.a.slug].id},
    ).fetchone()
    assert mine is not None
    with app.app_context():
        got = ask(
            meeting.a, "SELECT claim_seats(:s, :l, 100000, false)", s=meeting.session_id, l=meeting.links[meeting.a.slug].id
        )
    assert got == 9 - int(str(mine[0]))


Call = Callable[[Meeting, dict[str, UUID], Superuser], tuple[str, dict[str, Any], Any]]


def _other(meeting: Meeting, sql: str, answer: Any, **values: Any) -> tuple[str, dict[str, Any], Any]:
    return sql, values, answer


# Every definer function that the role of a client may call, with what is the other client's, and what it answers then.
CALLS: dict[str, Call] = {
    "claim_seats": lambda m, b, _s: _other(
        m, "SELECT claim_seats(:s, :l, 1, false)", None, s=m.session_id, l=m.links[m.b.slug].id
    ),
    "release_seats": lambda m, b, _s: _other(m, "SELECT release_seats(:s)", None, s=b["alone"]),
    "lock_sessions": lambda m, b, _s: _other(m, "SELECT lock_sessions(ARRAY[CAST(:s AS uuid)])", 0, s=b["alone"]),
    "availability": lambda m, b, _s: _other(m, "SELECT count(*) FROM availability(ARRAY[CAST(:s AS uuid)])", 0, s=b["alone"]),
    "upward": lambda m, b, _s: _other(m, "SELECT upward('enrolments.offer_next', :s, :i)", None, s=b["alone"], i=new_id()),
    "spend_credits": lambda m, b, _s: _other(
        m, "SELECT spend_credits(ARRAY[CAST(:e AS uuid)], ARRAY[CAST(:i AS uuid)], 'x')", 0, e=b["seated"], i=new_id()
    ),
    "return_credit": lambda m, b, _s: _other(m, "SELECT return_credit(:e, :i, 'x')", False, e=b["seated"], i=new_id()),
    "tell_the_firm": lambda m, b, _s: _other(
        m, "SELECT tell_the_firm('enrolments.trainer_absence_mail', :e, :i)", None, e=b["seated"], i=new_id()
    ),
    "letters_under_way": lambda m, b, _s: _other(
        m, "SELECT count(*) FROM letters_under_way(ARRAY[CAST(:e AS uuid)])", 0, e=b["seated"]
    ),
    "sso_account": lambda m, _b, _s: _other(m, "SELECT sso_account(:p, NULL, :i)", None, p=m.b.ids["member_id"], i=new_id()),
    "my_need": lambda m, b, s: _other(m, "SELECT count(*) FROM my_need(:e, :t)", 0, e=b["seated"], t=_token(s)),
    "say_need": lambda m, b, s: _other(
        m, "SELECT say_need(:i, :e, :t, '[]', 'x', '[]', 'x')", None, e=b["seated"], t=_token(s), i=new_id()
    ),
    "forget_need": lambda m, b, s: _other(m, "SELECT forget_need(:e, :t)", None, e=b["seated"], t=_token(s)),
}
# Functions of other features, which their own tests try.
ELSEWHERE = {
    "address_is_known", "outbox_done", "open_space", "join_zone", "leave_zones", "my_zones", "end_zones", "figures_rhythm",
    "name_pilot", "figures_unanswered", "controller", "end_evidence", "forget_said", "forget_traces",
    "directory_opens", "domain_is_taken",
}  # fmt: skip


def _token(superuser: Superuser) -> str:
    """The hash of some sign-in: not that of the seat's person."""
    row = superuser.execute("SELECT token_hash FROM sign_in LIMIT 1").fetchone()
    return str(row[0]) if row else "none"


@pytest.fixture
def theirs(app: Flask, world: World, meeting: Meeting, superuser: Superuser) -> dict[str, UUID]:
    """What is the other client's alone: its rows, and a session that only it may use."""
    with app.app_context():
        links = open_for(world, 5)
        superuser.execute("DELETE FROM session_link WHERE id = %s", (links[meeting.a.slug].id,))
        return {**meeting.seats(meeting.b), "alone": links[meeting.b.slug].session_id}


def test_every_function_a_client_may_call_is_tried(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT DISTINCT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'"
        " AND prosecdef AND has_function_privilege('ctx_workspace', p.oid, 'EXECUTE')"
    ).fetchall()
    assert {str(row[0]) for row in rows} - ELSEWHERE == set(CALLS), "say in CALLS how a client would try it on another's row"


def test_no_function_knows_anything_of_the_other_client(
    app: Flask, meeting: Meeting, theirs: dict[str, UUID], superuser: Superuser
) -> None:
    """The answer is that for an id that never was, and nothing of the other client's moves."""
    tables = [n for n, t in sorted(db.metadata.tables.items()) if "workspace_id" in t.c]
    before = _digest(superuser, meeting, tables)
    for name, call in sorted(CALLS.items()):
        sql, values, answer = call(meeting, theirs, superuser)
        never = {key: new_id() if isinstance(value, UUID) else value for key, value in values.items()}
        with app.app_context():
            assert ask(meeting.a, sql, **values) == answer, name
            assert ask(meeting.a, sql, **never) == answer, name
        assert _digest(superuser, meeting, tables) == before, name


def _digest(superuser: Superuser, meeting: Meeting, tables: list[str]) -> list[object]:
    found: list[object] = [
        superuser.execute(
            DIGEST.format(table=t, which=f"workspace_id = '{meeting.b.id}'").encode(), (meeting.b.firm_id,)
        ).fetchone()
        for t in tables
    ]
    found.append(superuser.execute("SELECT taken FROM session_seats ORDER BY id").fetchall())
    return found

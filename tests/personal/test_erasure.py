"""After an erasure nothing says who it was, in no table, file or queue, but for what the law keeps; and that goes with its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from saas.identity.commands.people import add_member
from saas.identity.models import Account
from saas.kit import storage
from saas.kit.clock import now, today
from saas.privacy.commands import erasing
from saas.privacy.commands.erasures import a_month_after
from saas.privacy.models import Erasure
from tenants.db import db, new_id
from tenants.queue import connection, drain
from tenants.scope import Scope, inside
from tests.cast import World
from tests.personal import scene
from tests.personal.scene import ADDRESS, CANARIES, FIRST, NAME, Canary, rows_with

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
# What the law keeps of the canary, by table: the signature, the certificate. Their files are looked at too.
HELD = {"attendance_mark", "certificate"}


@pytest.fixture
def canary(app: Flask, world: World, superuser: Connection) -> Canary:
    return scene.make(app, world, superuser)


def leave_and_erase(signed_in: SignedIn, name: str = NAME, who: str = "owner@alpha.example", path: str = "") -> int:
    browser = signed_in(who)
    return browser.post(f"{path}/erasure", data={"name": name}).status_code


def page_of(canary: Canary) -> str:
    return f"/alpha/w/{canary.company.slug}/people/{canary.member_id}"


def ask_as_the_person(signed_in: SignedIn, canary: Canary, **said: str) -> int:
    return signed_in(ADDRESS).post(f"/alpha/w/{canary.company.slug}/me/erasure", data=said).status_code


def erased(app: Flask, signed_in: SignedIn, canary: Canary, **said: str) -> None:
    assert ask_as_the_person(signed_in, canary, **said) == 303
    assert leave_and_erase(signed_in, path=page_of(canary)) == 303
    with app.app_context():
        drain()


def files_with(app: Flask, words: tuple[str, ...]) -> list[Path]:
    """Files of the store; mails that were delivered are in the recipients' boxes, which the sandbox keeps beside."""
    root = Path(app.config["STORAGE_DIR"])
    files = [path for path in root.rglob("*") if path.is_file() and "mailbox" not in path.parts]
    return [path for path in files if any(word.encode() in path.read_bytes().lower() for word in words)]


def redis_with(app: Flask, words: tuple[str, ...]) -> list[str]:
    with app.app_context():
        redis = connection()
        found = []
        for key in redis.scan_iter("*"):
            kind = redis.type(key).decode()
            value = {"string": redis.get, "hash": redis.hgetall, "set": redis.smembers}.get(kind, lambda k: redis.dump(k))(key)
            if any(word in repr((key, value)).lower() for word in words):
                found.append(repr(key))
        return found


def test_the_canary_is_in_every_place_before(app: Flask, canary: Canary, superuser: Connection) -> None:
    """Else nothing below would prove anything."""
    before = set(rows_with(superuser, CANARIES))
    wanted = {
        "member", "account_address", "sign_in", "sign_in_code", "invitation", "journal", "mail_log", "import_row", "people_import",
        "desk_message", "programme_wish", "absence", "placeholder", "zone_member", "attendance_mark", "certificate", "correction_request",
    }  # fmt: skip
    assert wanted <= before, wanted - before


def test_nothing_says_who_it_was_but_what_the_law_keeps(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    erased(app, signed_in, canary, with_posts="")
    left = rows_with(superuser, CANARIES)
    assert set(left) == HELD, {name: rows[:2] for name, rows in left.items() if name not in HELD}
    assert files_with(app, CANARIES) == [] and redis_with(app, CANARIES) == []
    row = superuser.execute(
        "SELECT erased_at, held_until, left_at, account_id FROM member WHERE id = %s", (canary.member_id,)
    ).fetchone()
    assert row and row[0] and row[2] and row[3] is None
    assert isinstance(row[1], dt.date) and row[1].year == today().year + 6
    assert superuser.execute("SELECT count(*) FROM account WHERE id = %s", (canary.account_id,)).fetchone() == (0,)
    assert superuser.execute("SELECT state FROM enrolment WHERE id = %s", (canary.coming_id,)).fetchone() == ("withdrawn",)


def test_words_in_the_community_stay_unsigned_or_go(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    assert rows_with(superuser, ("zyxkept",)).keys() == {"thread", "post"}
    erased(app, signed_in, canary)
    kept = rows_with(superuser, ("zyxkept",))
    assert kept.keys() == {"thread", "post"}
    assert str(canary.account_id) not in str(kept), "what they wrote no longer leads to their account"
    card = superuser.execute("SELECT name, job_title FROM zone_member WHERE name = 'Former member'").fetchall()
    assert card == [("Former member", "")]


def test_words_in_the_community_go_when_the_person_wants_it(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    erased(app, signed_in, canary, with_posts="y")
    assert rows_with(superuser, ("zyxkept",)) == {}


def test_it_may_run_again_and_changes_nothing_more(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    erased(app, signed_in, canary)
    before = {
        name: superuser.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1').fetchall()
        for name in ("member", "journal", "mail_log")
    }  # type: ignore[arg-type]
    with app.app_context(), inside(canary.company.scope):
        erasing.erase(db.session.scalars(select(Erasure.id).where(Erasure.member_id == canary.member_id)).one())
    for name, rows in before.items():
        assert superuser.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1').fetchall() == rows  # type: ignore[arg-type]


def test_a_failure_half_way_leaves_the_person_whole(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    """The statement that would end it is refused by the database: nothing of what went before stands."""
    assert ask_as_the_person(signed_in, canary) == 303 and leave_and_erase(signed_in, path=page_of(canary)) == 303
    superuser.execute("ALTER TABLE member ADD CONSTRAINT nobody_is_erased CHECK (erased_at IS NULL)")
    try:
        with app.app_context():
            drain()
        assert rows_with(superuser, ("zyxnumber",)).keys() >= {"member"}
        assert "mail_log" in rows_with(superuser, (ADDRESS,))
    finally:
        superuser.execute("ALTER TABLE member DROP CONSTRAINT nobody_is_erased")
    superuser.execute("UPDATE outbox SET due_at = now() WHERE kind = 'privacy.erase'")
    with app.app_context():
        drain()
    assert set(rows_with(superuser, CANARIES)) == HELD


def test_what_is_held_goes_when_its_day_is_over(app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    erased(app, signed_in, canary)
    keys = [str(row[0]) for row in superuser.execute("SELECT drawing FROM attendance_mark WHERE drawing <> ''").fetchall()]
    keys += [str(row[0]) for row in superuser.execute("SELECT key FROM document WHERE kind = 'certificate'").fetchall()]
    assert len(keys) == 2
    superuser.execute("UPDATE member SET held_until = current_date - 1 WHERE id = %s", (canary.member_id,))
    # The proofs are of today: nothing goes before their own day, whatever the row says.
    with app.app_context():
        with inside(canary.company.scope):
            erasing.end_hold(canary.member_id)
        assert set(rows_with(superuser, CANARIES)) == HELD
    superuser.execute("UPDATE certificate SET issued_at = now() - interval '7 years'")
    superuser.execute(
        "UPDATE training_session SET starts_at = starts_at - interval '7 years', ends_at = ends_at - interval '7 years'"
    )
    superuser.execute("UPDATE member SET held_until = current_date - 1 WHERE id = %s", (canary.member_id,))
    superuser.execute("UPDATE schedule SET next_at = now() WHERE name = 'privacy.sweep'")
    with app.app_context():
        from tenants.queue import tick

        tick()
        drain()
        assert rows_with(superuser, CANARIES) == {}
        for key in keys:
            with pytest.raises(FileNotFoundError):
                storage.get(key)


def test_a_name_that_two_people_bear_leaves_the_other_alone(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    """Lines that hold a name alone do not say whose it is: the other's stay."""
    with app.app_context(), inside(canary.company.scope):
        twin = add_member(*NAME.split(), "twin@alpha-a.example", roles=["participant"], language="en")
        twin_id = twin.id
    erased(app, signed_in, canary)
    assert superuser.execute("SELECT first_name FROM member WHERE id = %s", (twin_id,)).fetchone() == (FIRST,)
    assert rows_with(superuser, (ADDRESS,)) == {}, "an address is one person's"
    assert superuser.execute("SELECT count(*) FROM member WHERE first_name = %s", (FIRST,)).fetchone() == (1,)


def test_an_account_that_opens_something_else_stays(
    app: Flask, world: World, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    other = world.companies[2]
    with app.app_context(), inside(other.scope):
        add_member(*NAME.split(), ADDRESS, roles=["participant"], language="en")
    assert signed_in(ADDRESS).get(f"/beta/w/{other.slug}/me").status_code == 200
    erased(app, signed_in, canary)
    assert superuser.execute("SELECT count(*) FROM account WHERE id = %s", (canary.account_id,)).fetchone() == (1,)
    there = superuser.execute(
        "SELECT first_name, email FROM member WHERE workspace_id = %s AND email_norm = %s", (other.id, ADDRESS)
    ).fetchone()
    assert there == (FIRST, ADDRESS)
    browser = signed_in(ADDRESS)
    assert browser.get(f"/beta/w/{other.slug}/me").status_code == 200
    assert browser.get(f"/alpha/w/{canary.company.slug}/me").status_code == 404


@pytest.mark.parametrize("who", ["hr@alpha-a.example", "owner@alpha.example"])
def test_each_hold_is_named_with_its_law_and_day(canary: Canary, signed_in: SignedIn, who: str) -> None:
    ask_as_the_person(signed_in, canary)
    page = signed_in(who).get(f"{page_of(canary)}/erasure").get_data(as_text=True)
    for word in ("Certificate of", "Attendance sheets of", "Invoice F", "L6362-6", "L123-22", "R6332-26"):
        assert word in page, word


def test_the_name_is_typed_and_nobody_decides_twice(app: Flask, canary: Canary, signed_in: SignedIn) -> None:
    path = page_of(canary)
    assert leave_and_erase(signed_in, path=path) == 422, "they are here, and have not asked"
    assert ask_as_the_person(signed_in, canary) == 303
    assert ask_as_the_person(signed_in, canary) == 422, "asked twice"
    assert leave_and_erase(signed_in, name="Somebody else", path=path) == 422
    browser = signed_in("hr@alpha-a.example")
    assert browser.post(f"{path}/erasure/refuse", data={"reason": ""}).status_code == 422
    assert browser.post(f"{path}/erasure/refuse", data={"reason": "A dispute is under way"}).status_code == 303
    assert browser.post(f"{path}/erasure/refuse", data={"reason": "Again"}).status_code == 422
    seen = signed_in(ADDRESS).get(f"/alpha/w/{canary.company.slug}/me/erasure").get_data(as_text=True)
    assert "A dispute is under way" in seen
    with app.app_context():
        drain()
    assert leave_and_erase(signed_in, path=path) == 422


def test_nobody_decides_on_their_own_request(canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    """The canary is HR as well."""
    assert ask_as_the_person(signed_in, canary) == 303
    own = signed_in(ADDRESS)
    assert own.post(f"{page_of(canary)}/erasure", data={"name": NAME}).status_code == 422
    assert own.post(f"{page_of(canary)}/erasure/refuse", data={"reason": "no"}).status_code == 422
    assert superuser.execute("SELECT state FROM erasure WHERE member_id = %s", (canary.member_id,)).fetchone() == ("asked",)


def test_it_is_taken_back_until_it_is_decided(canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    assert ask_as_the_person(signed_in, canary) == 303
    assert signed_in(ADDRESS).post(f"/alpha/w/{canary.company.slug}/me/erasure/withdraw").status_code == 303
    assert leave_and_erase(signed_in, path=page_of(canary)) == 422
    assert ask_as_the_person(signed_in, canary) == 303


def test_it_lands_with_hr_and_the_owner(canary: Canary, signed_in: SignedIn) -> None:
    ask_as_the_person(signed_in, canary)
    for who, page in (
        ("hr@alpha-a.example", f"/alpha/w/{canary.company.slug}/"),
        ("owner@alpha.example", "/alpha/inbox?kind=erasure"),
    ):
        assert f"{NAME} asks to be erased" in signed_in(who).get(page).get_data(as_text=True), who
    assert "asks to be erased" not in signed_in("advisor@alpha.example").get("/alpha/inbox").get_data(as_text=True)


@pytest.mark.parametrize(
    ("day", "month_later"),
    [
        ((2026, 1, 31), (2026, 2, 28)),
        ((2026, 12, 15), (2027, 1, 15)),
        ((2027, 3, 31), (2027, 4, 30)),
        ((2028, 1, 30), (2028, 2, 29)),
    ],
)
def test_an_answer_is_due_within_a_month(day: tuple[int, int, int], month_later: tuple[int, int, int]) -> None:
    assert a_month_after(dt.date(*day)) == dt.date(*month_later)


def test_another_client_erases_nobody_here(app: Flask, world: World, canary: Canary, superuser: Connection) -> None:
    """Not even somebody whose erasure was accepted."""
    superuser.execute(
        "INSERT INTO erasure (firm_id, workspace_id, id, member_id, origin, state, due_on) VALUES (%s, %s, %s, %s, 'desk', 'accepted', now())",
        (canary.company.firm_id, canary.company.id, new_id(), canary.member_id),
    )
    before = rows_with(superuser, CANARIES)
    for other in (world.companies[1], world.companies[2]):
        with app.app_context(), inside(other.scope):
            assert db.session.scalar(select(func.forget_traces(canary.member_id, "x"))) is False
            assert db.session.scalar(select(func.forget_said(canary.member_id, canary.member_id, "x", "x"))) is False
    assert rows_with(superuser, CANARIES) == before


def test_no_role_erases_by_its_own_statement(app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    """The functions look for an accepted erasure: one that was asked for alone lets nothing go."""
    assert ask_as_the_person(signed_in, canary) == 303
    with app.app_context():
        with inside(canary.company.scope):
            assert db.session.scalar(select(func.forget_traces(canary.member_id, "x"))) is False
            assert db.session.scalar(select(func.forget_said(canary.member_id, canary.member_id, "x", "x"))) is False
            assert db.session.scalars(select(func.end_evidence(canary.member_id))).all() == []
        with inside(Scope.platform()):
            assert not db.session.scalar(select(func.forget_account(canary.account_id)))
            assert db.session.get(Account, canary.account_id) is not None
        with inside(Scope.firm(canary.company.firm_id)):
            future = now() + dt.timedelta(days=1)
            for what in ("journal", "mail_log", "invitation", "import_row", "desk_message"):
                assert db.session.scalar(select(func.forget_old(what, future, 1000))) == 0, what
    assert "journal" in rows_with(superuser, CANARIES)


def test_two_who_accept_at_the_same_moment_erase_once(
    app: Flask, canary: Canary, signed_in: SignedIn, superuser: Connection
) -> None:
    assert ask_as_the_person(signed_in, canary) == 303
    browsers = [signed_in(who) for who in ("owner@alpha.example", "hr@alpha-a.example") for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda b: b.post(f"{page_of(canary)}/erasure", data={"name": NAME}).status_code, browsers))
    assert sorted(answers) == [303, 422, 422, 422]
    assert superuser.execute("SELECT count(*) FROM outbox WHERE kind = 'privacy.erase'").fetchone() == (1,)


def test_two_requests_at_the_same_moment_are_one(canary: Canary, signed_in: SignedIn, superuser: Connection) -> None:
    browsers = [signed_in(ADDRESS) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda b: b.post(f"/alpha/w/{canary.company.slug}/me/erasure").status_code, browsers))
        superuser.execute("DELETE FROM correction_request WHERE member_id = %s", (canary.member_id,))
        said = {"text": "Wrong site"}
        corrected = list(
            pool.map(lambda b: b.post(f"/alpha/w/{canary.company.slug}/me/correction", data=said).status_code, browsers)
        )
    assert sorted(asked) == sorted(corrected) == [303, 422, 422, 422]

"""The walls, met from a job and from the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import text

from saas.config import Settings
from saas.identity.models import Member
from saas.kit.mail import mailbox
from tenants import queue
from tenants.db import db
from tenants.scope import NoScope, Scope, inside
from tests.cast import World
from tests.conftest import ROOT

Connection = psycopg.Connection[tuple[object, ...]]
SEEN: list[Any] = []


@queue.job("tests.inject")
def inject(statement: str) -> None:
    db.session.execute(text(statement.replace(":", r"\:")))
    SEEN.append("it went through")


@queue.job("tests.look")
def look(member_id: str) -> None:
    SEEN.append(db.session.execute(text("SELECT id FROM member WHERE id = :id"), {"id": member_id}).all())


@pytest.fixture(autouse=True)
def seen() -> Iterator[list[Any]]:
    SEEN.clear()
    yield SEEN


def asked(app: Flask, scope: Scope, kind: str, **ids: object) -> str:
    with app.app_context(), inside(scope):
        row = str(queue.later(kind, **ids))
    with app.app_context():
        queue.run(row)
    return row


ATTACKS = {
    "SELECT set_config('app.workspace_id', '{other}', true)": "permission denied for function set_config",
    "SELECT query_to_xml('SELECT set_config(''app.workspace_id'', ''{other}'', true)', true, true, '')": "permission denied",
    "SELECT 1; SET LOCAL ROLE ctx_firm": "cannot insert multiple commands",
    "DO $$ BEGIN EXECUTE 'SET LOCAL ROLE ctx_firm'; END $$": "permission denied",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_job_cannot_leave_its_scope(app: Flask, world: World, superuser: Connection, attack: str) -> None:
    mine, other = world.companies[0], world.companies[1]
    row = asked(app, mine.scope, "tests.inject", statement=attack.format(other=other.id))
    assert SEEN == []
    found = superuser.execute("SELECT done_at, error FROM outbox WHERE id = %s", (row,)).fetchone()
    assert found is not None and found[0] is None and ATTACKS[attack] in str(found[1])


def test_a_job_finds_nothing_by_anothers_id(app: Flask, world: World) -> None:
    mine, other = world.companies[0], world.companies[1]
    asked(app, mine.scope, "tests.look", member_id=mine.ids["member-hr"])
    for stranger in (other, world.firms[1].companies[0]):
        asked(app, mine.scope, "tests.look", member_id=stranger.ids["member-hr"])
    own, *others = SEEN
    assert len(own) == 1 and others == [[], []]


def test_an_error_does_not_tell_what_was_asked(
    app: Flask, world: World, superuser: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """The values of a failed statement are people's data: not in the log, not on the page of failed work."""
    row = asked(app, world.companies[0].scope, "tests.look", member_id="zq-not-an-id")
    found = superuser.execute("SELECT error FROM outbox WHERE id = %s", (row,)).fetchone()
    assert found is not None and "parameters hidden" in str(found[0])
    assert "'member_id': 'zq" not in str(found[0]) and "{'id': 'zq" not in capfd.readouterr().err


# The product's own jobs that take an id, and whose id a stranger would give them.
TAKES = {
    "enrolments.seated_mail": ("enrolment_id", "enrolment_id"), "identity.invitation": ("invitation_id", "invitation"),
    "workspaces.apply_import": ("import_id", "import_id"), "workspaces.invite_imported": ("import_id", "import_id"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAKES)
def test_the_products_jobs_do_nothing_with_anothers_id(app: Flask, world: World, superuser: Connection, kind: str) -> None:
    """Of the other client's and of the other firm's: no mail, no change, the row stays open with the reason."""
    mine, (name, key) = world.companies[0], TAKES[kind]
    for other in (world.companies[1], world.firms[1].companies[0]):
        row = asked(app, mine.scope, kind, **{name: other.ids[key]})
        found = superuser.execute("SELECT done_at, error FROM outbox WHERE id = %s", (row,)).fetchone()
        assert found is not None and found[0] is None and "No row was found" in str(found[1])
    with app.app_context():
        assert list(mailbox().glob("*.eml")) == []


def test_a_row_of_the_outbox_cannot_ask_for_anothers_scope(app: Flask, world: World) -> None:
    mine, other = world.companies[0], world.companies[1]
    insert = "INSERT INTO outbox (id, firm_id, workspace_id, kind, scope, payload) VALUES (gen_random_uuid(), :f, :w, 'x', 'workspace', '{}')"
    with app.app_context(), pytest.raises(Exception, match="row-level security"), inside(mine.scope):
        db.session.execute(text(insert), {"f": other.firm_id, "w": other.id})


def test_the_command_line_has_no_scope_of_its_own(app: Flask, world: World) -> None:
    """As a command of ``flask`` runs: in an application context, and no more."""
    from saas.identity.queries import address_is_known

    @app.cli.command("tests-without-scope")
    def careless() -> None:
        db.session.query(Member).count()

    runner = app.test_cli_runner()
    try:
        result = runner.invoke(args=["tests-without-scope"], obj=ScriptInfo(create_app=lambda: app))
    finally:
        del app.cli.commands["tests-without-scope"]
    assert isinstance(result.exception, NoScope)
    with app.app_context(), pytest.raises(NoScope):
        address_is_known("hr@alpha-a.example")


def test_a_shell_of_the_product_reads_nothing_without_a_scope(settings: Settings, world: World, tmp_path: Path) -> None:
    """A real ``flask shell``: what an operator types has no scope until it says one."""
    values = {
        name.upper(): getattr(settings, name) for name in ("database_url", "redis_url", "secret_key", "public_url", "storage_dir")
    }
    typed = "from tenants.db import db\nfrom sqlalchemy import text\nprint(db.session.execute(text('SELECT count(*) FROM member')).all())\n"
    done = subprocess.run(
        [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "shell"], input=typed, cwd=ROOT, text=True,
        capture_output=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **values},
    )  # fmt: skip
    assert "NoScope: no scope is set" in done.stderr and "[(" not in done.stdout

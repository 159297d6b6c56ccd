"""One scope a unit of work: nothing without one, nothing of another, nothing left behind."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from saas.identity.models import Member
from tenants.db import FirmOwned, WorkspaceOwned, db, new_id
from tenants.models import Workspace
from tenants.scope import NoScope, Scope, inside
from tests.cast import World


def workspace_tables() -> list[type]:
    return sorted((m.class_ for m in db.Model.registry.mappers if issubclass(m.class_, WorkspaceOwned)), key=lambda c: c.__name__)


def firm_tables() -> list[type]:
    return sorted((m.class_ for m in db.Model.registry.mappers if issubclass(m.class_, FirmOwned)), key=lambda c: c.__name__)


# No role of a client reads these at all: functions give a row to the one person it is of.
CLOSED = {"SeatNeed"}
COMMUNITY = {"Zone", "ZoneMember", "Ritual", "Occurrence", "Rsvp", "Thread", "Post", "ZoneMandate", "Notice"}


def test_no_scope_means_no_statement(app: Flask) -> None:
    with app.app_context(), pytest.raises(NoScope):
        db.session.scalar(select(func.count()).select_from(Member))


def test_the_engine_alone_reads_nothing(app: Flask, world: World) -> None:
    with app.app_context(), db.engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("SELECT * FROM member"))


def test_a_scope_never_changes(app: Flask, world: World) -> None:
    a, b = world.companies[:2]
    with app.app_context(), inside(a.scope) as context:
        db.session.scalar(select(func.count()).select_from(Member))
        context.scope = b.scope  # type: ignore[attr-defined]
        with pytest.raises(NoScope):
            db.session.scalar(select(func.count()).select_from(Member))
        context.scope = a.scope  # type: ignore[attr-defined]


def test_a_pooled_connection_carries_nothing_over(app: Flask, world: World) -> None:
    with app.app_context():
        with inside(world.companies[0].scope):
            db.session.scalar(select(func.count()).select_from(Member))
        with db.engine.connect() as connection:
            row = connection.execute(
                text("SELECT current_user, current_setting('app.firm_id', true), current_setting('app.workspace_id', true)")
            ).one()
    assert row[0] == "app_login" and not row[1] and not row[2]


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT set_config('app.workspace_id', '{other}', true)",
        "SELECT query_to_xml('SELECT set_config(''app.workspace_id'', ''{other}'', true)', true, true, '')",
        "SELECT 1; SET LOCAL ROLE ctx_firm",
        "DO $$ BEGIN EXECUTE 'SET LOCAL ROLE ctx_firm'; END $$",
        "CREATE FUNCTION pg_temp.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE pg_settings SET setting = '{other}' WHERE name = 'app.workspace_id'",
    ],
)
def test_an_injected_change_of_scope_is_refused(app: Flask, world: World, attack: str) -> None:
    mine, other = world.companies[0], world.companies[1]
    with app.app_context(), pytest.raises(DBAPIError), inside(mine.scope):
        db.session.execute(text(attack.format(other=other.id).replace(":", r"\:")))


@pytest.mark.parametrize("table", workspace_tables(), ids=lambda c: c.__name__)
def test_a_workspace_reads_its_own_rows_only(app: Flask, world: World, table: type) -> None:
    mine = world.companies[0]
    scope = mine.scope
    if table.__name__ in COMMUNITY:
        scope = Scope.community(mine.firm_id, mine.id, account(app, mine.address("second")))
    if table.__name__ in CLOSED:
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(scope):
            db.session.execute(text(f"SELECT firm_id FROM {table.__tablename__}"))  # type: ignore[attr-defined]
        return
    with app.app_context(), inside(scope):
        rows = db.session.execute(text(f"SELECT firm_id, workspace_id FROM {table.__tablename__}"))  # type: ignore[attr-defined]
        owners = {tuple(row) for row in rows}
    assert owners <= {(mine.firm_id, mine.id)}


@pytest.mark.parametrize("table", firm_tables(), ids=lambda c: c.__name__)
def test_a_firm_reads_its_own_rows_only(app: Flask, world: World, table: type) -> None:
    firm = world.firms[0]
    with app.app_context(), inside(firm.scope):
        owners = set(db.session.scalars(text(f"SELECT firm_id FROM {table.__tablename__}")))  # type: ignore[attr-defined]
    assert owners <= {firm.id}
    assert table is not Workspace or owners


@pytest.mark.parametrize("table", [t for t in workspace_tables() if t.__name__ not in COMMUNITY], ids=lambda c: c.__name__)
def test_a_row_cannot_be_moved_to_another_workspace(
    app: Flask, world: World, table: type, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    mine, other = world.companies[0], world.companies[1]
    name = table.__tablename__  # type: ignore[attr-defined]
    with app.app_context():
        for statement in (
            f"UPDATE {name} SET workspace_id = '{other.id}'",
            f"DELETE FROM {name} WHERE workspace_id = '{other.id}'",
        ):
            try:
                with inside(mine.scope):
                    moved = db.session.execute(text(statement)).rowcount  # type: ignore[attr-defined]
                    assert moved == 0
            except DBAPIError:
                pass  # refused outright: no right, or the policy's check
    count = superuser.execute(f"SELECT count(*) FROM {name} WHERE workspace_id = %s", (mine.id,)).fetchone()  # type: ignore[arg-type]
    before = superuser.execute(f"SELECT count(*) FROM {name} WHERE workspace_id = %s", (other.id,)).fetchone()  # type: ignore[arg-type]
    assert count == before, "the companies of the cast have the same rows"


def test_a_workspace_cannot_write_for_another(app: Flask, world: World) -> None:
    mine, other = world.companies[0], world.companies[1]
    insert = text(
        "INSERT INTO member (firm_id, workspace_id, id, first_name, last_name, name_folded, roles)"
        " VALUES (:firm, :workspace, :id, 'x', 'y', 'x', '{hr}')"
    )
    for firm_id, workspace_id in ((other.firm_id, other.id), (world.firms[1].id, world.firms[1].companies[0].id)):
        with app.app_context(), pytest.raises(DBAPIError, match="row-level security"), inside(mine.scope):
            db.session.execute(insert, {"firm": firm_id, "workspace": workspace_id, "id": new_id()})


def test_an_uninvited_client_cannot_book(app: Flask, world: World) -> None:
    """The key of an enrolment goes through the link, never to the session."""
    mine, stranger = world.companies[0], world.firms[1].companies[0]
    with app.app_context(), inside(mine.scope):
        assert (
            db.session.scalar(select(func.claim_seats(world.firms[1].ids["session_id"], stranger.ids["link_id"], 1, False)))
            is None
        )
        assert db.session.scalar(select(func.release_seats(world.firms[1].ids["session_id"]))) is None
    with app.app_context(), pytest.raises(DBAPIError), inside(mine.scope):
        db.session.execute(text("UPDATE enrolment SET link_id = :link"), {"link": stranger.ids["link_id"]})


def account(app: Flask, address: str) -> UUID:
    from tests.cast import account_of

    with app.app_context():
        return account_of(address)


@pytest.mark.parametrize("table", sorted(COMMUNITY - {"Rsvp"}))
def test_content_is_for_members_of_the_zone(app: Flask, world: World, table: str) -> None:
    """Not the firm, not HR or staff in the workspace, not somebody of the workspace outside the zone, not after leaving."""
    mine = world.companies[0]
    name = {"ZoneMember": "zone_member", "ZoneMandate": "zone_mandate"}.get(table, table.lower())
    rows = 2 if table == "ZoneMember" else 1
    query = text(f"SELECT count(*) FROM {name}")
    with app.app_context():
        for scope in (Scope.firm(mine.firm_id), mine.scope):
            with pytest.raises(DBAPIError, match="permission denied"), inside(scope):
                db.session.execute(query)
    insiders, outsider = account(app, mine.address("second")), account(app, mine.address("hr"))
    with app.app_context():
        with inside(Scope.community(mine.firm_id, mine.id, insiders)):
            assert db.session.scalar(query) == rows
        with inside(Scope.community(mine.firm_id, mine.id, outsider)):
            assert db.session.scalar(query) == 0
        other = world.companies[1]
        with inside(Scope.community(other.firm_id, other.id, insiders)):
            assert db.session.scalar(query) == 0
        with inside(Scope.community(mine.firm_id, mine.id, insiders)):
            db.session.execute(text("SELECT leave_zones()"))
            assert db.session.scalar(query) == 0


def test_nobody_writes_in_anothers_name(app: Flask, world: World) -> None:
    mine = world.companies[0]
    me, other = account(app, mine.address("second")), account(app, mine.address("participant"))
    insert = text(
        "INSERT INTO post (firm_id, workspace_id, id, zone_id, thread_id, author_id, body)"
        " VALUES (:firm, :workspace, :id, :zone, :thread, :author, 'x')"
    )
    values = {"firm": mine.firm_id, "workspace": mine.id, "zone": mine.ids["zone_id"], "thread": mine.ids["thread_id"]}
    with (
        app.app_context(),
        pytest.raises(DBAPIError, match="row-level security"),
        inside(Scope.community(mine.firm_id, mine.id, me)),
    ):
        db.session.execute(insert, {**values, "id": new_id(), "author": other})


@pytest.mark.parametrize("table", ["member", "enrolment", "billing_party", "people_import"])
def test_without_its_policy_the_wall_would_fall(
    app: Flask, world: World, table: str, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    """The probe can fail: with the policy gone and security off, it sees the neighbour's rows."""
    mine = world.companies[0]
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")  # type: ignore[arg-type]
        superuser.execute("SET LOCAL ROLE ctx_workspace")
        superuser.execute(f"SET LOCAL app.firm_id = '{mine.firm_id}'")  # type: ignore[arg-type]
        superuser.execute(f"SET LOCAL app.workspace_id = '{mine.id}'")  # type: ignore[arg-type]
        rows = superuser.execute(f"SELECT DISTINCT workspace_id FROM {table}").fetchall()  # type: ignore[arg-type]
    assert len(rows) > 1

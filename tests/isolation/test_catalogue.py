"""What the database itself says of its walls. Each failure says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from local.services import Services
from tests.conftest import DATABASE

Connection = psycopg.Connection[tuple[object, ...]]

PLATFORM = {
    "account", "account_address", "firm", "recovery_code", "schedule", "second_factor", "sign_in", "sign_in_code", "sign_in_grant",
    "stripe_event",
}  # fmt: skip
SHARED = {"outbox", "journal", "mail_log", "document", "invitation", "sso_connection", "sso_domain", "sso_identity"}
DEFINERS = {
    "address_is_known", "availability", "certificate_by_code", "claim_seats", "end_needs", "end_zones", "figures_rhythm",
    "appoint", "follow_roles", "figures_unanswered", "forget_need", "invitation_card", "join_zone", "leave_zones",
    "letters_under_way", "memberships_of", "my_need", "my_histories", "my_zones", "name_pilot", "notify", "open_zone",
    "remove_from_zone", "leave_zone", "zones_to_join", "note_bounce", "open_space", "outbox_done", "prove_address",
    "drop_factor", "redeem_feed", "redeem_invitation", "release_seats", "controller", "end_evidence", "forget_account",
    "forget_networks", "forget_old", "connections_for", "directory_opens", "domain_is_taken", "sso_account", "sso_place",
    "forget_said", "forget_traces", "my_words",
    "lock_sessions", "return_credit", "spend_credits", "live_sign_in", "note_sign_in", "say_need", "staff_with_factor", "touch_sign_in", "tell_the_firm", "upward", "who_is",
}  # fmt: skip
# Keys that do not lead with the owner, and why.
FREE_KEYS = {
    "pk_outbox": "shared table", "pk_journal": "shared table", "pk_mail_log": "shared table", "pk_document": "shared table",
    "pk_invitation": "shared table", "pk_sso_connection": "shared table", "pk_sso_domain": "shared table", "pk_sso_identity": "shared table",
    "ux_sso_domain_proved": "a domain is proved by one owner, over all firms", "ix_outbox_open": "the sweeper reads all owners",
    "uq_invitation_token_hash": "a token is looked up before its owner is known",
    "uq_staff_feed_token_hash": "a calendar's token is looked up before its owner is known",
    "uq_member_feed_token_hash": "a calendar's token is looked up before its owner is known",
    "uq_certificate_code": "a code is looked up by anybody who holds it",
    "ix_mail_log_message_id": "a delivery report names a message before its owner is known",
    "ix_member_email_norm": "prove_address links all memberships of one address",
    "ix_staff_email_norm": "prove_address links all memberships of one address",
    "ix_member_account_id": "memberships_of lists one account's", "ix_staff_account_id": "memberships_of lists one account's",
}  # fmt: skip
TABLES = "SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version'"


@pytest.fixture
def owner(app: Flask, services: Services) -> Iterator[Connection]:
    """A superuser's transaction that is always rolled back."""
    with psycopg.connect(services.postgres.dsn(DATABASE)) as connection:
        yield connection
        connection.rollback()


def unprotected(connection: Connection) -> list[str]:
    """Tables whose rows are not closed to everybody first."""
    found = []
    for oid, name, enabled, forced in connection.execute(TABLES).fetchall():
        policies = connection.execute("SELECT count(*) FROM pg_policy WHERE polrelid = %s", (oid,)).fetchone()
        if not (enabled and forced and policies and policies[0]):
            found.append(str(name))
    return found


def test_every_table_is_closed_by_its_own_migration(owner: Connection) -> None:
    found = unprotected(owner)
    assert not found, f"{found}: call tenants.policies.protect(table, …) in the migration that creates the table"


def test_a_new_table_without_policies_is_noticed(owner: Connection) -> None:
    owner.execute("CREATE TABLE forgotten (firm_id uuid NOT NULL, id uuid)")
    assert unprotected(owner) == ["forgotten"]


def test_policies_name_a_role_and_an_owner(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT tablename, policyname, roles::text, coalesce(qual, with_check) FROM pg_policies WHERE schemaname = 'public'"
    ).fetchall()
    for table, policy, roles, rule in rows:
        where = f"{table}.{policy}"
        assert "public" not in str(roles).strip("{}").split(","), f"{where}: name the role the policy is for"
        if roles in ("{ctx_platform}", "{app_definer}"):
            continue
        assert "app_firm()" in str(rule), f"{where}: its rule must compare firm_id with app_firm()"
        if roles in ("{ctx_workspace}", "{ctx_community}") and table not in {"firm", "firm_profile", "staff_card"}:
            assert "app_workspace()" in str(rule), f"{where}: its rule must compare workspace_id with app_workspace()"


def test_the_platform_reads_its_own_tables_only(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants WHERE grantee = 'ctx_platform'"
    ).fetchall()
    readable = {str(row[0]) for row in rows} - {"outbox", "journal", "mail_log"}
    assert readable == PLATFORM, f"{readable ^ PLATFORM}: the platform scope reads accounts, sign-ins, firms and its own work"


def test_owners_are_never_empty(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attname IN ('firm_id', 'workspace_id')"
        " AND NOT a.attnotnull"
    ).fetchall()
    loose = {str(table) for table, _ in rows} - SHARED - PLATFORM
    assert not loose, f"{loose}: firm_id and workspace_id are NOT NULL"


def test_every_key_leads_with_the_owner(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT t.relname, i.relname, a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t"
        " ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid"
        " AND a.attnum = x.indkey[0] WHERE n.nspname = 'public' AND t.relname <> 'alembic_version'"
    ).fetchall()
    wrong = [
        str(index) for table, index, first in rows if table not in PLATFORM and first != "firm_id" and index not in FREE_KEYS
    ]
    assert not wrong, f"{wrong}: lead the index with firm_id (and workspace_id), or it tells who else has this value"


def test_foreign_keys_lead_with_the_owner(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT c.conname, t.relname, a.attname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n"
        " ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND n.nspname = 'public'"
    ).fetchall()
    wrong = [str(name) for name, table, first in rows if table not in PLATFORM and first != "firm_id"]
    assert not wrong, f"{wrong}: use tenants.db.fk(), so that a row can only name a row of its own owner"


def test_no_column_is_an_enum(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND n.nspname = 'public'"
    ).fetchall()
    assert not rows, f"{rows}: text with a CHECK; an enum loses its index under row-level security"


def test_definer_functions_are_the_listed_ones(owner: Connection) -> None:
    rows = owner.execute(
        "SELECT p.proname, r.rolname, p.proconfig::text, has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p"
        " JOIN pg_roles r ON r.oid = p.proowner JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname = 'public'"
    ).fetchall()
    assert {str(row[0]) for row in rows} == DEFINERS, "list a new definer function here, with the reason it must cross a wall"
    for name, role, config, public in rows:
        assert role == "app_definer", f"{name} must belong to app_definer"
        assert "search_path=pg_catalog" in str(config), f"{name} must pin its search_path"
        assert not public, f"{name} must not be open to everybody"


def test_the_login_role_owns_and_inherits_nothing(owner: Connection) -> None:
    row = owner.execute("SELECT rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = 'app_login'").fetchone()
    assert row == (False, False, False)
    assert not owner.execute("SELECT 1 FROM pg_class WHERE relowner = 'app_login'::regrole").fetchall()
    assert not owner.execute("SELECT 1 FROM information_schema.role_table_grants WHERE grantee = 'app_login'").fetchall()
    assert owner.execute("SELECT pg_has_role('app_login', 'app_owner', 'MEMBER')").fetchone() == (False,)


def test_nobody_may_call_set_config(owner: Connection) -> None:
    for role in ("app_login", "ctx_workspace", "ctx_firm", "ctx_platform", "ctx_community", "ctx_public"):
        may = owner.execute("SELECT has_function_privilege(%s, 'set_config(text,text,boolean)', 'EXECUTE')", (role,)).fetchone()
        assert may == (False,), f"{role} may call set_config: run migrations/bootstrap.sql as a superuser"

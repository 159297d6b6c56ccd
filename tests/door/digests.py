"""A digest of everything in the database, to see that nothing changed."""

from __future__ import annotations

import psycopg

from tenants.db import db

Connection = psycopg.Connection[tuple[object, ...]]
# Being looked at: when a sign-in was last seen, and readings that are written down on purpose.
READINGS = ("people.exported", "journal.exported", "needs.read", "data.taken")
SEEN = {
    "sign_in": "to_jsonb(t) - 'seen_at'",
    "journal": "CASE WHEN t.action = ANY (ARRAY['" + "', '".join(READINGS) + "']) THEN NULL ELSE to_jsonb(t) END",
}


def digests(superuser: Connection, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """One digest a table, of all its rows."""
    parts = [
        f"SELECT '{name}', md5(coalesce(string_agg(row::text, E'\\n' ORDER BY row::text), '')) FROM"  # noqa: S608
        f' (SELECT {SEEN.get(name, "to_jsonb(t)")} AS row FROM "{name}" t) r'
        for name in sorted(db.metadata.tables)
        if name not in but
    ]
    return {str(name): str(digest) for name, digest in superuser.execute(" UNION ALL ".join(parts).encode()).fetchall()}


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables whose rows are no longer the same."""
    return {name for name in before if before[name] != after[name]}

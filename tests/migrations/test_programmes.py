"""Programmes written before versions were edited keep every word, up and down."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from local.services import Services
from tests.conftest import ROOT
from tests.migrations.test_migrations import NAME, fresh  # noqa: F401  # a fixture

MODULES = [
    {
        "title": {"fr": "Le cap", "en": "The direction"},
        "points": [{"fr": "Dire", "en": "Say"}, {"fr": "Redire", "en": "Say again"}],
    }
]


def test_what_was_written_before_is_kept(fresh: Flask, services: Services) -> None:  # noqa: F811
    folder = str(ROOT / "migrations")
    scripts = ScriptDirectory(folder).walk_revisions()
    ours = next(script for script in scripts if str(script.path).endswith("_programmes.py"))
    upgrade(directory=folder, revision=str(ours.down_revision))
    firm, workspace, offer = uuid4(), uuid4(), uuid4()
    old, version = [uuid4() for _ in range(2)], [uuid4() for _ in range(2)]
    with psycopg.connect(services.postgres.dsn(NAME)) as db:
        db.execute("INSERT INTO firm (id, slug, name) VALUES (%s, 'a', 'A')", (firm,))
        db.execute("INSERT INTO workspace (firm_id, id, slug, name) VALUES (%s, %s, 'w', 'W')", (firm, workspace))
        for n, reference in enumerate(("MGT 01", "mgt-01")):
            db.execute("INSERT INTO programme (firm_id, id, reference, state, visibility) VALUES (%s, %s, %s, 'published', 'tailored')",
                       (firm, old[n], reference))  # fmt: skip
            db.execute(
                "INSERT INTO programme_version (firm_id, id, programme_id, number, title, texts, minutes, days, modality, min_group,"
                " max_group, price_seat_cents, price_group_cents, published_at) VALUES (%s, %s, %s, 1, %s, %s, 1, 1, 'onsite', 1, 2, 1, 1, now())",
                (
                    firm,
                    version[n],
                    old[n],
                    json.dumps({"fr": "Élever"}),
                    json.dumps({"modules": MODULES, "summary": {"en": "Cœur"}}),
                ),
            )
        db.execute("INSERT INTO offer (firm_id, workspace_id, id, version_id, price_cents) VALUES (%s, %s, %s, %s, 7)",
                   (firm, workspace, offer, version[0]))  # fmt: skip
    upgrade(directory=folder, revision=ours.revision)
    with psycopg.connect(services.postgres.dsn(NAME)) as db:
        rows = db.execute("SELECT slug, searched, visibility, tailored_for FROM programme ORDER BY slug").fetchall()
        assert rows == [("mgt-01", rows[0][1], "offered", None), ("mgt-01-2", rows[1][1], "offered", None)]
        assert {row[1] for row in rows} == {"mgt 01", "mgt-01"}
        found = db.execute("SELECT is_newest, is_current, searched, texts->'modules' FROM programme_version").fetchall()
        content = [{"title": MODULES[0]["title"], "content": {"fr": "Dire\nRedire", "en": "Say\nSay again"}}]
        assert found == [(True, True, "elever coeur", content)] * 2
        assert db.execute("SELECT programme_id, price_cents FROM offer").fetchall() == [(old[0], 7)]
        assert db.execute("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'programme'").fetchone() == (True,)
    downgrade(directory=folder, revision=str(ours.down_revision))
    with psycopg.connect(services.postgres.dsn(NAME)) as db:
        assert db.execute("SELECT texts->'modules' FROM programme_version").fetchall() == [(MODULES,)] * 2
        assert db.execute("SELECT version_id FROM offer").fetchall() == [(version[0],)]

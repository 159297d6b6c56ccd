"""The three home pages and a list, sessions with few people and with many, an import and enrolments, beside bare pages and
bare psycopg, in one run. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import os

import psycopg

from bench import enrolments, imports, pages, rosters


def a_manager() -> tuple[str, str]:
    """Somebody with a seat and no other role: their company's slug and their address."""
    with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        row = connection.execute(
            "SELECT w.slug, m.email FROM member m JOIN enrolment e ON e.member_id = m.id JOIN workspace w ON w.id = m.workspace_id"
            " WHERE e.state = 'seated' AND m.roles = '{participant}' LIMIT 1"
        ).fetchone()
    if row is None:
        raise RuntimeError("nobody in the demo has a seat")
    return str(row[0]), str(row[1])


def main() -> None:
    with pages.stage(("demo", "load"), CORDEE_DEMO="1") as (app, _):
        slug, manager = a_manager()
        wanted = {
            "staff's home": ("/equoranda/", "camille.lenoir@equoranda.example"),
            "HR's home": ("/equoranda/w/alpes-industrie/", "helene.roux@alpes-industrie.example"),
            "manager's home": (f"/equoranda/w/{slug}/", manager),
            "list of people": ("/equoranda/w/alpes-industrie/people", "helene.roux@alpes-industrie.example"),
            "the catalogue, staff's": ("/equoranda/programmes", "camille.lenoir@equoranda.example"),
            "the catalogue, public": ("/equoranda/catalogue", ""),
        }
        with app.app_context():
            wanted |= rosters.pages()
        with psycopg.connect(os.environ["BENCH_DSN"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        pages.compare(app, wanted, {"bare Flask page": "/hello", "one query and a template": "/list"})
        imports.run(dict(os.environ))
        enrolments.run(dict(os.environ))


if __name__ == "__main__":
    main()

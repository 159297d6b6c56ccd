"""The public catalogue and the staff's list, with few and with many programmes, beside a bare Flask page; and a PDF.

`make bench-catalogue`. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from bench.__main__ import BIN, ROOT, free_port, measure, served, signed_in, statements
from local.services import Services

ROUNDS = 3
# Firms by how many programmes they have.
FIRMS = {"ten": 10, "thousand": 1_000, "many": 10_000}
SENTENCE = "Tenir son rôle avec justesse : donner un cap, dire les choses, faire grandir son équipe."


def firm(slug: str, number: int) -> UUID:
    """A firm whose programmes are all public, each with whole texts in both languages; the id of one version."""
    from saas.catalogue.commands import programmes
    from saas.catalogue.models import Programme, ProgrammeVersion
    from saas.identity import commands as identity
    from saas.kit.clock import now
    from saas.workspaces.models import FirmProfile
    from tenants.db import db, new_id
    from tenants.models import Firm
    from tenants.scope import Scope, inside

    firm_id = new_id()
    with inside(Scope.platform()):
        db.session.add(Firm(id=firm_id, slug=slug, name=slug.title()))
    both = {"fr": SENTENCE * 3, "en": SENTENCE * 3}
    names = ("summary", "audience", "prerequisites", "methods", "assessment", "accessibility", "access", "results")
    texts = dict.fromkeys(names, both) | {"objectives": [both] * 4, "modules": [{"title": both, "content": both}] * 4}
    with inside(Scope.firm(firm_id)):
        identity.add_staff("Bench", f"owner@{slug}.example", ["owner"])
        db.session.add(FirmProfile(id=firm_id, legal_name=slug.title(), email=f"hello@{slug}.example"))
        programmes.show_catalogue(is_public=True)
        ids = [new_id() for _ in range(number)]
        db.session.add_all(
            Programme(id=i, reference=f"P-{n:05}", slug=f"programme-{n}", state="published", visibility="public")
            for n, i in enumerate(ids)
        )
        db.session.flush()
        versions = [
            ProgrammeVersion(
                id=new_id(), programme_id=i, number=1, title={"fr": f"Élever le débat {n}", "en": f"Raising the debate {n}"}, texts=texts,
                minutes=840, days=4, modality="onsite", min_group=4, max_group=12, price_seat_cents=115_000, price_group_cents=690_000,
                is_newest=True, is_current=True, published_at=now(),
            )
            for n, i in enumerate(ids)
        ]  # fmt: skip
        db.session.add_all(versions)
        return versions[0].id


def sheet(slug: str, version_id: UUID) -> list[float]:
    """Milliseconds of thirty PDFs of one version, the compiler kept."""
    from sqlalchemy import select

    from saas.catalogue import sheets
    from saas.catalogue.models import ProgrammeVersion
    from tenants.db import db
    from tenants.models import Firm
    from tenants.scope import Scope, inside

    with inside(Scope.platform()):
        firm_id = db.session.scalars(select(Firm.id).where(Firm.slug == slug)).one()
    with inside(Scope.firm(firm_id)):
        version, taken = db.session.get_one(ProgrammeVersion, (firm_id, version_id)), []
        for n in range(31):
            began = time.perf_counter()
            sheets.render(version, "fr", firm_name=slug, reference=f"P-{n}")
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def main() -> None:
    port, bare_port = free_port(), free_port()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services = stack.enter_context(Services(data / "data"))
        services.create_database("bench")
        services.bootstrap("bench")
        os.environ |= {
            "DATABASE_URL": services.postgres.url("app_login", "bench"), "REDIS_URL": services.redis.url,
            "MIGRATION_DATABASE_URL": services.postgres.url("postgres", "bench"), "SECRET_KEY": "bench-0123456789abcdef0123456789",
            "PUBLIC_URL": f"http://127.0.0.1:{port}", "STORAGE_DIR": str(data / "files"), "BENCH_DSN": services.postgres.dsn("bench"),
        }  # fmt: skip
        subprocess.run([str(BIN / "flask"), "--app", "wsgi", "db", "upgrade"], cwd=ROOT, check=True)
        from saas.app import create_app

        app = create_app()
        pages: dict[str, tuple[str, str]] = {}
        with app.app_context():
            for slug, number in FIRMS.items():
                first = firm(slug, number)
                owner = signed_in(f"owner@{slug}.example")
                if number < 10_000:
                    pages[f"public catalogue, {number:,}"] = (f"/{slug}/catalogue", "")
                    pages[f"public search, {number:,}"] = (f"/{slug}/catalogue?q=debat+1", "")
                    pages[f"public programme, {number:,}"] = (f"/{slug}/catalogue/programme-1", "")
                if number != 1_000:
                    pages[f"staff's list, {number:,}"] = (f"/{slug}/programmes", owner)
                    pages[f"staff's search, {number:,}"] = (f"/{slug}/programmes?q=elever+7", owner)
            name = app.config["SIGN_IN_COOKIE"]
            asked = {label: statements(path, (name, token), f"127.0.0.1:{port}") for label, (path, token) in pages.items()}
            taken = sheet("many", first)
        subprocess.run([sys.executable, "-c", "import os,psycopg;psycopg.connect(os.environ['BENCH_DSN'],autocommit=True).execute('VACUUM ANALYZE')"],
                       check=True)  # fmt: skip
        stack.enter_context(served("wsgi:app", port, dict(os.environ)))
        stack.enter_context(served("bench.bare:app", bare_port, dict(os.environ)))
        _report(port, bare_port, name, pages, asked)
        print(f"{'PDF of a programme':28}{statistics.median(taken[1:]):>10.2f}   the first one {taken[0]:.0f}")


def _report(port: int, bare_port: int, name: str, pages: dict[str, tuple[str, str]], asked: dict[str, int]) -> None:
    wanted = {"bare Flask page": (bare_port, "/hello", "")}
    wanted |= {label: (port, path, f"{name}={token}; language=fr" if token else "") for label, (path, token) in pages.items()}
    found: dict[str, list[float]] = {label: [] for label in wanted}
    sizes: dict[str, int] = {}
    for _ in range(ROUNDS):  # each page in turn, so that a busy moment of the machine hits all alike
        for label, (where, path, cookie) in wanted.items():
            milliseconds, sizes[label] = measure(where, path, cookie)
            found[label].append(milliseconds)
    bare = statistics.median(found["bare Flask page"])
    print(f"{'page':28}{'median ms':>10}{'× bare':>10}{'bytes gz':>10}{'SQL':>6}")
    for label, values in found.items():
        median = statistics.median(values)
        print(f"{label:28}{median:>10.2f}{median / bare:>10.1f}{sizes[label]:>10,}{asked.get(label, ''):>6}")


if __name__ == "__main__":
    main()

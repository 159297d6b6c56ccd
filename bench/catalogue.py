"""The public catalogue and the staff's list, with few and with many programmes, beside a bare Flask page; and a PDF.

`make bench-catalogue`. Trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import os
import statistics
import time
from uuid import UUID

import psycopg

from bench import pages

# Firms by how many programmes they have.
FIRMS = {"ten": 10, "thousand": 1_000, "many": 10_000}
SENTENCE = "Tenir son rôle avec justesse : donner un cap, dire les choses, faire grandir son équipe."


def firm(slug: str, number: int) -> UUID:
    """A firm whose programmes are all public, each with whole texts in both languages; the id of one version."""
    from saas.catalogue.commands import programmes
    from saas.catalogue.models import Programme, ProgrammeVersion
    from saas.identity.commands.people import add_staff
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
        add_staff("Bench", f"owner@{slug}.example", ["owner"])
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
    with pages.stage() as (app, _):
        wanted: dict[str, tuple[str, str]] = {}
        with app.app_context():
            for slug, number in FIRMS.items():
                first, owner = firm(slug, number), f"owner@{slug}.example"
                if number < 10_000:
                    wanted[f"public catalogue, {number:,}"] = (f"/{slug}/catalogue", "")
                    wanted[f"public search, {number:,}"] = (f"/{slug}/catalogue?q=debat+1", "")
                    wanted[f"public programme, {number:,}"] = (f"/{slug}/catalogue/programme-1", "")
                if number != 1_000:
                    wanted[f"staff's list, {number:,}"] = (f"/{slug}/programmes", owner)
                    wanted[f"staff's search, {number:,}"] = (f"/{slug}/programmes?q=elever+7", owner)
            taken = sheet("many", first)
        with psycopg.connect(os.environ["BENCH_DSN"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        pages.compare(app, wanted, {"bare Flask page": "/hello"})
        print(f"{'PDF of a programme':34}{statistics.median(taken[1:]):>10.2f}   the first one {taken[0]:.0f}")


if __name__ == "__main__":
    main()

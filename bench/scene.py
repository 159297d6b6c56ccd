"""What measures of enrolments are played with: a firm, a client, many people, many sessions that do not meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from tenants.scope import Scope, inside


def a_client(slug: str) -> Scope:
    """A new firm with an owner and an HR (`owner@<slug>.example`, `hr@<slug>.example`), and the scope of its one client."""
    from saas.identity.commands.people import add_member, add_staff
    from saas.workspaces.commands.clients import create_workspace
    from saas.workspaces.models import FirmProfile
    from tenants.db import db, new_id
    from tenants.models import Firm

    firm_id = new_id()
    with inside(Scope.platform()):
        db.session.add(Firm(id=firm_id, slug=slug, name=slug.title()))
    with inside(Scope.firm(firm_id)):
        add_staff("Bench", f"owner@{slug}.example", ["owner"])
        db.session.add(FirmProfile(id=firm_id, legal_name=slug.title(), email=f"hello@{slug}.example"))
        client = create_workspace("Client", language="fr", colour="#0057b8").id
    with inside(Scope.workspace(firm_id, client)):
        add_member("Inès", "Bench", f"hr@{slug}.example", roles=["hr"], language="fr")
    return Scope.workspace(firm_id, client)


def people(client: Scope, number: int) -> list[UUID]:
    """So many managers more: their ids."""
    from bench.people import FIRST, JOBS, LAST
    from saas.identity.models import Member
    from tenants.db import db, new_id

    ids = [new_id() for _ in range(number)]
    with inside(client):
        for n, i in enumerate(ids):
            first, last = FIRST[n % 10], LAST[n // 10 % 10]
            db.session.add(
                Member(
                    id=i, first_name=first, last_name=last, name_folded=Member.folded(first, last), email=f"{i}@client.example",
                    email_norm=f"{i}@client.example", roles=["participant"], language="fr", job_title=JOBS[n % 4],
                    department=f"Direction {n % 40:02}",
                )
            )  # fmt: skip
    return ids


def sessions(client: Scope, number: int, capacity: int, after: int = 30) -> list[UUID]:
    """So many sessions of two days, one after the other from `after` days on, open to the client: the ids of their links."""
    from sqlalchemy import select

    from saas.catalogue.commands import programmes
    from saas.catalogue.commands import sessions as catalogue
    from saas.catalogue.models import ProgrammeVersion
    from saas.kit.clock import now
    from tenants.db import db

    assert client.firm_id and client.workspace_id
    start = now().replace(hour=8, minute=0, second=0, microsecond=0) + dt.timedelta(days=after)
    links = []
    with inside(Scope.firm(client.firm_id)):
        version = db.session.scalars(select(ProgrammeVersion)).first() or programmes.publish_programme(
            "BENCH-1", {"fr": "Élever le débat", "en": "Raising the debate"}, {}, minutes=840, days=4, modality="onsite", min_group=2,
            max_group=12, price_seat_cents=115_000, price_group_cents=690_000,
        )  # fmt: skip
        for n in range(number):
            days = [start + dt.timedelta(days=2 * n + day) for day in (0, 1)]
            halves = [(day + dt.timedelta(hours=h), day + dt.timedelta(hours=h + 3)) for day in days for h in (0, 5)]
            session = catalogue.open_session(
                version, kind="inter", slots=halves, place=catalogue.Place("Salle 1", "Grenoble"), capacity=capacity, minimum=2
            )
            links.append(catalogue.link(session, client.workspace_id, 115_000).id)
    return links


def enrol(client: Scope, link_id: UUID, ids: Sequence[UUID]) -> tuple[int, int]:
    """Load a session and people, and enrol them as HR's button does, in a transaction of its own: (seated, waiting)."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from saas.catalogue.models import SessionLink, TrainingSession
    from saas.enrolments.commands import enrolling
    from saas.identity.models import Member
    from tenants.db import db

    with inside(client):
        whole = joinedload(SessionLink.session).joinedload(TrainingSession.version)
        link = db.session.scalars(select(SessionLink).where(SessionLink.id == link_id).options(whole)).one()
        members = db.session.scalars(select(Member).where(Member.id.in_(ids))).all()
        done = enrolling.enrol(link, members, undoable=True)
        return len(done.seated), len(done.waiting)

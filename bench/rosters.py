"""Pages of sessions with few people and with many, a client's enrolments, and the catalogue, beside bare pages."""

from __future__ import annotations

from uuid import UUID

from bench import scene
from tenants.scope import Scope, inside

FEW, MANY, ALL = 10, 1_000, 10_000


def pages() -> dict[str, tuple[str, str]]:
    """Two firms, one with few people in sessions and one with many; what to ask for: label → (path, address of who asks)."""
    small, large = scene.a_client("small"), scene.a_client("large")
    _fill(small, sessions=1, each=FEW)
    _fill(large, sessions=ALL // MANY, each=MANY)
    wanted: dict[str, tuple[str, str]] = {}
    for slug, client, people, enrolments in (("small", small, FEW, FEW), ("large", large, MANY, ALL)):
        link_id, session_id = _first(client)
        owner, hr = f"owner@{slug}.example", f"hr@{slug}.example"
        wanted |= {
            f"staff's session, {people:,} people": (f"/{slug}/sessions/{session_id}", owner),
            f"HR's session, {people:,} people": (f"/{slug}/w/client/sessions/{link_id}", hr),
            f"HR's enrolments, {enrolments:,}": (f"/{slug}/w/client/enrolments", hr),
        }
    return wanted


def _fill(client: Scope, sessions: int, each: int) -> None:
    crowd = scene.people(client, each)
    for link_id in scene.sessions(client, sessions, each):
        for n in range(0, each, 100):
            scene.enrol(client, link_id, crowd[n : n + 100])


def _first(client: Scope) -> tuple[UUID, UUID]:
    """The link and the session of the client's first date."""
    from sqlalchemy import select

    from saas.catalogue.models import SessionLink
    from tenants.db import db

    with inside(client):
        link = db.session.scalars(select(SessionLink).order_by(SessionLink.id).limit(1)).one()
        return link.id, link.session_id

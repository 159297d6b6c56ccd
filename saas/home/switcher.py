"""From one client to another without losing one's place: the sessions of one lead to the sessions of the other."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, url_for
from sqlalchemy import case, select

from saas.home.directory import matches
from saas.kit.access import may
from saas.kit.shell import CLIENT, NAV
from tenants.db import db
from tenants.models import Workspace

MOST = 30
# The blueprints of pages, a client's or the console's, and the page of a client that is their like.
SECTIONS = {
    "links": "links.index", "seats": "links.index", "attendance": "links.index", "sessions": "links.index", "rosters": "links.index",
    "offers": "offers.index", "programmes": "offers.index", "people": "people.index", "imports": "people.index",
    "spaces": "spaces.home", "threads": "spaces.home", "rituals": "spaces.home", "invoices": "invoices.client_index",
    "payments": "invoices.client_index", "parties": "clients.settings",
}  # fmt: skip


def clients(search: str) -> Sequence[Workspace]:
    """Firm scope: the clients one may go to, the pinned ones first; one more than are shown tells that there are more."""
    pinned = [pin.id for pin in g.viewer.rail.pins]
    rows = db.session.scalars(
        select(Workspace)
        .where(Workspace.state == "active", *matches(Workspace.searched, search))
        .order_by(case((Workspace.id.in_(pinned), 0), else_=1), Workspace.name_folded)
        .limit(MOST + 1)
    )
    return rows.all()


def section(endpoint: str) -> str:
    """The page of a client that stands for the page one is on; its home when there is none that one may open."""
    if endpoint in ("clients.settings", "clients.brand") and may("owner", "advisor"):
        return "clients.settings"
    page = SECTIONS.get(endpoint.partition(".")[0], "")
    if page == "clients.settings":
        return page if may("owner", "advisor") else "home.workspace"
    audiences = next((entry.audiences for entry in NAV if entry.face == CLIENT and entry.endpoint == page), ())
    return page if audiences and may(*audiences) else "home.workspace"


def href(client: Workspace, endpoint: str) -> str:
    """Where a client is gone to from a page."""
    return url_for(section(endpoint), workspace=client.slug)

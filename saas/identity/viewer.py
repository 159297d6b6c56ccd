"""Who is looking: one statement as the login role, before any scope exists, then a frozen answer for the request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, g, request
from sqlalchemy import RowMapping, text

from saas.kit.access import ACCOUNT, HR_OF_ALL, SIGNED_IN
from saas.kit.tokens import hashed
from tenants.db import db
from tenants.resolver import firm_slug

# A staff person's rail comes with the same statement.
WHO_IS = text("SELECT * FROM who_is(:token, :firm, :workspace)")
SEEN = text("SELECT touch_sign_in(:token)")


@dataclass(frozen=True, slots=True)
class Place:
    """The firm or the workspace of this address."""

    name: str
    slug: str
    colour: str = "#066584"
    logo: str = ""
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A client that a staff person keeps at hand."""

    id: UUID
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Rail:
    """What the console's rail says of clients: the pinned ones, and how many this person may act for."""

    pins: tuple[Pin, ...] = ()
    clients: int = 0


@dataclass(frozen=True, slots=True)
class Perimeter:
    """The sites and departments that an HR is limited to; an empty set is no limit."""

    sites: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    def holds(self, site: str, department: str) -> bool:
        """Whether somebody of this site and department is inside; without a site, nobody is inside a limit to sites."""
        return (not self.sites or site in self.sites) and (not self.departments or department in self.departments)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person and what they are here. Everything is empty for a stranger.

    `is_whole`: they proved themselves, and did not come through a company's provider alone. `wants`: there is a membership
    here that does not open yet: the second factor is to be given ('factor') or set up ('enrol'), or the company lets its
    people in through `connection_id` only ('sso').
    """

    sign_in_id: UUID | None = None
    account_id: UUID | None = None
    fresh_at: dt.datetime | None = None
    is_whole: bool = False
    lacks_factor: bool = False
    wants: str | None = None
    connection_id: UUID | None = None
    firm_id: UUID | None = None
    workspace_id: UUID | None = None
    staff_id: UUID | None = None
    member_id: UUID | None = None
    name: str = ""
    email: str = ""
    language: str | None = None
    roles: frozenset[str] = frozenset()
    firm: Place | None = None
    workspace: Place | None = None
    is_demo: bool = False
    clients: frozenset[UUID] | None = None  # a limited staff person's; None: all
    perimeter: Perimeter | None = None  # a limited HR's; None: everybody of the workspace
    rail: Rail = Rail()  # staff's

    @property
    def is_staff(self) -> bool:
        return self.staff_id is not None

    @property
    def is_archived(self) -> bool:
        return self.workspace is not None and self.workspace.is_archived

    @property
    def audiences(self) -> frozenset[str]:
        if not self.account_id:
            return self.roles
        whole = {HR_OF_ALL} if "hr" in self.roles and self.perimeter is None else set()
        own = {ACCOUNT} if self.is_whole and not self.lacks_factor else set()
        return self.roles | whole | own | {SIGNED_IN}


def cookie_token() -> str | None:
    token: str | None = request.cookies.get(current_app.config["SIGN_IN_COOKIE"])
    return token


def load_viewer() -> None:
    """Before each request: put the Viewer on g."""
    g.viewer = Viewer()
    if request.endpoint in {"assets.static", "identity.health"}:
        return
    token, firm = cookie_token(), firm_slug()
    if token or firm:
        g.viewer = viewer_at(token, firm, (request.view_args or {}).get("workspace"))


def viewer_at(token: str | None, firm: str | None, workspace: str | None) -> Viewer:
    """What the holder of a sign-in's token is at an address, whatever page asks: as the login role, before or beside a scope."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = {"token": hashed(token) if token else "", "firm": firm or "", "workspace": workspace or ""}
        who = connection.execute(WHO_IS, asked).one()._mapping
        if who["is_stale"]:
            connection.execute(SEEN, {"token": asked["token"]})
    return _viewer(who, firm, workspace)


def _viewer(who: RowMapping, firm: str | None, workspace: str | None) -> Viewer:
    return Viewer(
        sign_in_id=who["sign_in_id"],
        account_id=who["account_id"],
        fresh_at=who["fresh_at"],
        is_whole=who["is_whole"],
        lacks_factor=who["has_factor"] and who["factor_at"] is None,
        wants=who["wants"],
        connection_id=who["connection_id"],
        firm_id=who["firm_id"],
        workspace_id=who["workspace_id"],
        staff_id=who["staff_id"],
        member_id=who["member_id"],
        name=who["name"] or "",
        email=who["email"] or "",
        language=who["language"],
        roles=frozenset(who["staff_roles"] or ()) | frozenset(who["member_roles"] or ()),
        firm=Place(who["firm_name"], firm, logo=who["firm_logo"] or "") if who["firm_id"] and firm else None,
        workspace=_workspace(who, workspace) if who["workspace_id"] and workspace else None,
        is_demo=bool(who["is_demo"]),
        clients=None if who["staff_clients"] is None else frozenset(who["staff_clients"]),
        perimeter=_perimeter(who),
        rail=_rail(who),
    )


def _workspace(who: RowMapping, slug: str) -> Place:
    return Place(who["workspace_name"], slug, who["colour"], who["workspace_logo"] or "", who["workspace_state"] == "archived")


def _rail(who: RowMapping) -> Rail:
    return Rail(tuple(Pin(UUID(pin), name, slug) for pin, name, slug in who["pins"]), who["clients_count"])


def _perimeter(who: RowMapping) -> Perimeter | None:
    """Staff acting on a client are not limited by what they may be there as members."""
    sites, departments = frozenset(who["hr_sites"] or ()), frozenset(who["hr_departments"] or ())
    limited = (sites or departments) and "hr" in (who["member_roles"] or ()) and not who["staff_id"]
    return Perimeter(sites, departments) if limited else None

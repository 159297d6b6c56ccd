"""Who may open a page. Every view says so with ``@open_to``; one that does not answers 500 and fails a test.

A foreign or absent thing answers 404; 403 is only for what one may see but not do. Signed out, the answer is the same
redirect to sign-in whether the address leads anywhere or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import structlog
from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.kit.clock import now
from saas.kit.errors import back
from tenants.resolver import firm_slug
from tenants.scope import Kind, Scope, enter

log = structlog.get_logger()
# How long ago somebody may have proved that it is them, to open a sensitive page; and to send what they typed there.
FRESH, FRESH_TO_SEND = dt.timedelta(minutes=5), dt.timedelta(minutes=30)
View = TypeVar("View", bound=Callable[..., Any])

EVERYONE = "everyone"
SIGNED_IN = "signed-in"
# A person in their own right, not through a company's provider alone, and with their second factor if they have one.
ACCOUNT = "account"
STAFF = ("owner", "advisor", "trainer", "accountant")
# Who of the staff acts on one client as a whole; a trainer reaches their own sessions from the console.
DESK = ("owner", "advisor", "accountant")
MEMBERS = ("hr", "sponsor", "participant")
# An HR whom nobody limited to some sites or departments: for what concerns the whole client, its invoices for one.
HR_OF_ALL = "hr-of-all"
AUDIENCES = frozenset({EVERYONE, SIGNED_IN, ACCOUNT, HR_OF_ALL, *STAFF, *MEMBERS})


class Viewer(Protocol):
    """What this page needs to know of who is looking; saas.identity makes it."""

    @property
    def account_id(self) -> UUID | None: ...
    @property
    def fresh_at(self) -> dt.datetime | None: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def lacks_factor(self) -> bool: ...
    @property
    def wants(self) -> str | None: ...
    @property
    def connection_id(self) -> UUID | None: ...
    @property
    def firm_id(self) -> UUID | None: ...
    @property
    def workspace_id(self) -> UUID | None: ...
    @property
    def clients(self) -> frozenset[UUID] | None: ...
    @property
    def is_archived(self) -> bool: ...
    @property
    def audiences(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Access:
    """Who a view is for, and the scope it works in (from its address when not said)."""

    audiences: frozenset[str]
    within: Kind | None
    even_archived: bool = False
    fresh: bool = False

    def scope(self, viewer: Viewer) -> Scope | None:
        """The scope of this request. None when the address leads nowhere this viewer could be."""
        if self.within is Kind.PLATFORM:
            return Scope.platform()
        if viewer.firm_id is None:
            return None
        if self.within is Kind.PUBLIC:
            return Scope.public(viewer.firm_id)
        if "workspace" not in (request.view_args or {}):
            return Scope.firm(viewer.firm_id, viewer.clients)
        if viewer.workspace_id is None:
            return None
        if self.within is Kind.COMMUNITY:
            return Scope.community(viewer.firm_id, viewer.workspace_id, cast(UUID, viewer.account_id))
        return Scope.workspace(viewer.firm_id, viewer.workspace_id)


def open_to(
    *audiences: str, within: Kind | None = None, even_archived: bool = False, fresh: bool = False
) -> Callable[[View], View]:
    """Say who a view is for: EVERYONE, SIGNED_IN, ACCOUNT, or roles of the firm's staff and of the workspace's members.

    An archived workspace is there to be read: only a view that says `even_archived` changes anything in it.
    `fresh`: a sensitive view; whoever opens it has proved within five minutes that it is them, and sends within thirty.
    """
    unknown = set(audiences) - AUDIENCES
    if unknown or not audiences:
        raise ValueError(f"open_to does not know {sorted(unknown) or 'nobody'}; it knows {sorted(AUDIENCES)}")

    def mark(view: View) -> View:
        view.access = Access(frozenset(audiences), within, even_archived, fresh)  # type: ignore[attr-defined]
        return view

    return mark


def may(*audiences: str) -> bool:
    """Whether the person looking is one of these; for templates and for commands that differ by role."""
    return bool(g.viewer.audiences & set(audiences))


def guard() -> Response | None:
    """Before each view: check who is looking, then set the scope."""
    if request.endpoint is None:
        return None if g.viewer.account_id or not firm_slug() else _to_sign_in()
    access: Access | None = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is None:
        log.error("view without @open_to", endpoint=request.endpoint)
        abort(500)
    viewer: Viewer = g.viewer
    if EVERYONE not in access.audiences and viewer.account_id is None:
        return _to_sign_in()
    scope = access.scope(viewer)
    if scope is None:
        abort(404)
    if not access.audiences & (viewer.audiences | {EVERYONE}):
        step = _step_up(access, viewer)
        if step is not None:
            return step
        abort(403 if viewer.audiences - {SIGNED_IN, ACCOUNT} or ACCOUNT in access.audiences else 404)
    if access.fresh and not _is_fresh(viewer):
        return redirect(url_for("identity.again", next=_here()), 303)
    enter(scope)
    if viewer.is_archived and request.method not in ("GET", "HEAD") and not access.even_archived:
        abort(409, _("This client is archived: restore it to change anything."))
    return None


def _step_up(access: Access, viewer: Viewer) -> Response | None:
    """On to what is lacking, for somebody whose membership here does not open yet; None when there is none."""
    if viewer.wants == "sso":
        return redirect(url_for("sso.start", connection_id=viewer.connection_id, next=_here()), 303)
    if viewer.wants == "factor" or (ACCOUNT in access.audiences and viewer.is_whole and viewer.lacks_factor):
        return redirect(url_for("identity.factor", next=_here()), 303)
    return redirect(url_for("identity.new_factor", next=_here()), 303) if viewer.wants == "enrol" else None


def _is_fresh(viewer: Viewer) -> bool:
    longest = FRESH if request.method in ("GET", "HEAD") else FRESH_TO_SEND
    return viewer.fresh_at is not None and viewer.fresh_at > now() - longest


def _here() -> str:
    """The page to come back to: this one, or the one that this form was on."""
    if request.method in ("GET", "HEAD"):
        return f"{request.script_root}{request.full_path.rstrip('?')}"
    return back(f"{request.script_root}{request.path}")


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("identity.sign_in", next=f"{request.script_root}{here}"), 303)

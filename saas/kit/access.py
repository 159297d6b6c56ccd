"""Who may open a page. Every view says so with ``@open_to``; one that does not answers 500 and fails a test.

A foreign or absent thing answers 404; 403 is only for what one may see but not do. Signed out, the answer is the same
redirect to sign-in whether the address leads anywhere or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import structlog
from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tenants.resolver import firm_slug
from tenants.scope import Kind, Scope, enter

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])

EVERYONE = "everyone"
SIGNED_IN = "signed-in"
STAFF = ("owner", "advisor", "trainer", "accountant")
# Who of the staff acts on one client as a whole; a trainer reaches their own sessions from the console.
DESK = ("owner", "advisor", "accountant")
MEMBERS = ("hr", "sponsor", "participant")
# An HR whom nobody limited to some sites or departments: for what concerns the whole client, its invoices for one.
HR_OF_ALL = "hr-of-all"
AUDIENCES = frozenset({EVERYONE, SIGNED_IN, HR_OF_ALL, *STAFF, *MEMBERS})


class Viewer(Protocol):
    """What this page needs to know of who is looking; saas.identity makes it."""

    @property
    def account_id(self) -> UUID | None: ...
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


def open_to(*audiences: str, within: Kind | None = None, even_archived: bool = False) -> Callable[[View], View]:
    """Say who a view is for: EVERYONE, SIGNED_IN, or roles of the firm's staff and of the workspace's members.

    An archived workspace is there to be read: only a view that says `even_archived` changes anything in it.
    """
    unknown = set(audiences) - AUDIENCES
    if unknown or not audiences:
        raise ValueError(f"open_to does not know {sorted(unknown) or 'nobody'}; it knows {sorted(AUDIENCES)}")

    def mark(view: View) -> View:
        view.access = Access(frozenset(audiences), within, even_archived)  # type: ignore[attr-defined]
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
        abort(403 if viewer.audiences - {SIGNED_IN} else 404)
    enter(scope)
    if viewer.is_archived and request.method not in ("GET", "HEAD") and not access.even_archived:
        abort(409, _("This client is archived: restore it to change anything."))
    return None


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("identity.sign_in", next=f"{request.script_root}{here}"), 303)

"""The one security idea: every unit of work runs in exactly one scope, which PostgreSQL enforces as a role.

A request, a job or a command sets its scope once at its edge; the prologue of each transaction (tenants.db) then
enters the matching database role. No scope means no transaction at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from flask import current_app
from flask.ctx import AppContext
from flask.globals import app_ctx


class NoScope(RuntimeError):
    """Work was attempted in no scope, or in another scope than the one its db.session was opened in."""


class Kind(StrEnum):
    PLATFORM = "platform"
    PUBLIC = "public"
    FIRM = "firm"
    WORKSPACE = "workspace"
    COMMUNITY = "community"


NEEDS = {
    Kind.PLATFORM: (),
    Kind.PUBLIC: ("firm_id",),
    Kind.FIRM: ("firm_id",),
    Kind.WORKSPACE: ("firm_id", "workspace_id"),
    Kind.COMMUNITY: ("firm_id", "workspace_id", "account_id"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a unit of work happens. Raises ValueError when the ids do not fit the kind."""

    kind: Kind
    firm_id: UUID | None = None
    workspace_id: UUID | None = None
    account_id: UUID | None = None
    clients: frozenset[UUID] | None = None  # firm scope of somebody limited to these workspaces; None: all

    def __post_init__(self) -> None:
        given = tuple(name for name in ("firm_id", "workspace_id", "account_id") if getattr(self, name) is not None)
        if given != NEEDS[self.kind]:
            raise ValueError(f"a {self.kind} scope takes {NEEDS[self.kind]}, not {given}")
        if self.clients is not None and self.kind is not Kind.FIRM:
            raise ValueError("only a firm scope is limited to some clients")

    def reaches(self, workspace_id: UUID) -> bool:
        """Whether a workspace of this firm is within the limits of whoever acts."""
        return self.clients is None or workspace_id in self.clients

    @classmethod
    def platform(cls) -> Scope:
        return cls(Kind.PLATFORM)

    @classmethod
    def public(cls, firm_id: UUID) -> Scope:
        return cls(Kind.PUBLIC, firm_id)

    @classmethod
    def firm(cls, firm_id: UUID, clients: frozenset[UUID] | None = None) -> Scope:
        return cls(Kind.FIRM, firm_id, clients=clients)

    @classmethod
    def workspace(cls, firm_id: UUID, workspace_id: UUID) -> Scope:
        return cls(Kind.WORKSPACE, firm_id, workspace_id)

    @classmethod
    def community(cls, firm_id: UUID, workspace_id: UUID, account_id: UUID) -> Scope:
        return cls(Kind.COMMUNITY, firm_id, workspace_id, account_id)


def current_scope() -> Scope:
    """The scope of the unit of work in hand. Raises NoScope when there is none."""
    try:
        return cast(Scope, app_ctx.scope)  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError):
        raise NoScope("no scope is set: see tenants.scope.inside and saas.kit.access.open_to") from None


def enter(scope: Scope) -> None:
    """Set the scope of the application context in hand, once. Raises NoScope when another one is set already."""
    context: Any = app_ctx._get_current_object()  # type: ignore[attr-defined]
    if getattr(context, "scope", scope) != scope:
        raise NoScope("the scope of a unit of work never changes")
    context.scope = scope


@contextmanager
def inside(scope: Scope) -> Iterator[AppContext]:
    """Run a block in `scope`, in its own context and db.session; commits at the end, rolls back on an error."""
    from tenants.db import db

    with current_app.app_context() as context:
        context.scope = scope  # type: ignore[attr-defined]
        try:
            yield context
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise

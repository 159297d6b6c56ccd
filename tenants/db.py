"""The database door: base classes of every table, and the prologue that puts each transaction in its scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import uuid_utils
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, Text, Uuid, and_, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    RelationshipProperty,
    SessionTransaction,
    foreign,
    mapped_column,
    registry,
    relationship,
    remote,
    with_loader_criteria,
)

from tenants.scope import Kind, NoScope, Scope, current_scope

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ROLES = {kind: f"ctx_{kind}" for kind in Kind}


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            str: Text,
            UUID: Uuid,
            dt.datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB,
            dict[str, str]: JSONB,
            list[Any]: JSONB,
        },
    )


class TenantSession(Session):
    """A db.session that can only work inside a scope."""


db = SQLAlchemy(model_class=Base, session_options={"class_": TenantSession})

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What the tables inherit from; at run time, Flask-SQLAlchemy's own model class."""

        def __init__(self, **values: Any) -> None: ...
else:
    Model = db.Model


def new_id() -> UUID:
    """A time-ordered id (UUID version 7, RFC 9562), made here because PostgreSQL 15 cannot."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def _from_scope(name: str) -> Callable[[], UUID | None]:
    def value() -> UUID | None:
        return getattr(current_scope(), name)  # type: ignore[no-any-return]

    return value


class FirmOwned:
    """A row of one firm. Its firm is stamped from the scope."""

    firm_id: Mapped[UUID] = mapped_column(primary_key=True, default=_from_scope("firm_id"), sort_order=-30)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class WorkspaceOwned:
    """A row of one workspace of one firm. Both are stamped from the scope."""

    firm_id: Mapped[UUID] = mapped_column(primary_key=True, default=_from_scope("firm_id"), sort_order=-30)
    workspace_id: Mapped[UUID] = mapped_column(primary_key=True, default=_from_scope("workspace_id"), sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class PlatformOwned:
    """A row of the platform itself: accounts, sign-ins, webhook events. It holds no firm's data."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Shared:
    """A row whose owner may be the platform, a firm or a workspace, as the scope that wrote it."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-30)
    firm_id: Mapped[UUID | None] = mapped_column(default=_from_scope("firm_id"), sort_order=-20)
    workspace_id: Mapped[UUID | None] = mapped_column(default=_from_scope("workspace_id"), sort_order=-10)


OWNERS = {"firm": ("firm_id",), "workspace": ("firm_id", "workspace_id")}


def fk(table: str, column: str, owner: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that leads with the owner's columns, so that a row can only name a row of its own owner."""
    lead = OWNERS[owner]
    return ForeignKeyConstraint([*lead, column], [f"{table}.{name}" for name in (*lead, "id")], ondelete=ondelete)


def workspace_fk() -> ForeignKeyConstraint:
    """The key of a workspace-owned row to its workspace: a row cannot claim a firm its workspace is not of."""
    return ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"])


def _ends(rel: RelationshipProperty[Any]) -> tuple[Any, Any]:
    # rel.entity inside a primaryjoin recurses for ever; rel.argument does not.
    there = rel.argument
    if isinstance(there, str):
        there = next(m.class_ for m in rel.parent.registry.mappers if m.class_.__name__ == rel.argument)
    return rel.parent.class_, there


def _owners_shared(here: Any, there: Any) -> list[str]:
    return [c for c in ("firm_id", "workspace_id") if c in there.__table__.c and c in here.__table__.c]


def to_one(column: str, **kw: Any) -> Any:
    """A relationship to the row that `column` names, joined on the owner's columns too.

    Only the id column is marked foreign: otherwise two relationships would claim to write the owner's columns.
    """

    def join() -> Any:
        here, there = _ends(rel)
        owners = [getattr(here, c) == remote(getattr(there, c)) for c in _owners_shared(here, there)]
        return and_(*owners, foreign(getattr(here, column)) == remote(there.id))

    rel: RelationshipProperty[Any] = relationship(primaryjoin=join, **kw)
    return rel


def to_many(column: str, **kw: Any) -> Any:
    """The rows whose `column` names this one. See to_one."""

    def join() -> Any:
        here, there = _ends(rel)
        owners = [getattr(here, c) == remote(getattr(there, c)) for c in _owners_shared(here, there)]
        return and_(*owners, remote(foreign(getattr(there, column))) == here.id)

    rel: RelationshipProperty[Any] = relationship(primaryjoin=join, **kw)
    return rel


def prologue(scope: Scope) -> str:
    """The statements that put a transaction in its scope. Built from a closed set of roles and from UUIDs only."""
    ids = {"firm_id": scope.firm_id, "workspace_id": scope.workspace_id, "account_id": scope.account_id}
    settings = [f"SET LOCAL app.{name} = '{UUID(str(value)) if value else ''}'" for name, value in ids.items()]
    return "; ".join([f"SET LOCAL ROLE {ROLES[scope.kind]}", *settings])


@event.listens_for(TenantSession, "after_begin")
def _enter(session: TenantSession, transaction: SessionTransaction, connection: Connection) -> None:
    scope = current_scope()
    if session.info.setdefault("scope", scope) != scope:
        raise NoScope("the scope changed under an open db.session")
    if transaction.nested:
        return  # a savepoint inherits the role and the settings
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(prologue(scope), prepare=False)  # no bound values, so the statements go in one message
    except psycopg.OperationalError as error:  # SQLAlchemy does not see this statement: tell it as it would have told us
        connection.invalidate(error)
        raise OperationalError("the prologue", None, error) from error


@event.listens_for(TenantSession, "do_orm_execute")
def _belt(state: ORMExecuteState) -> None:
    """Refuse a session of another scope, and add the owner to each ORM statement: the planner wants it as well."""
    scope = current_scope()
    if state.session.info.get("scope", scope) != scope:
        raise NoScope("the scope changed under an open db.session")
    if state.is_column_load or state.is_relationship_load or scope.firm_id is None:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    firm_id, workspace_id = scope.firm_id, scope.workspace_id
    options = [with_loader_criteria(FirmOwned, lambda c: c.firm_id == firm_id, include_aliases=True)]
    if workspace_id is None:
        options.append(with_loader_criteria(WorkspaceOwned, lambda c: c.firm_id == firm_id, include_aliases=True))
    else:
        options.append(
            with_loader_criteria(
                WorkspaceOwned,
                lambda c: (c.firm_id == firm_id) & (c.workspace_id == workspace_id),
                include_aliases=True,
            )
        )
    if scope.clients is not None:
        options += _limits(scope.clients)
    state.statement = state.statement.options(*options)


def _limits(clients: frozenset[UUID]) -> list[Any]:
    """For somebody limited to some clients of the firm: of everything that is of a workspace, theirs alone.

    A belt of the code, as between roles of one scope: the firm's role may read all of the firm's rows.
    """
    limited = []
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        column = mapper.class_.id if getattr(table, "name", "") == "workspace" else getattr(mapper.class_, "workspace_id", None)
        if column is not None:
            limited.append(with_loader_criteria(mapper.class_, column.in_(clients), include_aliases=True))
    return limited


@event.listens_for(TenantSession, "before_flush")
def _refuse_strangers(session: TenantSession, *_: Any) -> None:
    """Refuse to write a row of another owner than the scope's, before PostgreSQL would."""
    scope = current_scope()
    for row in (*session.new, *session.dirty, *session.deleted):
        for name in ("firm_id", "workspace_id"):
            mine, theirs = getattr(scope, name), getattr(row, name, None)
            if mine is not None and theirs is not None and mine != theirs:
                raise PermissionError(f"{type(row).__name__} of another {name.removesuffix('_id')}")

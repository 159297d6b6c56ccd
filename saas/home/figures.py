"""What a client's figures are made of: one subquery each, of all clients of the scope or of some. Firm scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, case, func, select

from saas.billing.models import Invoice, Payment
from saas.catalogue.models import SessionLink, SessionSeats, TrainingSession
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import now, today
from tenants.db import db
from tenants.models import Workspace

WEEKS = 8


def _only(statement: Any, column: Any, ids: Collection[UUID] | None) -> Subquery:
    found: Subquery = (statement if ids is None else statement.where(column.in_(ids))).group_by(column).subquery()
    return found


def _people(ids: Collection[UUID] | None) -> Subquery:
    statement = select(Member.workspace_id, func.count().label("number")).where(Member.left_at.is_(None))
    return _only(statement, Member.workspace_id, ids)


def _sessions(ids: Collection[UUID] | None) -> Subquery:
    """Sessions to come that a client may use, and how full these are, whoever sits in them."""
    statement = (
        select(
            SessionLink.workspace_id, func.count().label("number"), func.sum(SessionSeats.taken).label("taken"),
            func.sum(SessionSeats.capacity).label("capacity"),
        )
        .join(SessionLink.session)
        .join(TrainingSession.seats)
        .where(TrainingSession.ends_at >= now(), TrainingSession.state.in_(("open", "confirmed", "running")))
    )  # fmt: skip
    return _only(statement, SessionLink.workspace_id, ids)


def _asked(ids: Collection[UUID] | None) -> Subquery:
    statement = select(Enrolment.workspace_id, func.count().label("number")).where(Enrolment.state == "requested")
    return _only(statement, Enrolment.workspace_id, ids)


def _to_invoice(ids: Collection[UUID] | None) -> Subquery:
    """What was delivered and has no invoice, excl. VAT: the seats, or the group's price once."""
    invoiced = select(Invoice.id).where(
        Invoice.session_id == SessionLink.session_id, Invoice.workspace_id == SessionLink.workspace_id, Invoice.kind == "invoice"
    )
    each = (
        select(
            SessionLink.workspace_id,
            case(
                (SessionLink.basis == "group", SessionLink.price_cents),
                else_=func.sum(case((Enrolment.covered, 0), else_=Enrolment.price_cents)),
            ).label("cents"),
        )
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.state.in_(("seated", "attended", "absent")), TrainingSession.ends_at < now())
        .where(TrainingSession.state.in_(("open", "confirmed", "done")), ~invoiced.exists())
        .group_by(SessionLink.workspace_id, SessionLink.id, SessionLink.basis, SessionLink.price_cents)
    )
    links = (each if ids is None else each.where(SessionLink.workspace_id.in_(ids))).subquery()
    return select(links.c.workspace_id, func.sum(links.c.cents).label("number")).group_by(links.c.workspace_id).subquery()


def _owed(ids: Collection[UUID] | None) -> Subquery:
    """What is invoiced and not paid, incl. VAT, and what of it is late."""
    paid = select(Payment.invoice_id, func.sum(Payment.amount_cents).label("cents")).group_by(Payment.invoice_id)
    settled = (paid if ids is None else paid.where(Payment.workspace_id.in_(ids))).subquery()
    open_ = Invoice.net_cents + Invoice.vat_cents - func.coalesce(settled.c.cents, 0)
    statement = (
        select(
            Invoice.workspace_id, func.sum(open_).label("due"),
            func.coalesce(func.sum(open_).filter(Invoice.due_on < today()), 0).label("late"),
        )
        .outerjoin(settled, settled.c.invoice_id == Invoice.id)
        .where(Invoice.state == "issued", Invoice.kind == "invoice", open_ > 0)
    )  # fmt: skip
    return _only(statement, Invoice.workspace_id, ids)


def _rhythm(ids: Collection[UUID] | None) -> Subquery:
    """Messages of eight weeks, where five or more people are in; of the last three as well."""
    said = func.figures_rhythm().table_valued("workspace_id", "week", "messages")
    statement = select(
        said.c.workspace_id,
        func.sum(said.c.messages).label("messages"),
        func.coalesce(func.sum(said.c.messages).filter(said.c.week < 3), 0).label("lately"),
        func.jsonb_object_agg(said.c.week, said.c.messages).label("weeks"),
    ).where(said.c.week < WEEKS)
    return _only(statement, said.c.workspace_id, ids)


FIGURES: dict[str, Callable[[Collection[UUID] | None], Subquery]] = {
    "people": _people, "sessions": _sessions, "asked": _asked, "to_invoice": _to_invoice, "owed": _owed, "rhythm": _rhythm,
}  # fmt: skip


def of_every_client(*more: ColumnElement[Any]) -> Sequence[Any]:
    """Every client by name, with how many people and sessions to come it has and `more` of it: one statement."""
    people, sessions = _people(None), _sessions(None)
    rows = db.session.execute(
        select(Workspace, func.coalesce(people.c.number, 0), func.coalesce(sessions.c.number, 0), *more)
        .outerjoin(people, people.c.workspace_id == Workspace.id)
        .outerjoin(sessions, sessions.c.workspace_id == Workspace.id)
        .order_by(Workspace.name_folded)
    )
    return rows.all()

"""Seats paid in advance: a ledger of movements, written by the firm or by functions of the database alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.enrolments.models import Enrolment, SeatCredit
from saas.enrolments.queries.credits import balance
from saas.kit import journal
from saas.kit.clock import today
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from tenants.db import db, new_id


def spend(rows: Sequence[Enrolment]) -> int:
    """Pay seats just given from what the client has prepaid, in the order given, as far as it goes; returns how many."""
    priced = [row.id for row in rows if row.price_cents]
    if not priced:
        return 0
    ids = [new_id() for _ in priced]
    spent: int = db.session.scalar(select(func.spend_credits(priced, ids, actor_name()))) or 0
    if spent:
        db.session.scalars(select(Enrolment).where(Enrolment.id.in_(priced)).execution_options(populate_existing=True)).all()
    return spent


def give_back(row: Enrolment) -> bool:
    """Put the credit of a seat back into the client's balance; False when it had none."""
    back: bool = db.session.scalar(select(func.return_credit(row.id, new_id(), actor_name()))) or False
    db.session.refresh(row, ["covered"])
    return back


def give_back_as_firm(row: Enrolment) -> None:
    """Firm scope: the same, when the firm cancels the session."""
    db.session.add(_movement(row.workspace_id, 1, "returned", enrolment_id=row.id))
    row.covered = False


def _movement(workspace_id: UUID, quantity: int, kind: str, **more: object) -> SeatCredit:
    return SeatCredit(id=new_id(), workspace_id=workspace_id, quantity=quantity, kind=kind, by=actor_name(), **more)


def buy(workspace_id: UUID, quantity: int, note: str, expires_on: dt.date | None) -> SeatCredit:
    """Firm scope: seats a client has prepaid. Raises Refused."""
    if not 1 <= quantity <= 10_000:
        raise Refused(_l("Between 1 and 10,000 seats."), "quantity")
    if expires_on and expires_on < today():
        raise Refused(_l("This day is over."), "expires_on")
    row = _movement(workspace_id, quantity, "bought", note=note.strip(), expires_on=expires_on)
    db.session.add(row)
    journal.note("credits.bought", str(quantity), workspace_id)
    db.session.flush()
    return row


def correct(workspace_id: UUID, quantity: int, note: str) -> SeatCredit:
    """Firm scope: more or fewer seats, with the reason. Raises Refused when the balance would fall below nothing."""
    if not quantity:
        raise Refused(_l("Say how many seats more, or fewer."), "quantity")
    if not note.strip():
        raise Refused(_l("Say why: the client reads it."), "note")
    lock(workspace_id)
    if balance(workspace_id) + quantity < 0:
        raise Refused(_l("The client has fewer seats left than that."), "quantity")
    row = _movement(workspace_id, quantity, "corrected", note=note.strip())
    db.session.add(row)
    journal.note("credits.corrected", str(quantity), workspace_id)
    db.session.flush()
    return row


def lock(workspace_id: UUID) -> None:
    """Wait for whoever else moves this client's seat credits: the same lock as in spend_credits."""
    key = func.hashtextextended(f"seat credits of {workspace_id}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(key)))


def expire(workspace_id: UUID, on: dt.date) -> int:
    """Firm scope: let go of prepaid seats whose last day is over and that nobody used; returns how many.

    Seats that end first are used first: of those that have ended, what is neither used nor expired yet expires now.
    """
    lock(workspace_id)
    rows = db.session.scalars(select(SeatCredit).where(SeatCredit.workspace_id == workspace_id)).all()
    ended = sum(row.quantity for row in rows if row.kind == "bought" and row.expires_on and row.expires_on < on)
    gone = -sum(row.quantity for row in rows if row.kind == "expired")
    used = -sum(row.quantity for row in rows if row.kind in ("used", "returned"))
    over = min(ended - used - gone, sum(row.quantity for row in rows))
    if over <= 0:
        return 0
    db.session.add(_movement(workspace_id, -over, "expired"))
    db.session.flush()
    return over


def clients_with_ended(on: dt.date) -> Sequence[UUID]:
    """Firm scope: the clients some of whose prepaid seats have a last day before `on`."""
    ended = select(SeatCredit.workspace_id).where(SeatCredit.kind == "bought", SeatCredit.expires_on < on).distinct()
    return db.session.scalars(ended.order_by(SeatCredit.workspace_id)).all()

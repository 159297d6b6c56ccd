"""How a session goes from state to state, by hand and by the clock. In firm scope."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from saas.catalogue.models import SessionLink, SessionSeats, TrainingSession
from saas.catalogue.signals import session_cancelled, session_confirmed
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db
from tenants.scope import current_scope

MOVES = {
    "draft": {"open", "cancelled"},
    "open": {"confirmed", "running", "cancelled"},
    "confirmed": {"running", "done", "cancelled"},
    "running": {"done", "cancelled"},
}
MOST = 500


def must_reach_every_client(session_id: UUID) -> None:
    """Raises Refused when whoever acts is limited to some clients and a session is open to others too: acts on the whole
    session would reach people they cannot see.
    """
    clients = current_scope().clients
    if clients is None:
        return
    link = SessionLink.__table__.c  # the table: other clients' links are hidden from the model
    others = select(link.id).where(link.session_id == session_id, link.workspace_id.not_in(clients))
    if db.session.execute(others.limit(1)).first():
        raise Refused(_l("This session is open to clients you do not look after: ask an owner."))


def move(session: TrainingSession, state: str, reason: str = "") -> None:
    """Open, confirm, start, close or cancel a session; features that hold seats of it hear of it. Raises Refused.

    Cancelling takes a reason, which people concerned read. Two people may act at once: the row is read again under its lock.
    """
    must_reach_every_client(session.id)
    db.session.refresh(session, ["state", "sequence"], with_for_update=True)
    if state not in MOVES.get(session.state, set()):
        raise Refused(_l("This session cannot go there from where it is."))
    if state in ("running", "done") and session.starts_at > now():
        raise Refused(_l("This session has not started."))
    if state == "cancelled" and not reason.strip():
        raise Refused(_l("Say why: people concerned read it."), "reason")
    session.state = state
    journal.note(
        f"session.{state}",
        session.version.title.get("fr", ""),
        session.id,
        **({"reason": reason.strip()[:400]} if reason.strip() else {}),
    )
    if state == "cancelled":
        session.reason = reason.strip()[:400]
        session.sequence += 1
        session.changed_at = now()
        session_cancelled.send(db, session=session)
    if state == "confirmed":
        session_confirmed.send(db, session=session)
    db.session.flush()


def by_clock() -> int:
    """Sessions that have started are running, those that are over are done. Returns how many moved.

    One that was never confirmed goes with the clock when somebody has a seat; without anybody, it waits for whoever decides.
    """
    moment = now()
    seats = SessionSeats.__table__.c
    held = select(seats.id).where(seats.firm_id == TrainingSession.firm_id, seats.id == TrainingSession.id, seats.taken > 0)
    due = or_(
        and_(TrainingSession.state == "confirmed", TrainingSession.starts_at <= moment),
        and_(TrainingSession.state == "open", TrainingSession.starts_at <= moment, held.exists()),
        and_(TrainingSession.state == "running", TrainingSession.ends_at <= moment),
    )
    rows = db.session.scalars(
        select(TrainingSession).where(due).order_by(TrainingSession.starts_at).limit(MOST).with_for_update(skip_locked=True)
    ).all()
    for session in rows:
        session.state = "done" if session.ends_at <= moment else "running"
        journal.note(f"session.{session.state}", session.version.title.get("fr", ""), session.id)
    return len(rows)

"""What every act on a seat is made of: claiming and releasing, moving a row from state to state, and writing it down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import LIVE, OPEN, SHOWN, Enrolment, EnrolmentEvent, Placeholder
from saas.enrolments.wishes.models import ProgrammeWish
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from tenants.db import db, new_id
from tenants.queue import later

CHANGED = _l("This has changed in the meantime: the page shows how it stands now.")
CLOSED = _l("This session takes no more enrolments.")


def claim(link: SessionLink, wanted: int, *, in_line: bool = False) -> int:
    """How many of the seats wanted are granted; they are taken now, and the session is locked until the end.

    Never more than the session, the client's ceiling and those who wait already leave; `in_line`: it is for the first of
    those who wait. Raises Refused when the session takes no enrolments.
    """
    granted: int | None = db.session.scalar(select(func.claim_seats(link.session_id, link.id, wanted, in_line)))
    if granted is None:
        raise Refused(CLOSED)
    return granted


def release(session_id: UUID) -> None:
    """Free what nobody holds any more: the database counts who still does, so call it once the rows have moved."""
    db.session.scalar(select(func.release_seats(session_id)))


def lock_sessions(session_ids: Iterable[UUID]) -> None:
    """Lock the seats of several sessions, by id, before claiming in one and releasing in another."""
    db.session.scalar(select(func.lock_sessions(list(session_ids))))


def lock_members(member_ids: Iterable[UUID]) -> None:
    """Lock people, by id: two acts at once cannot give one person two seats at the same hour."""
    rows = select(Member.id).where(Member.id.in_(list(member_ids))).order_by(Member.id)
    db.session.scalars(rows.with_for_update(key_share=True)).all()


def must_be_open(session: TrainingSession) -> None:
    """Raises Refused when a session takes no enrolments."""
    if session.state not in OPEN or session.starts_at <= now():
        raise Refused(CLOSED)


# What others may have changed of an enrolment since it was read: money hangs on more than its state.
MOVES = ("state", "covered", "price_cents", "terms", "billing_party_id", "queued_at", "offer_until", "seated_at")


def must_be(row: Enrolment | Placeholder | ProgrammeWish, *states: str) -> None:
    """Lock a row that goes from state to state, read it again, and raise Refused unless it is in one of these states.

    Two may act at once.
    """
    db.session.refresh(row, MOVES if isinstance(row, Enrolment) else ["state"], with_for_update=True)
    if row.state not in states:
        raise Refused(CHANGED)


def in_session(link: SessionLink, member_id: UUID) -> Enrolment | None:
    """What somebody has in a session already, locked and read again."""
    here = select(Enrolment).where(Enrolment.link_id == link.id, Enrolment.member_id == member_id, Enrolment.state.in_(SHOWN))
    return db.session.scalar(here.with_for_update(), execution_options={"populate_existing": True})


def new_enrolment(link: SessionLink, member_id: UUID, terms: Sequence[Sequence[int]], party_id: UUID | None = None) -> Enrolment:
    """A seat wished for, with the price and the firm's cancellation terms as they are now."""
    return Enrolment(
        id=new_id(), workspace_id=link.workspace_id, link_id=link.id, member_id=member_id, state="requested",
        price_cents=link.seat_cents, vat=link.session.version.vat, terms=[list(step) for step in terms],
        billing_party_id=party_id,
    )  # fmt: skip


def step(row: Enrolment, state: str, name: str = "") -> None:
    """Move an enrolment and write the step down, under `name` when it is not the state's own."""
    moment = now()
    row.state = state
    if state == "waiting":
        row.queued_at = row.queued_at or moment
    elif state == "seated":
        row.seated_at = moment
    elif state not in LIVE:
        row.ended_at = moment
    db.session.add(
        EnrolmentEvent(workspace_id=row.workspace_id, enrolment_id=row.id, at=moment, actor=actor_name(), step=name or state)
    )
    db.session.flush()


def tell(kind: str, row: Enrolment) -> None:
    """Ask for the mail that tells of an event."""
    later(f"enrolments.{kind}_mail", enrolment_id=row.id)


def free_seats(session_id: UUID, number: int) -> None:
    """Seats are free again; whoever is first in line, of whichever client, hears of it.

    From a workspace, the offer is made in firm scope: this scope must not know to whom.
    """
    if not number:
        return
    release(session_id)
    row_id = new_id()
    if db.session.scalar(select(func.upward("enrolments.offer_next", session_id, row_id))):
        db.session.info.setdefault("pushes", []).append(row_id)

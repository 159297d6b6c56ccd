"""Planning rituals, answering their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.community.commands.notices import tell
from saas.community.commands.spaces import is_pilot, me, members_of
from saas.community.commands.threads import MOST
from saas.community.models import Occurrence, Ritual, Rsvp
from saas.kit.clock import PARIS, now
from saas.kit.errors import Refused
from tenants.db import db, new_id


def plan_ritual(
    zone_id: UUID,
    kind: str,
    title: str,
    purpose: str,
    dates: list[tuple[dt.datetime, dt.datetime]],
    place: str,
    seats: int | None = None,
) -> Ritual:
    """A ritual with its first dates. Raises Refused for anybody but the pilot, and without a date."""
    if not is_pilot(zone_id):
        raise Refused(_l("Rituals are planned by the pilot."))
    if not title.strip():
        raise Refused(_l("Give the ritual a name."), "title")
    if not dates or any(start <= now() or end <= start for start, end in dates):
        raise Refused(_l("Give dates to come, that end after they start."), "first")
    ritual = Ritual(id=new_id(), zone_id=zone_id, author_id=me(), kind=kind, title=title.strip(), purpose=purpose.strip())
    db.session.add(ritual)
    db.session.flush()
    db.session.add_all(
        Occurrence(
            zone_id=zone_id, ritual_id=ritual.id, author_id=me(), starts_at=start, ends_at=end,
            place=place.strip(), seats=seats,
        )
        for start, end in dates
    )  # fmt: skip
    db.session.flush()
    return ritual


def locked(occurrence: Occurrence) -> Occurrence:
    """The date as it stands now, held until this request ends: answers and changes come one after another."""
    held = select(Occurrence).where(Occurrence.id == occurrence.id).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def coming(occurrence: Occurrence) -> Sequence[UUID]:
    """Who said yes and is still in the zone, first come first: those beyond the seats wait. "Maybe" takes no seat."""
    rows = db.session.scalars(
        select(Rsvp.author_id)
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.answer == "yes")
        .where(Rsvp.author_id.in_(members_of(occurrence.zone_id)))
        .order_by(Rsvp.answered_at, Rsvp.id)
    )
    return rows.all()


def answer_date(occurrence: Occurrence, answer: str) -> bool:
    """Say whether one comes: yes, maybe or no; returns whether one has a seat.

    The last answer counts; the same answer again keeps one's place in the queue. Whoever gets a freed seat is told.
    Raises Refused once it is over or called off.
    """
    locked(occurrence)
    if occurrence.cancelled_at:
        raise Refused(_l("This date is called off."))
    if occurrence.ends_at <= now():
        raise Refused(_l("This date is over."))
    before = coming(occurrence)[: occurrence.seats]
    known = db.session.scalar(select(Rsvp).where(Rsvp.occurrence_id == occurrence.id, Rsvp.author_id == me()))
    if known is None:
        db.session.add(
            Rsvp(
                zone_id=occurrence.zone_id, occurrence_id=occurrence.id, author_id=me(), answer=answer, answered_at=now(),
            )
        )  # fmt: skip
    elif known.answer != answer:
        known.answer, known.answered_at = answer, now()
    db.session.flush()
    seated = coming(occurrence)[: occurrence.seats]
    if me() in before and me() not in seated:
        tell(occurrence.zone_id, set(seated) - set(before), "seat", "occurrence", occurrence.id)
    return me() in seated


def concerned(occurrence: Occurrence) -> Sequence[UUID]:
    """Everybody of the zone but those who said that they do not come."""
    no = set(db.session.scalars(select(Rsvp.author_id).where(Rsvp.occurrence_id == occurrence.id, Rsvp.answer == "no")))
    return [account for account in members_of(occurrence.zone_id) if account not in no]


def from_here(occurrence: Occurrence, all_to_come: bool) -> Sequence[Occurrence]:
    """This date, and where asked the later ones of its ritual that still stand, locked in the order they come."""
    if not is_pilot(occurrence.zone_id):
        raise Refused(_l("Dates are changed by the pilot."))
    locked(occurrence)
    if occurrence.cancelled_at:
        raise Refused(_l("This date is called off."))
    if occurrence.starts_at <= now():
        raise Refused(_l("This date has begun: it stays as it was."))
    if not all_to_come:
        return [occurrence]
    later = Occurrence.ritual_id == occurrence.ritual_id, Occurrence.starts_at > occurrence.starts_at
    rows = select(Occurrence).where(*later, Occurrence.cancelled_at.is_(None)).order_by(Occurrence.starts_at)
    return [occurrence, *db.session.scalars(rows.with_for_update())]


def call_off(occurrence: Occurrence, reason: str, all_to_come: bool = False) -> int:
    """Call a date off, or all from it on; returns how many. Whoever is concerned is told once. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_l("Say why: everybody in the zone reads it."), "reason")
    dates = from_here(occurrence, all_to_come)
    for date in dates:
        date.cancelled_at, date.reason, date.sequence = now(), reason.strip()[:MOST], date.sequence + 1
    db.session.flush()
    tell(occurrence.zone_id, concerned(occurrence), "ritual_cancelled", "occurrence", occurrence.id)
    return len(dates)


def move(occurrence: Occurrence, day: dt.date, time: dt.time, reason: str, all_to_come: bool = False) -> int:
    """Move a date, or all from it on by as many days and to the same hour; returns how many. Answers and length stay.

    Hours are those on the wall, in summer and winter. Whoever is concerned is told once. Raises Refused for a time that is past.
    """
    if not reason.strip():
        raise Refused(_l("Say why: everybody in the zone reads it."), "reason")
    dates = from_here(occurrence, all_to_come)
    if dt.datetime.combine(day, time, PARIS) <= now():
        raise Refused(_l("Choose a time to come."), "day")
    days = day - occurrence.starts_at.astimezone(PARIS).date()
    for date in dates:
        length = date.ends_at - date.starts_at
        date.starts_at = dt.datetime.combine(date.starts_at.astimezone(PARIS).date() + days, time, PARIS)
        date.ends_at = date.starts_at + length
        date.reason, date.sequence = reason.strip()[:MOST], date.sequence + 1
    db.session.flush()
    tell(occurrence.zone_id, concerned(occurrence), "ritual_changed", "occurrence", occurrence.id)
    return len(dates)


def keep_takeaways(occurrence: Occurrence, text: str) -> None:
    """What to keep of a date that was held: anybody who was there may write it."""
    if occurrence.starts_at > now():
        raise Refused(_l("This date has not been held yet."))
    occurrence.takeaways = text.strip()[:MOST]
    db.session.flush()

"""Planning rituals, answering their dates."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.community.commands.spaces import is_pilot, me
from saas.community.commands.threads import MOST
from saas.community.models import Occurrence, Ritual, Rsvp
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id


def plan_ritual(
    zone_id: UUID, kind: str, title: str, purpose: str, dates: list[tuple[dt.datetime, dt.datetime]], place: str
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
        Occurrence(zone_id=zone_id, ritual_id=ritual.id, author_id=me(), starts_at=start, ends_at=end, place=place.strip())
        for start, end in dates
    )
    db.session.flush()
    return ritual


def answer_date(occurrence: Occurrence, answer: str) -> None:
    """Say whether one comes: yes, maybe or no; the last answer counts. Raises Refused once it is over."""
    if occurrence.cancelled_at or occurrence.ends_at <= now():
        raise Refused(_l("This date is over."))
    known = db.session.scalar(select(Rsvp).where(Rsvp.occurrence_id == occurrence.id, Rsvp.author_id == me()))
    if known is None:
        db.session.add(Rsvp(zone_id=occurrence.zone_id, occurrence_id=occurrence.id, author_id=me(), answer=answer))
    else:
        known.answer, known.answered_at = answer, now()
    db.session.flush()


def keep_takeaways(occurrence: Occurrence, text: str) -> None:
    """What to keep of a date that was held: anybody who was there may write it."""
    if occurrence.starts_at > now():
        raise Refused(_l("This date has not been held yet."))
    occurrence.takeaways = text.strip()[:MOST]
    db.session.flush()

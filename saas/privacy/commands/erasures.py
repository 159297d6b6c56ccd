"""Erasures asked for and decided. In workspace scope. What is then done is in saas.privacy.commands.erasing."""

from __future__ import annotations

import calendar
import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import now, today
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.kit.names import fold
from saas.privacy import queries
from saas.privacy.models import MOST_TEXT, Erasure
from saas.workspaces.commands.leaving import leave_all
from saas.workspaces.policy import is_oneself
from tenants.db import db, new_id
from tenants.queue import later

SETTLED = _l("This was decided already, or taken back: the page shows how it stands now.")
WAITING = _l("You asked for it already: you have an answer by the day said below.")
BY_ANOTHER = _l("Somebody else decides on your own request: another HR, or your training firm.")


def a_month_after(day: dt.date) -> dt.date:
    """The last day of a month's time (GDPR art. 12.3; Regulation 1182/71, art. 3): the same day of the next month, or its last."""
    year, month = (day.year + day.month // 12, day.month % 12 + 1)
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def a_month_from_today() -> dt.date:
    """By when whoever asks today has an answer."""
    return a_month_after(today())


def ask(person: Member, *, with_posts: bool) -> Erasure:
    """A person asks to be erased from this space. Raises Refused when they have asked already."""
    if queries.open_erasure(person.id):
        raise Refused(WAITING)
    erasure = _new(person.id, "person", with_posts=with_posts)
    journal.note("erasure.asked", person.name, person.id)
    return erasure


def _new(member_id: UUID, origin: str, *, with_posts: bool = False) -> Erasure:
    row = Erasure(id=new_id(), member_id=member_id, origin=origin, with_posts=with_posts, due_on=a_month_from_today())
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # asked twice at the same moment
        raise Refused(WAITING) from None
    return row


def take_back(person: Member) -> bool:
    """Whoever asked stays. False when there was nothing to take back; what was accepted is on its way."""
    found = queries.open_erasure(person.id, lock=True)
    if found is None or found.state != "asked":
        return False
    found.state, found.decided_at = "withdrawn", now()
    db.session.flush()
    return True


def accept(person: Member, typed: str) -> None:
    """HR or the firm's owner erases somebody, who asked for it or has left. For good, so the name is typed.

    Access, zones and wishes end now; the rest goes in a job. Raises Refused.
    """
    db.session.refresh(person, with_for_update=True)
    if is_oneself(person.id):
        raise Refused(BY_ANOTHER, "name")
    if person.erased_at is not None:
        raise Refused(_l("This person is erased already."), "name")
    if fold(typed) != fold(person.name):
        raise Refused(_l("Type the name as it stands above: what is erased does not come back."), "name")
    found = queries.open_erasure(person.id, lock=True)
    if found is None and person.left_at is None:
        raise Refused(_l("They did not ask for it and are still here: mark them as gone first."), "name")
    if found is not None and found.state != "asked":
        raise Refused(SETTLED, "name")
    erasure = found or _new(person.id, "desk")
    if person.left_at is None:
        leave_all(select(Member).where(Member.id == person.id), today())
    erasure.state, erasure.decided_by, erasure.decided_at = "accepted", actor_name(), now()
    db.session.flush()
    journal.note("erasure.accepted", person.name, person.id)
    later("privacy.erase", erasure_id=erasure.id)


def refuse(person: Member, reason: str) -> None:
    """HR or the firm's owner says no, and why (GDPR art. 12.4). Raises Refused."""
    said = reason.strip()
    if not said or len(said) > MOST_TEXT:
        raise Refused(_l("Say why, in up to 1,000 characters: the person reads it."), "reason")
    if is_oneself(person.id):
        raise Refused(BY_ANOTHER, "reason")
    found = queries.open_erasure(person.id, lock=True)
    if found is None or found.state != "asked":
        raise Refused(SETTLED, "reason")
    found.state, found.reason, found.decided_by, found.decided_at = "refused", said, actor_name(), now()
    db.session.flush()
    journal.note("erasure.refused", person.name, person.id)
    later("privacy.refused_mail", erasure_id=found.id)

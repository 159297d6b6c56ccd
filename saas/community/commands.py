"""Writes of the community. In community scope as one named account, but for opening a space."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from saas.community.models import Occurrence, Post, Ritual, Rsvp, Thread, ZoneMember
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tenants.scope import current_scope

MOST = 20_000


def open_space(purpose: str, zone_name: str, pilot: UUID, pilot_name: str, side: str) -> bool:
    """Workspace scope: open the client's community with its first zone and its named pilot. False when it is open."""
    opened = db.session.scalar(select(func.open_space(new_id(), new_id(), purpose.strip(), zone_name, pilot, pilot_name, side)))
    if opened:
        journal.note("space.opened", pilot_name)
    return bool(opened)


def join() -> None:
    """Become a member of the open zone, under one's own name; HR is shown as HR. Joining twice does nothing."""
    db.session.scalar(select(func.join_zone(new_id())))
    journal.note("zone.joined")


def leave() -> None:
    """Leave at once: nothing of the zone is readable from the next statement on."""
    db.session.scalar(select(func.leave_zones()))
    journal.note("zone.left")


def me() -> UUID:
    account_id = current_scope().account_id
    if account_id is None:
        raise Refused(_l("Sign in first."))
    return account_id


def start_thread(zone_id: UUID, kind: str, title: str, body: str) -> Thread:
    """Ask, share or announce. An announcement is the pilot's or the deputy's. Raises Refused."""
    title, body = title.strip(), body.strip()
    if not title:
        raise Refused(_l("Give it a title: it is what the others see first."), "title")
    if not body or len(body) > MOST:
        raise Refused(_l("Write a few lines (20,000 characters at most)."), "body")
    if kind == "announcement" and not is_pilot(zone_id):
        raise Refused(_l("Announcements are the pilot's."), "kind")
    thread = Thread(id=new_id(), zone_id=zone_id, author_id=me(), kind=kind, title=title[:200], body=body)
    db.session.add(thread)
    db.session.flush()
    return thread


def reply(thread: Thread, body: str) -> Post:
    """Answer. The same words twice within five minutes are one answer."""
    body = body.strip()
    if not body or len(body) > MOST:
        raise Refused(_l("Write a few lines (20,000 characters at most)."), "body")
    recent = select(Post).where(
        Post.thread_id == thread.id,
        Post.author_id == me(),
        Post.body == body,
        Post.created_at > now() - dt.timedelta(minutes=5),
    )
    twin = db.session.scalars(recent).first()
    if twin is not None:
        return twin
    post = Post(id=new_id(), zone_id=thread.zone_id, thread_id=thread.id, author_id=me(), body=body)
    db.session.add(post)
    db.session.execute(update(Thread).where(Thread.id == thread.id).values(replies=Thread.replies + 1, last_at=now()))
    db.session.flush()
    return post


def mark_helped(thread: Thread, post: Post, helped: bool) -> None:
    """Whoever asked says what helped; several answers may. Raises Refused for anybody else."""
    if thread.author_id != me():
        raise Refused(_l("Only the person who asked says what helped."))
    if (post.helped_at is not None) == helped:
        return
    post.helped_at = now() if helped else None
    thread.helped = Thread.helped + (1 if helped else -1)
    db.session.flush()


def is_pilot(zone_id: UUID) -> bool:
    """Whether the person acting pilots a zone or stands in for its pilot."""
    role = db.session.scalar(
        select(ZoneMember.role).where(ZoneMember.zone_id == zone_id, ZoneMember.account_id == me(), ZoneMember.left_at.is_(None))
    )
    return role in ("pilot", "deputy")


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

"""Writing: threads, answers, what helped."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from saas.community.commands.notices import tell
from saas.community.commands.spaces import is_pilot, me
from saas.community.models import Post, Thread
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id

MOST = 20_000


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
    before = db.session.scalars(select(Post.author_id).where(Post.thread_id == thread.id).distinct())
    tell(thread.zone_id, [thread.author_id], "reply", "thread", thread.id)
    tell(thread.zone_id, set(before) - {thread.author_id}, "followed", "thread", thread.id)
    return post


def mark_helped(thread: Thread, post: Post, helped: bool) -> None:
    """Whoever asked says what helped; several answers may. Raises Refused for anybody else."""
    if thread.author_id != me():
        raise Refused(_l("Only the person who asked says what helped."))
    if (post.helped_at is not None) == helped:
        return
    post.helped_at = now() if helped else None
    if helped:
        tell(thread.zone_id, [post.author_id], "helped", "thread", thread.id)
    thread.helped = Thread.helped + (1 if helped else -1)
    db.session.flush()

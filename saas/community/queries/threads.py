"""Threads and answers."""

from __future__ import annotations

from uuid import UUID

from flask import abort
from sqlalchemy import Select, select

from saas.community.models import Post, Thread
from tenants.db import db


def threads(zone_id: UUID, only: str = "") -> Select[Thread]:
    """Threads of a zone, the last spoken in first, as a statement to be paged."""
    statement = select(Thread).where(Thread.zone_id == zone_id).order_by(Thread.last_at.desc(), Thread.id)
    if only == "unanswered":
        statement = statement.where(Thread.kind == "question", Thread.replies == 0)
    return statement


def thread(thread_id: UUID) -> Thread:
    found = db.session.scalar(select(Thread).where(Thread.id == thread_id))
    if found is None:
        abort(404)
    return found


def posts(thread_id: UUID) -> Select[Post]:
    return select(Post).where(Post.thread_id == thread_id).order_by(Post.created_at, Post.id)


def post(post_id: UUID, thread_id: UUID) -> Post:
    found = db.session.scalar(select(Post).where(Post.id == post_id, Post.thread_id == thread_id))
    if found is None:
        abort(404)
    return found

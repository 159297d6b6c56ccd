"""Reads of the community. In community scope unless told: the policies let nobody else read content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import Select, select, text
from sqlalchemy.orm import joinedload, selectinload

from saas.community.models import Occurrence, Post, Space, Thread, Zone, ZoneMember
from saas.identity.sso.queries import directory_opens
from saas.kit.clock import now
from tenants.db import db
from tenants.scope import current_scope

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads what is written here, computed from the real rights."""

    people: int
    has_hr: bool
    from_firm: tuple[str, ...]
    by_directory: bool  # the company's own directory signs its people in


def space() -> Space | None:
    """Any scope of the workspace: what everybody may know of its community."""
    return db.session.scalar(select(Space))


def spaces() -> Mapping[UUID, Space]:
    """Firm scope: the communities that are open, by workspace."""
    return {row.workspace_id: row for row in db.session.scalars(select(Space))}


def zones() -> Sequence[Zone]:
    """The zones this person is in."""
    return db.session.scalars(select(Zone).order_by(Zone.id)).all()


def zone(zone_id: UUID) -> Zone:
    """One zone this person is in. 404 otherwise."""
    found = db.session.scalar(select(Zone).where(Zone.id == zone_id))
    if found is None:
        abort(404)
    return found


def people(zone_id: UUID) -> Mapping[UUID, ZoneMember]:
    """Everybody who is or was in a zone, by account: writers keep their name after they leave."""
    rows = db.session.scalars(
        select(ZoneMember).where(ZoneMember.zone_id == zone_id).order_by(ZoneMember.left_at.is_(None), ZoneMember.joined_at)
    )
    return {row.account_id: row for row in rows}


def audience(members: Mapping[UUID, ZoneMember]) -> Audience:
    """The audience line's facts."""
    active = [m for m in members.values() if m.left_at is None]
    from_firm = tuple(m.name for m in active if m.side == "firm")
    return Audience(len(active), any(m.role == "hr" for m in active), from_firm, directory_opens())


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


def occurrences(zone_id: UUID, past: bool = False, limit: int = 10) -> Sequence[Occurrence]:
    """Dates of a zone's rituals: to come, or held, with everybody's answers."""
    statement = select(Occurrence).where(Occurrence.zone_id == zone_id, Occurrence.cancelled_at.is_(None))
    statement = statement.options(joinedload(Occurrence.ritual), selectinload(Occurrence.answers)).limit(limit)
    if past:
        return db.session.scalars(statement.where(Occurrence.ends_at < now()).order_by(Occurrence.starts_at.desc())).all()
    return db.session.scalars(statement.where(Occurrence.ends_at >= now()).order_by(Occurrence.starts_at)).all()


def occurrence(occurrence_id: UUID) -> Occurrence:
    found = db.session.scalar(
        select(Occurrence)
        .where(Occurrence.id == occurrence_id)
        .options(joinedload(Occurrence.ritual), selectinload(Occurrence.answers))
    )
    if found is None:
        abort(404)
    return found


def rhythm() -> Mapping[UUID, list[int]]:
    """Firm or workspace scope: messages a week over eight weeks, the oldest first; only where five or more are in."""
    found: dict[UUID, list[int]] = {}
    for workspace_id, week, messages in db.session.execute(text("SELECT * FROM figures_rhythm()")):
        if 0 <= week < WEEKS and current_scope().reaches(workspace_id):
            found.setdefault(workspace_id, [0] * WEEKS)[WEEKS - 1 - week] = messages
    return found


@dataclass(frozen=True, slots=True)
class Life:
    """Firm scope: per client, messages a week, and how many questions have waited two days. Never what they say."""

    rhythm: Mapping[UUID, list[int]]
    unanswered: Mapping[UUID, tuple[int, dt.datetime]]


def life() -> Life:
    """Firm scope: what staff's home says of the communities, in one statement; only where five or more are in."""
    found: dict[UUID, list[int]] = {}
    waiting: dict[UUID, tuple[int, dt.datetime]] = {}
    rows = text(
        "SELECT workspace_id, week, messages, NULL::timestamptz FROM figures_rhythm()"
        " UNION ALL SELECT workspace_id, -1, questions, since FROM figures_unanswered()"
    )
    for workspace_id, week, number, since in db.session.execute(rows):
        if not current_scope().reaches(workspace_id):
            continue  # the functions look at the whole firm
        if week < 0:
            waiting[workspace_id] = (number, since)
        elif week < WEEKS:
            found.setdefault(workspace_id, [0] * WEEKS)[WEEKS - 1 - week] = number
    return Life(found, waiting)

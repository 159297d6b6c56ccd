"""What communities hold about people. Read as the person, in the community's own scope: nobody else reads it at all."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from saas.community.models import Occurrence, Post, Ritual, Rsvp, Thread, ZoneMember
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from tenants.db import db
from tenants.scope import Kind

ANSWERS = {"yes": _l("comes"), "maybe": _l("may come"), "no": _l("does not come")}


def _read_card(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(ZoneMember).where(ZoneMember.account_id == person.account_id).order_by(ZoneMember.joined_at))
    return [
        [
            Fact("name", _l("Name"), row.name), Fact("job_title", _l("Job title"), row.job_title),
            Fact("joined_at", _l("Joined on"), row.joined_at), Fact("left_at", _l("Left on"), row.left_at),
        ]
        for row in rows
    ]  # fmt: skip


def _read_said(person: Person) -> Sequence[Row]:
    """One's own words alone: never what others answered."""
    threads = db.session.scalars(select(Thread).where(Thread.author_id == person.account_id).order_by(Thread.created_at))
    posts = db.session.scalars(select(Post).where(Post.author_id == person.account_id).order_by(Post.created_at))
    rituals = db.session.scalars(select(Ritual).where(Ritual.author_id == person.account_id).order_by(Ritual.created_at))
    rows: list[Row] = [
        [Fact("title", _l("Title"), row.title), Fact("body", _l("Text"), row.body), Fact("at", _l("On"), row.created_at)]
        for row in threads
    ]
    rows += [[Fact("body", _l("Reply"), row.body), Fact("at", _l("On"), row.created_at)] for row in posts]
    rows += [
        [
            Fact("ritual", _l("Ritual"), row.title),
            Fact("purpose", _l("Purpose"), row.purpose),
            Fact("at", _l("On"), row.created_at),
        ]
        for row in rituals
    ]
    return rows


def _read_answers(person: Person) -> Sequence[Row]:
    rows = db.session.execute(
        select(Rsvp, Occurrence)
        .join(Occurrence, (Occurrence.id == Rsvp.occurrence_id) & (Occurrence.workspace_id == Rsvp.workspace_id))
        .options(joinedload(Occurrence.ritual))
        .where(Rsvp.author_id == person.account_id)
    )
    return [
        [
            Fact("ritual", _l("Ritual"), occurrence.ritual.title), Fact("starts_at", _l("On"), occurrence.starts_at),
            Fact("answer", _l("Your answer"), str(ANSWERS[row.answer])),
        ]
        for row, occurrence in rows
    ]  # fmt: skip


def _erase(person: Person, how: Erasing) -> None:
    """Workspace scope, where no statement reads a community: a function of the database takes the name, and the words if asked."""
    said = how.removed if how.with_posts else ""
    db.session.scalar(select(func.forget_said(person.member_id, how.alias, how.former, said)))


CARD = holds_personal(
    Part(
        "community", _l("Your card in the community"), _l("name, job title, since when you are in"),
        _l("let managers know who speaks"), "interest", ("zone_member", "space"), _read_card, Kind.COMMUNITY, erase=_erase,
    )
)  # fmt: skip
SAID = holds_personal(
    Part(
        "posts", _l("What you wrote in the community"), _l("questions, replies, rituals, takeaways: read by the zone's members alone"),
        _l("let managers help each other"), "interest", ("thread", "post", "ritual", "occurrence"), _read_said, Kind.COMMUNITY,
    )
)  # fmt: skip
ANSWERED = holds_personal(
    Part(
        "rsvps", _l("Your answers to dates"), _l("whether you come"), _l("organise meetings"), "interest", ("rsvp",), _read_answers,
        Kind.COMMUNITY,
    )
)  # fmt: skip
not_personal("a place of the community", "zone")

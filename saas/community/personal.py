"""What communities hold about people. Read as the person, in the community's own scope: nobody else reads it at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from tenants.db import db
from tenants.scope import Kind

ANSWERS = {"yes": _l("comes"), "maybe": _l("may come"), "no": _l("does not come")}


def _own(*kinds: str) -> list[Any]:
    """One's own cards and words of these kinds, also of zones one has left: a function of the database gives nobody else's."""
    columns = func.my_words().table_valued("kind", "title", "words", "at", "until")
    return [row for row in db.session.execute(select(columns)).all() if row.kind in kinds]


def _read_card(_person: Person) -> Sequence[Row]:
    return [
        [
            Fact("name", _l("Name"), row.title), Fact("job_title", _l("Job title"), row.words),
            Fact("joined_at", _l("Joined on"), row.at), Fact("left_at", _l("Left on"), row.until),
        ]
        for row in _own("card")
    ]  # fmt: skip


def _read_said(_person: Person) -> Sequence[Row]:
    """One's own words alone: never what others answered."""
    return [
        [Fact("title", _l("Title"), row.title), Fact("body", _l("Text"), row.words), Fact("at", _l("On"), row.at)]
        for row in _own("thread", "post", "ritual", "takeaways")
    ]


def _read_answers(_person: Person) -> Sequence[Row]:
    return [
        [
            Fact("ritual", _l("Ritual"), row.title), Fact("starts_at", _l("On"), row.at),
            Fact("answer", _l("Your answer"), str(ANSWERS[row.words])),
        ]
        for row in _own("rsvp")
    ]  # fmt: skip


def _erase(person: Person, how: Erasing) -> None:
    """Workspace scope, where no statement reads a community: a function of the database takes the name, and the words if asked."""
    said = how.removed if how.with_posts else ""
    db.session.scalar(select(func.forget_said(person.member_id, how.alias, how.former, said)))


CARD = holds_personal(
    Part(
        "community", _l("Your card in the community"), _l("name, job title, since when you are in"),
        _l("let managers know who speaks"), "interest", ("zone_member", "zone_mandate", "notice", "space"), _read_card, Kind.COMMUNITY, erase=_erase,
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

"""Needs as whoever must act on them reads them, and their end. In firm scope."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import Enrolment
from saas.enrolments.needs.models import SeatNeed
from saas.enrolments.needs.words import DIET
from saas.identity.models import Member
from saas.kit.clock import PARIS, today
from tenants.db import db

HELD = ("seated", "attended", "absent")


@dataclass(frozen=True, slots=True)
class Catering:
    """How many of those with a seat need what at the table, without a name; and what they said in words of their own."""

    counts: Mapping[str, int]
    words: Sequence[str] = field(default=())
    people: int = 0
    access: int = 0


def _of(session_id: UUID) -> tuple[object, ...]:
    return (SessionLink.session_id == session_id, Enrolment.state.in_(HELD))


def catering(session_id: UUID) -> Catering:
    """Counts for whoever orders the meals, and how many people have said what they need in the room."""
    return counted(
        db.session.execute(
            select(SeatNeed.diet, SeatNeed.diet_words, SeatNeed.access, SeatNeed.access_words)
            .join(SeatNeed.enrolment)
            .join(Enrolment.link)
            .where(*_of(session_id))  # type: ignore[arg-type]
        ).all()
    )


def counted(rows: Sequence[Any]) -> Catering:
    """The same from needs at hand."""
    tally = Counter(code for row in rows for code in row.diet)
    return Catering(
        {code: tally[code] for code in DIET if tally[code]}, sorted(row.diet_words for row in rows if row.diet_words),
        sum(1 for row in rows if row.diet or row.diet_words), sum(1 for row in rows if row.access or row.access_words),
    )  # fmt: skip


def by_person(session_id: UUID) -> Sequence[SeatNeed]:
    """Who needs what. The route writes each reading down."""
    rows = db.session.scalars(
        select(SeatNeed)
        .join(SeatNeed.enrolment)
        .join(Enrolment.link)
        .join(Enrolment.member)
        .where(*_of(session_id))  # type: ignore[arg-type]
        .options(joinedload(SeatNeed.enrolment).joinedload(Enrolment.member))
        .order_by(Member.name_folded)
    )
    return rows.all()


def let_go() -> int:
    """Erase the needs of sessions whose last half-day was before today, or that are cancelled; returns how many."""
    midnight = dt.datetime.combine(today(), dt.time(), PARIS)
    over = (
        select(Enrolment.id)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where((TrainingSession.ends_at < midnight) | (TrainingSession.state == "cancelled"))
    )
    gone = delete(SeatNeed).where(SeatNeed.enrolment_id.in_(over)).returning(SeatNeed.id)
    return len(db.session.scalars(gone.execution_options(synchronize_session=False)).all())

"""What enrolling people would mean, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from saas.catalogue.models import SessionLink
from saas.enrolments.models import SHOWN, Enrolment, EnrolmentBatch
from saas.enrolments.queries import conflicts, credits, figures
from saas.identity.models import Member
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Verdict:
    """One person: new, asked (a request this answers), already (in the session) or clash (a seat at that hour).

    `clash`: the other seat of that day, a wall when the hours overlap.
    """

    member: Member
    state: str
    clash: conflicts.Clash | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Who would be enrolled and what it costs at most, in cents excl. VAT."""

    verdicts: list[Verdict]
    price: int
    credits: int
    year: figures.Year

    @property
    def going(self) -> list[Member]:
        return [v.member for v in self.verdicts if v.state in ("new", "asked")]

    @property
    def prepaid(self) -> int:
        return min(self.credits, len(self.going)) if self.price else 0

    @property
    def cost(self) -> int:
        return self.price * (len(self.going) - self.prepaid)

    @property
    def over(self) -> int:
        """By how much the year's budget would be exceeded."""
        return max(0, self.cost - self.year.left) if self.year.left is not None else 0


def review(link: SessionLink, members: Sequence[Member]) -> Review:
    """Workspace scope: what enrolling these people in a session would mean now."""
    ids = [member.id for member in members]
    known = dict(
        db.session.execute(
            select(Enrolment.member_id, Enrolment.state).where(
                Enrolment.link_id == link.id, Enrolment.member_id.in_(ids), Enrolment.state.in_(SHOWN)
            )
        ).all()
    )
    clashes = conflicts.of(link.session_id, ids)
    verdicts = [Verdict(m, _state(known.get(m.id), clashes.get(m.id)), clashes.get(m.id)) for m in members]
    return Review(
        verdicts, link.seat_cents, credits.balance(link.workspace_id), figures.year(figures.year_of(link.session.starts_at))
    )


def _state(known: str | None, clash: conflicts.Clash | None) -> str:
    if known and known != "requested":
        return "already"
    if clash and clash.is_wall:
        return "clash"
    return "asked" if known else "new"


def batch(batch_id: UUID, account_id: UUID | None) -> EnrolmentBatch | None:
    """Workspace scope: one's own act of enrolling; None when it is nobody's here, or somebody else's."""
    return db.session.scalar(select(EnrolmentBatch).where(EnrolmentBatch.id == batch_id, EnrolmentBatch.account_id == account_id))

"""HR is told once who was enrolled, however many people that were. In workspace scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.letters import writing
from saas.enrolments.letters.kinds import job_of
from saas.enrolments.letters.models import LinkNews
from saas.enrolments.letters.telling import SETTLES, hr_for, hr_who_reads
from saas.enrolments.models import Enrolment, EnrolmentEvent
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.journal import Journal
from tenants.db import db, new_id
from tenants.queue import later

FEWEST = 2


def ask(row: Enrolment) -> None:
    """Have a summary sent in a few minutes, unless one waits already. The first mail of a series asks, the others find it asked."""
    moment = now()
    news = {
        "id": new_id(), "firm_id": row.firm_id, "workspace_id": row.workspace_id, "link_id": row.link_id,
        "told_until": moment - SETTLES, "due_at": moment + SETTLES,
    }  # fmt: skip
    asked = db.session.scalar(
        insert(LinkNews).values(news).on_conflict_do_update(
            index_elements=["firm_id", "workspace_id", "link_id"], set_={"due_at": moment + SETTLES}, where=LinkNews.due_at <= moment
        ).returning(LinkNews.id)
    )  # fmt: skip
    if asked is not None:
        later(job_of("enrolled"), due=moment + SETTLES, link_id=row.link_id)


def send(link_id: UUID) -> None:
    """Ask for one mail to each HR concerned about those enrolled since the last one; none when it is one person or nobody.

    Whoever enrolled them hears of it; when the firm did, every HR who answers for them.
    """
    news = db.session.scalars(select(LinkNews).where(LinkNews.link_id == link_id).with_for_update()).one()
    rows, since = _since(news), news.told_until
    news.told_until = news.due_at = now()
    if len(rows) < FEWEST:
        return
    actors = select(Journal.actor_id).where(
        Journal.workspace_id == news.workspace_id, Journal.action == "enrolments.made", Journal.subject_id == link_id,
        Journal.at > since, Journal.actor_id.is_not(None),
    )  # fmt: skip
    accounts = set(db.session.scalars(actors))
    found = hr_for(news.workspace_id, [row.member for row in rows])
    makers = [(hr, theirs) for hr, theirs in found if hr.account_id in accounts]
    for hr, theirs in makers or found:
        ids = {person.id for person in theirs} | ({hr.id} if makers else set())
        later(job_of("enrolled"), link_id=link_id, to_id=hr.id, enrolment_ids=[str(r.id) for r in rows if r.member_id in ids])


def _since(news: LinkNews) -> Sequence[Enrolment]:
    """People of this client who got a seat, or a place in the queue, without having asked for it."""
    given = select(EnrolmentEvent.enrolment_id).where(
        EnrolmentEvent.workspace_id == news.workspace_id,
        EnrolmentEvent.step.in_(("seated", "waiting")),
        EnrolmentEvent.at > news.told_until,
    )
    asked = select(EnrolmentEvent.enrolment_id).where(
        EnrolmentEvent.workspace_id == news.workspace_id, EnrolmentEvent.step == "requested"
    )
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.member)
        .where(Enrolment.link_id == news.link_id, Enrolment.state.in_(("seated", "waiting")))
        .where(Enrolment.id.in_(given), Enrolment.id.not_in(asked))
        .options(joinedload(Enrolment.member))
        .order_by(Member.name_folded)
        .limit(500)
    )
    return rows.all()


def tell(to_id: UUID, enrolment_ids: Sequence[UUID]) -> None:
    """The mail to one HR."""
    hr = hr_who_reads(to_id)
    session = joinedload(Enrolment.link).joinedload(SessionLink.session)
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.member)
        .where(Enrolment.id.in_(enrolment_ids), Enrolment.state.in_(("seated", "waiting")))
        .options(
            joinedload(Enrolment.member), session.joinedload(TrainingSession.version), session.selectinload(TrainingSession.slots)
        )
        .order_by(Member.name_folded)
    ).all()
    if hr is not None and rows:
        writing.of_enrolled(rows, hr)

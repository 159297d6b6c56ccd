"""Who hears of what, and once: the rules between an event and its mail. Called by jobs, in the scope that asked.

A mail says how a seat stands when it leaves. So each rule looks at the row first: what has moved on since is not told, and
of two changes within a few minutes the first mail says both, and the second finds nothing left to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import any_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, SessionTrainer, TrainingSession
from saas.enrolments.letters import entries, facts, writing
from saas.enrolments.letters.kinds import CANCEL, job_of
from saas.enrolments.letters.models import Told
from saas.enrolments.models import Enrolment
from saas.identity.models import Member, Staff
from saas.identity.viewer import Perimeter
from saas.kit.clock import PARIS, now, today
from saas.kit.i18n import pick, reader_in
from tenants.db import db, new_id
from tenants.queue import later
from tenants.scope import Kind, current_scope

# A change waits this long for the next one, so that both are told at once.
SETTLES = dt.timedelta(minutes=5)
# A kind that is only true while the seat stands so.
TRUE_IN = {
    "requested": ("requested",), "approved": ("seated",), "refused": ("refused",), "seated": ("seated",),
    "waiting": ("waiting",), "offered": ("offered",), "lapsed": ("lapsed",), "moved": ("seated", "offered"),
    "convocation": ("seated",), "substituted_in": ("seated",), "transferred": ("seated", "waiting"),
}  # fmt: skip
CONFIRMED = ("confirmed", "running")


def loaded(enrolment_id: UUID) -> Enrolment:
    """Workspace or firm scope: an enrolment with all that a mail says of it."""
    session = joinedload(Enrolment.link).joinedload(SessionLink.session)
    return db.session.scalars(
        select(Enrolment).where(Enrolment.id == enrolment_id).options(
            joinedload(Enrolment.member),
            session.joinedload(TrainingSession.version),
            session.selectinload(TrainingSession.slots),
            session.selectinload(TrainingSession.trainers).joinedload(SessionTrainer.card),
        )
    ).one()  # fmt: skip


def held(row: Enrolment) -> Told:
    """What somebody was told of a seat, locked until this mail is sent: two jobs about one seat go one after the other."""
    owner = {"firm_id": row.firm_id, "workspace_id": row.workspace_id, "enrolment_id": row.id}
    db.session.execute(insert(Told).values(id=new_id(), **owner).on_conflict_do_nothing())
    mine = select(Told).where(Told.workspace_id == row.workspace_id, Told.enrolment_id == row.id)
    return db.session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one()


def can_hear(row: Enrolment) -> bool:
    """Nobody is told who has left or has no address."""
    return bool(row.member.email) and row.member.left_at is None


def tell(code: str, enrolment_id: UUID, *, again: bool = False) -> None:
    """Send a person one kind of mail about their seat, if it is still true and not told yet; `again`: even when it was told."""
    told = held(row := loaded(enrolment_id))
    db.session.refresh(row, ["state"])
    if not can_hear(row) or row.state not in TRUE_IN.get(code, (row.state,)):
        return
    if not again and _is_known(code, told):
        return
    if code == "moved":
        _moved(row, told, again=again)
    elif code == "convocation":
        if is_convoked(row) and (again or told.convoked_at is None):
            writing.to_person(code, row, told)
    elif code in ("seated", "approved") and not again and may_convoke(row, told):
        writing.to_person("convocation", row, told)  # it says all that the other would, and more
    else:
        writing.to_person(code, row, told)
        if code in ("substituted_in", "transferred") and may_convoke(row, told):
            later(job_of("convocation"), enrolment_id=row.id)


def _is_known(code: str, told: Told) -> bool:
    """Whether the twin of this mail has said the same: an approval gives a seat, and one mail about it is enough."""
    twins = {
        "seated": ("approved", "convocation", "transferred", "substituted_in"),
        "approved": ("seated", "waiting", "convocation"),
    }
    return told.kind in twins.get(code, ())


def _moved(row: Enrolment, told: Told, *, again: bool) -> None:
    """Say what has changed since the last mail; nothing when that is nothing, or only trainers nobody was told of."""
    known = facts.as_told(row.link.session)
    parts = facts.changed(told.facts, known, names=told.convoked_at is not None) if told.facts else set()
    if told.facts and not parts and not again:
        return
    with reader_in(row.member.language):
        extra = facts.of_change(told.facts, parts) if parts else []
    writing.to_person("moved", row, told, extra=extra)


def is_convoked(row: Enrolment) -> bool:
    """Whether a convocation makes sense: a confirmed session that has not started."""
    return row.link.session.state in CONFIRMED and row.link.session.starts_at > now()


def may_convoke(row: Enrolment, told: Told) -> bool:
    """Whether the time of the convocation has come and it has not been sent."""
    days = (row.link.session.starts_at.astimezone(PARIS).date() - today()).days
    return told.convoked_at is None and row.state == "seated" and is_convoked(row) and days <= facts.settings().convocation_days


def transferred(enrolment_id: UUID, to_id: UUID | None, *, again: bool = False) -> None:
    """One mail for both ends of a transfer: the old days leave the calendar, the new ones come."""
    before, after = _ends(loaded(enrolment_id), to_id)
    if after is None:
        return
    told = held(after)
    if not can_hear(after) or (told.kind and not again) or after.state not in TRUE_IN["transferred"]:
        return
    gone: Sequence[bytes] = ()
    if before is not None:
        old, session = held(before), before.link.session
        firm, workspace = writing.places(before.workspace_id)
        with reader_in(before.member.language):
            title, page = str(pick(session.version.title)), writing.seat_page(before, firm, workspace)
            gone = entries.files(before, old, CANCEL, title, page, firm)
        old.kind, old.at = "transferred", now()
    writing.to_person("transferred", after, told, calendar=gone)
    if may_convoke(after, told):
        later(job_of("convocation"), enrolment_id=after.id)


def _ends(row: Enrolment, to_id: UUID | None) -> tuple[Enrolment | None, Enrolment | None]:
    """The seat that was left and the one that was taken, from either of them."""
    if to_id is not None:
        return row, loaded(to_id)
    if row.replaces_id is not None:
        return loaded(row.replaces_id), row
    mine = select(Enrolment.id).where(Enrolment.workspace_id == row.workspace_id, Enrolment.member_id == row.member_id)
    if row.state == "transferred":
        taken = mine.where(
            Enrolment.state.in_(TRUE_IN["transferred"]), Enrolment.requested_at >= (row.ended_at or now()) - SETTLES
        )
        found = db.session.scalars(taken.order_by(Enrolment.requested_at.desc()).limit(1)).first()
        return row, loaded(found) if found else None
    left = mine.where(Enrolment.state == "transferred").order_by(Enrolment.ended_at.desc()).limit(1)
    found = db.session.scalars(left).first()
    return loaded(found) if found else None, row


def hr_for(workspace_id: UUID, people: Sequence[Member]) -> list[tuple[Member, list[Member]]]:
    """Each HR of a client who answers for some of these people, with those; nobody hears of their own seat so."""
    rows = db.session.scalars(
        select(Member).where(
            Member.workspace_id == workspace_id, any_(Member.roles) == "hr", Member.left_at.is_(None), Member.email.is_not(None)
        ).order_by(Member.name_folded, Member.id)
    ).all()  # fmt: skip
    found = []
    for hr in rows:
        limits = Perimeter(frozenset(hr.hr_sites), frozenset(hr.hr_departments))
        theirs = [person for person in people if person.id != hr.id and limits.holds(person.site, person.department)]
        if theirs:
            found.append((hr, theirs))
    return found


def ask_hr(code: str, row: Enrolment) -> None:
    """One job for each HR who answers for this person, so that one address that fails holds no other up."""
    for hr, _theirs in hr_for(row.workspace_id, [row.member]):
        later(job_of(code), enrolment_id=row.id, to_id=hr.id)


def hr_who_reads(to_id: UUID) -> Member | None:
    """An HR who still is one, and can be written to."""
    hr = db.session.scalars(select(Member).where(Member.id == to_id)).one()
    return hr if hr.left_at is None and hr.email and "hr" in hr.roles else None


def trainers_of(session_id: UUID) -> Sequence[Staff]:
    """Firm scope: who gives a session and can be written to."""
    of = select(SessionTrainer.staff_id).where(SessionTrainer.session_id == session_id)
    return db.session.scalars(
        select(Staff).where(Staff.id.in_(of), Staff.left_at.is_(None)).options(joinedload(Staff.card))
    ).all()


def to_the_firm(code: str, row: Enrolment) -> None:
    """Have the trainers of a seat's session told. They are the firm's: from a workspace, a function of the database asks."""
    if current_scope().kind is Kind.FIRM:
        later(job_of(code), enrolment_id=row.id)
        return
    row_id = new_id()
    if db.session.scalar(select(func.tell_the_firm(job_of(code), row.id, row_id))):
        db.session.info.setdefault("pushes", []).append(row_id)


def replaced(row: Enrolment) -> list[facts.Fact]:
    """Who left the seat that somebody has taken over."""
    name = db.session.scalars(
        select(Enrolment).where(
            Enrolment.workspace_id == row.workspace_id, Enrolment.link_id == row.link_id, Enrolment.state == "substituted",
            Enrolment.id != row.id,
        ).order_by(Enrolment.ended_at.desc()).limit(1).options(joinedload(Enrolment.member))
    ).first()  # fmt: skip
    return [facts.Fact(_("In the place of"), [name.member.name])] if name else []

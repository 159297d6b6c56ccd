"""The jobs that send mails about seats, and the clock that convokes.

Those of a person are called with enrolment_id, and with ``again`` when somebody wants the mail once more. Those of HR and of
trainers are called with enrolment_id too: they ask for one job a reader (to_id).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.letters import example, facts, summaries, telling, words, writing
from saas.enrolments.letters.kinds import OF_PERSON, job_of
from saas.enrolments.letters.models import Told
from saas.enrolments.models import Enrolment, EnrolmentEvent
from saas.identity.models import Member, Staff
from saas.kit.clock import PARIS, now, today
from saas.kit.i18n import reader_in
from tenants.db import db, new_id
from tenants.models import Firm, Workspace
from tenants.queue import for_each_firm, job, later
from tenants.resolver import link

# The clock asks again for a convocation that has not left after a day: its job gave up in the meantime.
ASKS_AGAIN = dt.timedelta(hours=24)
MOST = 500


def _of_person(code: str) -> None:
    """Register the job that sends one kind of mail to the person whose seat it is."""

    def send(enrolment_id: str, again: bool = False) -> None:
        telling.tell(code, UUID(enrolment_id), again=again)

    job(job_of(code))(send)


for _code in OF_PERSON:
    if _code not in ("seated", "waiting", "withdrawn", "substituted_in", "transferred"):
        _of_person(_code)


def _given(code: str) -> None:
    """The same for a seat or a place in the queue that was given: HR's summary is asked for."""

    def send(enrolment_id: str, again: bool = False) -> None:
        telling.tell(code, UUID(enrolment_id), again=again)
        if not again:
            summaries.ask(telling.loaded(UUID(enrolment_id)))

    job(job_of(code))(send)


_given("seated")
_given("waiting")


@job("enrolments.withdrawn_mail")
def withdrawn(enrolment_id: str, again: bool = False) -> None:
    """The person, and, when they gave the seat back themselves, HR."""
    telling.tell("withdrawn", UUID(enrolment_id), again=again)
    row = telling.loaded(UUID(enrolment_id))
    last = select(EnrolmentEvent.actor).where(EnrolmentEvent.enrolment_id == row.id, EnrolmentEvent.step == "withdrawn")
    if not again and db.session.scalars(last.order_by(EnrolmentEvent.at.desc()).limit(1)).first() == row.member.name:
        telling.ask_hr("given_back", row)


@job("enrolments.substituted_in_mail")
def substituted_in(enrolment_id: str, again: bool = False) -> None:
    """The newcomer, and the trainers."""
    telling.tell("substituted_in", UUID(enrolment_id), again=again)
    if not again:
        telling.to_the_firm("trainer_substituted", telling.loaded(UUID(enrolment_id)))


@job("enrolments.transferred_mail")
def transferred(enrolment_id: str, to_id: str | None = None, again: bool = False) -> None:
    """Called with the seat that was left (and to_id, the one that was taken) or with the one that was taken alone."""
    telling.transferred(UUID(enrolment_id), UUID(to_id) if to_id else None, again=again)


@job("enrolments.requested_mail")
def requested(enrolment_id: str, to_id: str | None = None) -> None:
    """HR: somebody asks for a seat, and waits."""
    row = telling.loaded(UUID(enrolment_id))
    if row.state != "requested":
        return
    if to_id is None:
        telling.ask_hr("requested", row)
    elif hr := telling.hr_who_reads(UUID(to_id)):
        writing.to_hr("requested", row, hr, [])


@job("enrolments.given_back_mail")
def given_back(enrolment_id: str, to_id: str) -> None:
    """HR: one of their people has given a seat back."""
    if hr := telling.hr_who_reads(UUID(to_id)):
        writing.to_hr("given_back", telling.loaded(UUID(enrolment_id)), hr, [])


@job("enrolments.enrolled_mail")
def enrolled(link_id: str, to_id: str | None = None, enrolment_ids: list[str] | None = None) -> None:
    """HR: who was enrolled in a session these last minutes, in one mail."""
    if to_id is None:
        summaries.send(UUID(link_id))
    else:
        summaries.tell(UUID(to_id), [UUID(i) for i in enrolment_ids or ()])


@job("enrolments.trainer_substituted_mail")
def trainer_substituted(enrolment_id: str, to_id: str | None = None) -> None:
    """Firm scope: the trainers learn who comes in whose place."""
    row = telling.loaded(UUID(enrolment_id))
    if to_id is None:
        for trainer in telling.trainers_of(row.link.session_id):
            later(job_of("trainer_substituted"), enrolment_id=row.id, to_id=trainer.id)
        return
    trainer = _staff(to_id)
    with reader_in(trainer.language):
        shown = telling.replaced(row)
    writing.to_trainer("trainer_substituted", row.link.session, trainer, row, shown)


@job("enrolments.trainer_cancelled_mail")
def trainer_cancelled(session_id: str, to_id: str) -> None:
    """Firm scope: a trainer learns that their session does not take place."""
    session = db.session.scalars(
        select(TrainingSession).where(TrainingSession.id == UUID(session_id))
        .options(joinedload(TrainingSession.version), selectinload(TrainingSession.slots))
    ).one()  # fmt: skip
    writing.to_trainer("trainer_cancelled", session, _staff(to_id), None, [])


def _staff(staff_id: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.id == UUID(staff_id)).options(joinedload(Staff.card))).one()


@job("enrolments.sweep_convocations")
def sweep_convocations() -> None:
    """Platform scope: each firm looks for the people it has to convoke."""
    for_each_firm("enrolments.convoke")


@job("enrolments.convoke")
def convoke() -> None:
    """Firm scope: ask for the convocation of everybody whose time has come and who has not had it."""
    rows = db.session.execute(_due()).all()
    for row in rows:
        owner = {"firm_id": row.firm_id, "workspace_id": row.workspace_id, "enrolment_id": row.id}
        db.session.execute(insert(Told).values(id=new_id(), **owner).on_conflict_do_nothing())
        later(job_of("convocation"), enrolment_id=row.id)
    asked = Told.enrolment_id.in_([row.id for row in rows])
    db.session.execute(update(Told).where(asked).values(asked_at=now()).execution_options(synchronize_session=False))
    if len(rows) == MOST:
        later("enrolments.convoke")


def _due() -> Select[UUID, UUID, UUID]:
    """Seats of confirmed sessions that start within the firm's number of days, not convoked, not asked for today."""
    last = dt.datetime.combine(today() + dt.timedelta(days=facts.settings().convocation_days + 1), dt.time(), PARIS)
    done = select(Told.id).where(
        Told.workspace_id == Enrolment.workspace_id, Told.enrolment_id == Enrolment.id,
        Told.convoked_at.is_not(None) | (Told.asked_at > now() - ASKS_AGAIN),
    )  # fmt: skip
    return (
        select(Enrolment.firm_id, Enrolment.workspace_id, Enrolment.id)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(Enrolment.member)
        .join(Workspace, (Workspace.firm_id == Enrolment.firm_id) & (Workspace.id == Enrolment.workspace_id))
        .where(Enrolment.state == "seated", TrainingSession.state.in_(telling.CONFIRMED), Workspace.state == "active")
        .where(TrainingSession.starts_at > now(), TrainingSession.starts_at < last)
        .where(Member.email.is_not(None), Member.left_at.is_(None), ~done.exists())
        .order_by(TrainingSession.starts_at, Enrolment.id)
        .limit(MOST)
    )


@job("enrolments.try_mail")
def try_mail(staff_id: str, code: str, language: str, client_id: str | None = None) -> None:
    """Firm scope: a mail to whoever adapts its words, as they stand, with an example of a session."""
    staff, firm = _staff(staff_id), db.session.scalars(select(Firm)).one()
    client = UUID(client_id) if client_id else None
    name = writing.places(client)[1].name if client else firm.name
    reader = replace(writing.Reader.staff(staff), language=language)
    said = words.of_client(code, language, client) if client else words.of_firm(code, language)
    page = link(firm.slug, "letters.text", kind=code)
    letter = example.letter(
        code, said, language, example.session(), reader, firm=firm.name, client=name, asked=facts.asked(), url=page
    )
    writing.post("try", letter, reader, firm, workspace_id=None, about_id=staff.id)

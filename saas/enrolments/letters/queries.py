"""Reads of mails: the texts there are, what was sent to whom, who should have heard and did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, SessionTrainer, TrainingSession
from saas.catalogue.queries.sessions import within_reach
from saas.enrolments.letters.kinds import code_of
from saas.enrolments.letters.models import ClientLetterText, LetterText, Told
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit.clock import PARIS, now, today
from saas.kit.mail import MailLog
from saas.workspaces.queries.people import perimeter, within
from tenants.db import db
from tenants.models import Workspace

NEWEST = (MailLog.sent_at.desc(), MailLog.id.desc())


def adapted(client_id: UUID | None = None) -> Mapping[tuple[str, str], LetterText | ClientLetterText]:
    """Firm scope: the texts in force that are the firm's own (for one client: that client's), by kind and language."""
    rows, model = _texts(client_id)
    newest = rows.ext(distinct_on(model.kind, model.language)).order_by(model.kind, model.language, model.made_at.desc())
    return {(row.kind, row.language): row for row in db.session.scalars(newest) if not row.is_ours}


def _texts(client_id: UUID | None) -> tuple[Select[Any], Any]:
    """The texts for all clients, or for one; and their model."""
    if client_id is None:
        return select(LetterText), LetterText
    return select(ClientLetterText).where(ClientLetterText.workspace_id == client_id), ClientLetterText


def history(code: str, client_id: UUID | None = None) -> Sequence[LetterText | ClientLetterText]:
    """Firm scope: the last texts of a kind in both languages, the newest first."""
    rows, model = _texts(client_id)
    newest = rows.where(model.kind == code).order_by(model.made_at.desc(), model.id.desc())
    return db.session.scalars(newest.limit(20)).all()


def example_session() -> TrainingSession | None:
    """Firm scope: a session to show a text with: the next one, else the last one."""
    coming = (TrainingSession.starts_at < now()).asc(), TrainingSession.starts_at
    found = (
        select(TrainingSession)
        .where(within_reach(), TrainingSession.state.in_(("open", "confirmed")))
        .options(joinedload(TrainingSession.version), joinedload(TrainingSession.slots))
        .options(joinedload(TrainingSession.trainers).joinedload(SessionTrainer.card))
        .order_by(*coming)
    )
    return db.session.scalars(found.limit(1)).unique().first()


def log_of_session(session_id: UUID) -> Select[MailLog]:
    """Firm scope: what was sent about a session and its seats, the newest first, as a statement to be paged."""
    link = select(SessionLink.id).where(SessionLink.session_id == session_id)
    about = select(Enrolment.id).where(Enrolment.link_id.in_(link))
    return (
        select(MailLog)
        .where(MailLog.template.startswith("enrolments/"))
        .where(or_(MailLog.about_id.in_(about), MailLog.about_id.in_(link), MailLog.about_id == session_id))
        .order_by(*NEWEST)
    )


def seats_of_session(session_id: UUID) -> Sequence[UUID]:
    """Firm scope: the ids of everybody's seat in a session."""
    of = select(Enrolment.id).join(Enrolment.link).where(SessionLink.session_id == session_id)
    return db.session.scalars(of).all()


def people(rows: Sequence[MailLog]) -> Mapping[UUID, Member]:
    """Whom these mails were sent to, by id."""
    ids = {row.member_id for row in rows if row.member_id}
    found = db.session.scalars(select(Member).where(Member.id.in_(ids))) if ids else ()
    return {member.id: member for member in found}


def log_of_person(person: Member, most: int = 12) -> Sequence[MailLog]:
    """Workspace scope: the last mails to somebody at the address they have now, and those about their seats at others."""
    addresses = [a for a in (person.email, person.email_norm) if a]
    to_them = or_(MailLog.member_id == person.id, and_(MailLog.to.in_(addresses), MailLog.member_id.is_(None)))
    here = MailLog.workspace_id == person.workspace_id
    return db.session.scalars(select(MailLog).where(here, to_them).order_by(*NEWEST).limit(most)).all()


def letter(letter_id: UUID) -> MailLog:
    """Firm or workspace scope: one line of the log about somebody's seat. 404 when it is not about somebody one answers for."""
    statement = select(MailLog).where(MailLog.id == letter_id)
    if perimeter():
        statement = within(
            statement.join(Member, and_(Member.workspace_id == MailLog.workspace_id, Member.id == MailLog.member_id))
        )
    found = db.session.scalars(statement).first()
    if found is None or found.workspace_id is None:
        abort(404)
    return found


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A mail that has not left: its kind, when it is due, and whether it was given up."""

    enrolment_id: UUID
    code: str
    due_at: dt.datetime
    failed: bool


def under_way(enrolment_ids: Sequence[UUID]) -> list[UnderWay]:
    """Firm or workspace scope: mails to the holders of these seats that wait to leave, or that no server took."""
    if not enrolment_ids:
        return []
    rows = db.session.execute(text("SELECT * FROM letters_under_way(:ids) ORDER BY due_at"), {"ids": list(enrolment_ids)})
    return [UnderWay(row[0], row[1].removeprefix("enrolments.").removesuffix("_mail"), row[2], row[3]) for row in rows]


@dataclass(frozen=True, slots=True)
class Unheard:
    """Somebody with a seat in a session that is near, whose convocation did not reach them, and why."""

    row: Enrolment
    why: str


def unheard(days: int) -> Select[Enrolment]:
    """Firm scope: seats in sessions of the next `days` days whose convocation was not sent, or came back; to be paged."""
    last = dt.datetime.combine(today() + dt.timedelta(days=days + 1), dt.time(), PARIS)
    told = select(Told.id).where(
        Told.workspace_id == Enrolment.workspace_id, Told.enrolment_id == Enrolment.id, Told.convoked_at.is_not(None)
    )
    return (
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(Enrolment.member)
        .join(Workspace, (Workspace.firm_id == Enrolment.firm_id) & (Workspace.id == Enrolment.workspace_id))
        .where(Enrolment.state == "seated", TrainingSession.state.in_(("open", "confirmed", "running")))
        .where(TrainingSession.starts_at > now(), TrainingSession.starts_at < last, Workspace.state == "active")
        .where(or_(~told.exists(), _is_refused()))
        .options(
            joinedload(Enrolment.member),
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
        )
        .order_by(TrainingSession.starts_at, Member.name_folded, Enrolment.id)
    )


def _is_refused() -> ColumnElement[bool]:
    return and_(Member.refused_email != "", Member.refused_email == Member.email_norm)


def reasons(rows: Sequence[Enrolment]) -> list[Unheard]:
    """Why each of these people has not heard: left, no-address, refused, failed, unconfirmed, leaving or asked."""
    pending = {item.enrolment_id: item for item in under_way([row.id for row in rows]) if item.code == "convocation"}
    return [Unheard(row, _why(row, pending.get(row.id))) for row in rows]


def _why(row: Enrolment, pending: UnderWay | None) -> str:
    if row.member.left_at is not None:
        return "left"
    if not row.member.email:
        return "no-address"
    if row.member.is_refused:
        return "refused"
    if pending is not None:
        return "failed" if pending.failed else "leaving"
    return "unconfirmed" if row.link.session.state == "open" else "due"


@dataclass(frozen=True, slots=True)
class Line:
    """One mail about a seat, as its page shows it. state: sent, bounced, leaving or failed."""

    code: str
    at: dt.datetime
    state: str
    to: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What the page of a seat says of absences, needs and mails: (start, kind, reason) of each absence."""

    absences: Sequence[tuple[dt.datetime, str, str]]
    has_need: bool
    mails: Sequence[Line]


OF_SEAT = text("""
SELECT (SELECT json_agg(json_build_array(a.starts_at, a.kind, a.reason) ORDER BY a.starts_at) FROM absence a
         WHERE a.firm_id = app_firm() AND a.workspace_id = app_workspace() AND a.enrolment_id = :seat
           AND a.taken_back_at IS NULL),
       EXISTS (SELECT 1 FROM my_need(:seat, :token)),
       (SELECT json_agg(m ORDER BY m.sent_at DESC) FROM (
          SELECT id, template, "to", sent_at, state FROM mail_log
           WHERE firm_id = app_firm() AND workspace_id = app_workspace() AND about_id = :seat AND member_id = :member
           ORDER BY sent_at DESC LIMIT 12) m),
       (SELECT json_agg(json_build_array(u.kind, u.due_at, u.failed) ORDER BY u.due_at)
          FROM letters_under_way(ARRAY[CAST(:seat AS uuid)]) u)
""")


def of_seat(row: Enrolment, token: str) -> SeatFacts:
    """Workspace scope: all of that in one statement. `token` is the hash of the viewer's sign-in: needs are their own alone."""
    asked = {"seat": row.id, "token": token, "member": row.member_id}
    absences, has_need, sent, leaving = db.session.execute(OF_SEAT, asked).one()
    moment = dt.datetime.fromisoformat
    mails = [
        Line(kind.removeprefix("enrolments.").removesuffix("_mail"), moment(due), "failed" if failed else "leaving")
        for kind, due, failed in leaving or ()
    ]
    mails += [Line(code_of(m["template"]), moment(m["sent_at"]), m["state"], m["to"], UUID(m["id"])) for m in sent or ()]
    return SeatFacts([(moment(at), kind, reason) for at, kind, reason in absences or ()], has_need, mails)

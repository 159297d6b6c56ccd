"""Writes about mails: the firm's texts, its convocations' settings, a mail sent once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from saas.enrolments.letters import words
from saas.enrolments.letters.kinds import KINDS, code_of, job_of, named
from saas.enrolments.letters.models import ClientLetterText, LetterSettings, LetterText
from saas.enrolments.letters.telling import can_hear, held, is_convoked
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.kit.mail import MailLog
from tenants.db import db
from tenants.queue import later
from tenants.scope import current_scope

# Two clicks, or two people, send one mail.
BETWEEN_TWO = dt.timedelta(minutes=2)
JUST_SENT = _l("This mail left a moment ago, or is about to: nothing new was sent.")


def adapt(code: str, typed: Mapping[str, Mapping[str, str]], client_id: UUID | None = None) -> int:
    """Firm scope: keep the texts of a kind, {language: {part: text}}, that differ from what is said now; how many did.

    For one client with client_id. Raises Refused, at the field part_language.
    """
    said, kept = words.in_force(code, client_id), 0
    for language, parts in typed.items():
        new = {part: words.check(code, part, parts[part], f"{part}_{language}") for part in words.PARTS}
        if new != {part: getattr(said[language], part) for part in words.PARTS}:
            db.session.add(_row(code, language, client_id, **new))
            kept += 1
    if kept:
        db.session.flush()
        journal.note("letter.adapted", str(KINDS[code].name), client_id)
    return kept


def go_back(code: str, language: str, client_id: UUID | None = None) -> None:
    """Firm scope: the product's own text again; for one client, what the firm says to all. The history stays."""
    db.session.add(_row(code, language, client_id, is_ours=True))
    db.session.flush()
    journal.note("letter.adapted", str(KINDS[code].name), client_id)


def _row(code: str, language: str, client_id: UUID | None, **values: str | bool) -> LetterText | ClientLetterText:
    who = {"kind": code, "language": language, "made_by": actor_name()}
    return ClientLetterText(workspace_id=client_id, **who, **values) if client_id else LetterText(**who, **values)


def set_convocations(*, days: int, contact: str, access_contact: str, to_bring: Mapping[str, str]) -> None:
    """Firm scope: when people are convoked, and what their convocation says of whom to ask and what to bring."""
    known = db.session.scalars(select(LetterSettings).with_for_update()).first()
    if known is None:
        known = LetterSettings(id=current_scope().firm_id)
        db.session.add(known)
    known.convocation_days, known.contact, known.access_contact = days, contact.strip(), access_contact.strip()
    known.to_bring = {language: said.strip() for language, said in to_bring.items() if said.strip()}
    db.session.flush()
    journal.note("letter.convocations", "")


def again(row: MailLog) -> None:
    """Workspace or firm scope: send somebody the same kind of mail again, as their seat stands now.

    Raises Refused when that is not true any more, when it is no mail about a seat, or when one left a moment ago.
    """
    code = code_of(row.template)
    found = db.session.scalars(select(Enrolment).where(Enrolment.id == row.about_id)).first() if row.about_id else None
    if found is None or not code or row.member_id != found.member_id:
        raise Refused(_l("Only mails to a person about their own seat can be sent again."))
    _send_again(found, code)


def convoke(row: Enrolment) -> None:
    """Workspace or firm scope: send the convocation now, for the first time or again. Raises Refused."""
    if row.state != "seated" or not is_convoked(row):
        raise Refused(_l("A convocation is for somebody with a seat in a confirmed session to come."))
    _send_again(row, "convocation")


def _send_again(row: Enrolment, code: str) -> None:
    held(row)  # locked: the second of two clicks waits here, and then sees the first
    if not can_hear(row):
        raise Refused(_l("%(name)s has no address, or has left: nobody can be written to.", name=row.member.name))
    just = select(MailLog.id).where(
        MailLog.about_id == row.id, MailLog.member_id == row.member_id, MailLog.template == named(code),
        MailLog.sent_at > now() - BETWEEN_TWO,
    )  # fmt: skip
    waiting = text("SELECT 1 FROM letters_under_way(:ids) WHERE kind = :kind AND NOT failed LIMIT 1")
    if db.session.execute(just).first() or db.session.execute(waiting, {"ids": [row.id], "kind": job_of(code)}).first():
        raise Refused(JUST_SENT)
    # The address gets another chance: should it come back again, a report says so again.
    db.session.execute(
        Member.__table__.update().where(  # type: ignore[attr-defined]
            Member.firm_id == row.firm_id, Member.workspace_id == row.workspace_id, Member.id == row.member_id
        ).values(refused_email="")
    )  # fmt: skip
    later(job_of(code), enrolment_id=row.id, again=True)
    journal.note("letter.again", row.member.name, row.member_id)

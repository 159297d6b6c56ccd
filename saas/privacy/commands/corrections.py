"""Corrections: what one may correct of oneself, and what one asks HR to correct."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from saas.identity.models import Member, Staff
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.privacy.models import MOST_TEXT, Correction
from tenants.db import db, new_id

OWN = ("first_name", "last_name", "job_title", "language")
TOO_LONG = _l("At most 1,000 characters.")


def correct_oneself(person: Member, values: Mapping[str, str]) -> list[str]:
    """Workspace scope: write what somebody says of themselves; returns the names of what changed, which HR reads."""
    db.session.refresh(person, with_for_update=True)
    changed = [name for name in OWN if values[name].strip() != getattr(person, name)]
    for name in changed:
        setattr(person, name, values[name].strip())
    if changed:
        person.name_folded = Member.folded(person.first_name, person.last_name)
        db.session.flush()
        journal.note("member.corrected", person.name, person.id, fields=changed)
    return changed


def correct_card(person: Staff, values: Mapping[str, str]) -> bool:
    """Firm scope: what somebody of the staff corrects of their own card. Says whether anything changed."""
    card, name, phone = person.card, values["name"].strip(), values["phone"].strip()
    if (name, phone, values["language"]) == (card.name, card.phone, person.language):
        return False
    card.name, card.phone, person.language = name, phone, values["language"]
    db.session.flush()
    journal.note("staff.corrected", card.name, person.id)
    return True


def ask(person: Member, text: str) -> Correction:
    """Workspace scope: ask HR for a correction. Raises Refused when it is empty, too long, or one waits already."""
    said = text.strip()
    if not said:
        raise Refused(_l("Say what is wrong, and what would be right."), "text")
    if len(said) > MOST_TEXT:
        raise Refused(TOO_LONG, "text")
    waiting = _l("HR has not answered your last request yet: take it back first, or wait for the answer.")
    if db.session.scalar(select(Correction.id).where(Correction.member_id == person.id, Correction.state == "open")):
        raise Refused(waiting, "text")
    request = Correction(id=new_id(), member_id=person.id, text=said)
    try:
        with db.session.begin_nested():
            db.session.add(request)
    except IntegrityError:  # sent twice at the same moment
        raise Refused(waiting, "text") from None
    journal.note("correction.asked", person.name, person.id)
    return request


def take_back(person: Member) -> bool:
    """Workspace scope: whoever asked asks no more. False when nothing was open."""
    open_ = update(Correction).where(Correction.member_id == person.id, Correction.state == "open")
    return bool(db.session.scalars(open_.values(state="withdrawn", answered_at=now()).returning(Correction.id)).all())


def answer(request: Correction, person: Member, *, done: bool, text: str) -> None:
    """Workspace scope: HR settles a correction. Raises Refused without a reason for a refusal, or when it was settled already."""
    said = text.strip()
    if not done and not said:
        raise Refused(_l("Say why: the person reads it."), "answer")
    if len(said) > MOST_TEXT:
        raise Refused(TOO_LONG, "answer")
    db.session.refresh(request, with_for_update=True)
    if request.state != "open":
        raise Refused(_l("This request was answered already, or taken back."), "answer")
    request.state, request.answer = "done" if done else "refused", said
    request.answered_by, request.answered_at = actor_name(), now()
    db.session.flush()
    journal.note("correction.done" if done else "correction.refused", person.name, person.id)

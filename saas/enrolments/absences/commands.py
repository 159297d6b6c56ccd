"""Writes of absences announced beforehand. In workspace scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from saas.enrolments.absences.models import Absence
from saas.enrolments.letters.telling import SETTLES
from saas.enrolments.models import Enrolment
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import later

KINDS = ("absent", "late")
MOST_WORDS = 400


def announce(row: Enrolment, starts: Collection[dt.datetime], kind: str, reason: str) -> int:
    """Say that somebody misses, or comes late to, these half-days and to no others; returns how many.

    Half-days are named by their start. Those that have begun stay as they are. HR and trainers are told once, in a few
    minutes. Raises Refused without a seat, and on a half-day that is none of the session's.
    """
    db.session.refresh(row, ["state"], with_for_update=True)
    if row.state != "seated":
        raise Refused(_l("Only somebody with a seat can announce an absence."))
    moment = now()
    coming = {slot.starts_at for slot in row.link.session.slots if slot.starts_at > moment}
    if not coming:
        raise Refused(_l("The last half-day has begun: speak to the trainer."))
    if not set(starts) <= coming:
        raise Refused(_l("Choose half-days that have not begun."), "slots")
    if kind not in KINDS:
        raise Refused(_l("Say whether you will be absent or late."), "kind")
    if _write(row, coming, set(starts), kind, reason.strip()[:MOST_WORDS]):
        later("enrolments.absence_mail", due=moment + SETTLES, enrolment_id=row.id)
        journal.note("absence.announced" if starts else "absence.taken_back", row.member.name, row.member_id)
    return len(starts)


def _write(row: Enrolment, coming: set[dt.datetime], wanted: set[dt.datetime], kind: str, reason: str) -> bool:
    """Whether anything is different now from what was announced before."""
    known = {absence.starts_at: absence for absence in of(row.id)}
    changed = False
    for start in sorted(coming):
        absence = known.get(start)
        stands = absence is not None and absence.taken_back_at is None
        if start in wanted:
            if absence is None:
                absence = Absence(enrolment_id=row.id, starts_at=start, kind=kind, reason=reason, workspace_id=row.workspace_id)
                db.session.add(absence)
            elif stands and (absence.kind, absence.reason) == (kind, reason):
                continue
            absence.kind, absence.reason, absence.taken_back_at, absence.told_at = kind, reason, None, None
            absence.said_at, changed = now(), True
        elif absence is not None and stands:
            absence.taken_back_at, changed = now(), True
            # What nobody has heard of yet needs no taking back.
            absence.told_at = None if absence.told_at else now()
    db.session.flush()
    return changed


def of(enrolment_id: UUID) -> Sequence[Absence]:
    """Every absence of a seat, taken back or not, in the order of the half-days."""
    return db.session.scalars(select(Absence).where(Absence.enrolment_id == enrolment_id).order_by(Absence.starts_at)).all()


def untold(row: Enrolment) -> bool:
    """Workspace scope: whether HR and trainers have something to hear, which counts as told from here on."""
    told = update(Absence).where(Absence.enrolment_id == row.id, Absence.told_at.is_(None)).values(told_at=now())
    return bool(db.session.scalars(told.returning(Absence.id)).all())

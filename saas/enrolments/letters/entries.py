"""The calendar entries of one seat (RFC 5545, 5546): one a day, UID from the enrolment, SEQUENCE that only grows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _

from saas.catalogue import calendars
from saas.catalogue.models import TrainingSession
from saas.enrolments.letters.facts import as_told, where
from saas.enrolments.letters.kinds import CANCEL, REQUEST
from saas.enrolments.letters.models import Told
from saas.enrolments.models import Enrolment
from saas.identity.models import Member
from saas.kit import calendar
from tenants.models import Firm

Days = Sequence[calendar.Times]
OF_CALENDAR = ("days", "place", "video")


def entries(row: Enrolment, sequence: int, title: str, url: str, held: Days | None = None) -> list[calendar.Entry]:
    """One entry a day of a seat's session, as feeds have them; or of the days that its person holds from an earlier mail."""
    session = row.link.session
    text = _("Your page for this training: %(url)s", url=url)
    if held is None:
        return calendars.entries(session, str(row.id), sequence, title, text=text, url=url)
    place = where(session) or session.video_url
    return calendar.days(str(row.id), sequence, title, held, ZoneInfo(session.time_zone), place=place, text=text, url=url)


def files(row: Enrolment, told: Told, method: str, title: str, url: str, firm: Firm) -> list[bytes]:
    """What a mail attaches, and, on `told`, the sequence that its reader holds from then on. Nothing without a calendar to change.

    A REQUEST says the days again with the same SEQUENCE while they are as told, with a higher one when they have changed, and
    cancels days that are no more. A CANCEL takes away the days that were told.
    """
    if not method or not (told.sequence >= 0 or row.seated_at):
        return []
    session, before = row.link.session, told.facts
    held = _days(before) if before else None
    if method == CANCEL:
        sequence = max(session.sequence + 1, told.sequence + 1)
        told.sequence = sequence
        return _files(entries(row, sequence, title, url, held), CANCEL, firm, row.member)
    sequence = sequence_now(told, session)
    told.sequence = sequence
    now = entries(row, sequence, title, url)
    kept = {entry.uid for entry in now}
    gone = [entry for entry in entries(row, sequence, title, url, held) if entry.uid not in kept] if held else []
    return [*_files(now, REQUEST, firm, row.member), *_files(gone, CANCEL, firm, row.member)]


def sequence_now(told: Told, session: TrainingSession) -> int:
    """The SEQUENCE of what is said now: one more than what was said when that was something else."""
    if told.sequence < 0:
        return session.sequence
    now = as_told(session)
    same = all(told.facts.get(part) == now[part] for part in OF_CALENDAR)
    return told.sequence if same else max(session.sequence, told.sequence + 1)


def _days(facts: dict[str, Any]) -> list[calendar.Times]:
    return [
        (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end), number) for start, end, number in facts.get("days", [])
    ]


def _files(found: Sequence[calendar.Entry], method: str, firm: Firm, member: Member) -> list[bytes]:
    organizer = (firm.name, current_app.config["MAIL_FROM"])
    return [calendar.ics([entry], method, organizer, (member.name, member.email or "")) for entry in found]

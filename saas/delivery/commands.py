"""Writes of what happens in the room: signing, counter-signing, certificates."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from saas.catalogue.commands.sessions import must_reach_every_client
from saas.catalogue.models import SessionLink, Slot, TrainingSession
from saas.delivery.models import AttendanceMark, Certificate, CounterSignature
from saas.enrolments.models import Enrolment, EnrolmentEvent
from saas.kit import branding, documents, journal, storage
from saas.kit.clock import PARIS, now
from saas.kit.errors import Refused
from saas.kit.i18n import pick
from saas.kit.journal import actor_name
from saas.workspaces.commands.firm import profile_with
from saas.workspaces.facts import NEEDS
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.queue import later

OPENS = dt.timedelta(minutes=30)
CLOSES = dt.timedelta(days=2)
FIRST = "0" * 64
MOST_DRAWING = 200_000
PNG = b"\x89PNG\r\n\x1a\n"
TEMPLATE = Path(__file__).parent / "typst" / "certificate.typ"


def can_sign(slot: Slot, moment: dt.datetime | None = None) -> bool:
    """Whether a half-day takes signatures: from 30 minutes before its start to two days after its end."""
    return slot.starts_at - OPENS <= (moment or now()) <= slot.ends_at + CLOSES


def sign(row: Enrolment, slot: Slot, name: str, drawing: str = "") -> AttendanceMark:
    """Workspace scope: a participant signs one half-day. Signing twice keeps the first. Raises Refused."""
    if row.state not in ("seated", "attended"):
        raise Refused(_l("Only somebody with a seat signs."))
    if not can_sign(slot):
        raise Refused(_l("This half-day is signed from 30 minutes before it starts to two days after it ends."))
    if not name.strip():
        raise Refused(_l("Type your name: it is your signature."), "name")
    # One at a time per client and half-day, so that each mark follows the one before it.
    key = f"{row.workspace_id}:{slot.id}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    known = db.session.scalar(
        select(AttendanceMark).where(AttendanceMark.slot_id == slot.id, AttendanceMark.enrolment_id == row.id)
    )
    if known is not None:
        return known
    mark = AttendanceMark(
        id=new_id(), enrolment_id=row.id, link_id=row.link_id, slot_id=slot.id, signed_name=name.strip()[:120],
        signed_at=now(), previous_hash=_last_hash(slot.id), drawing=_keep(drawing),
        minutes_late=max(0, int((now() - slot.starts_at).total_seconds() // 60) - 15) if now() < slot.ends_at else 0,
    )  # fmt: skip
    mark.hash = chained(mark)
    db.session.add(mark)
    db.session.flush()
    return mark


def _last_hash(slot_id: UUID) -> str:
    marks = db.session.execute(
        select(AttendanceMark.hash, AttendanceMark.previous_hash).where(AttendanceMark.slot_id == slot_id)
    ).all()
    followed = {previous for _, previous in marks}
    return next((mark for mark, _ in marks if mark not in followed), FIRST)


def chained(mark: AttendanceMark) -> str:
    """SHA-256 over what a mark says and the mark before it."""
    said = (
        mark.enrolment_id, mark.slot_id, mark.signed_name, mark.signed_at.astimezone(dt.UTC).isoformat(), mark.drawing,
        mark.previous_hash,
    )  # fmt: skip
    return hashlib.sha256("|".join(str(part) for part in said).encode()).hexdigest()


def _keep(drawing: str) -> str:
    """Store a drawn signature (a PNG data URL); nothing when it is none."""
    head, _, body = drawing.partition(",")
    if head != "data:image/png;base64" or len(body) > MOST_DRAWING:
        return ""
    try:
        content = base64.b64decode(body, validate=True)
    except binascii.Error:
        return ""
    if not content.startswith(PNG):
        return ""
    key = storage.key_for(new_id(), ".png")
    storage.put(key, content)
    return key


def marks_of(session_id: UUID) -> list[AttendanceMark]:
    """Firm scope: every signature of a session."""
    slots = select(Slot.id).where(Slot.session_id == session_id)
    return list(db.session.scalars(select(AttendanceMark).where(AttendanceMark.slot_id.in_(slots))))


def countersign(session: TrainingSession, slot: Slot, staff_id: UUID, name: str) -> None:
    """Firm scope: the trainer signs for a half-day; with the last one, the session is done. Raises Refused."""
    if slot.session_id != session.id or now() < slot.starts_at:
        raise Refused(_l("A half-day is counter-signed once it has begun."))
    must_reach_every_client(session.id)
    if not name.strip():
        raise Refused(_l("Type your name: it is your signature."), "name")
    signed = db.session.scalars(select(CounterSignature).where(CounterSignature.session_id == session.id)).all()
    if slot.id in {row.slot_id for row in signed}:
        return
    marks = sorted(mark.hash for mark in marks_of(session.id) if mark.slot_id == slot.id)
    db.session.add(
        CounterSignature(
            slot_id=slot.id,
            session_id=session.id,
            staff_id=staff_id,
            signed_name=name.strip()[:120],
            signed_at=now(),
            marks=len(marks),
            digest=hashlib.sha256("".join(marks).encode()).hexdigest(),
        )  # fmt: skip
    )
    db.session.flush()
    journal.note("attendance.countersigned", session.version.title.get("fr", ""), session.id)
    if len(signed) + 1 == len(session.slots):
        _close(session)


def _close(session: TrainingSession) -> None:
    """Every half-day is counter-signed: who signed at least once attended; certificates follow."""
    session.state = "done"
    present = {mark.enrolment_id for mark in marks_of(session.id)}
    rows = db.session.scalars(
        select(Enrolment).join(Enrolment.link).where(SessionLink.session_id == session.id, Enrolment.state == "seated")
    )
    for row in rows:
        row.state = "attended" if row.id in present else "absent"
        db.session.add(EnrolmentEvent(workspace_id=row.workspace_id, enrolment_id=row.id, actor=actor_name(), step=row.state))
    later("delivery.certificates", session_id=session.id)


def certify(session: TrainingSession) -> int:
    """Firm scope: make the certificates of everybody who attended; returns how many are new.

    Raises Refused while a fact that the official model asks for is missing.
    """
    profile = profile_with(*NEEDS["certificate"])
    rows = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.link)
        .where(SessionLink.session_id == session.id, Enrolment.state == "attended")
        .where(Enrolment.id.not_in(select(Certificate.enrolment_id)))
    ).all()
    marks, names = marks_of(session.id), {w.id: w for w in db.session.scalars(select(Workspace))}
    for row in rows:
        minutes = _minutes(session, {mark.slot_id for mark in marks if mark.enrolment_id == row.id})
        trainers = ", ".join(t.card.name for t in session.trainers)
        _make(row, _facts(row, session, profile, names[row.workspace_id], minutes, trainers))
    if rows:
        journal.note("certificate.made", session.version.title.get("fr", ""), session.id, number=len(rows))
    return len(rows)


def _minutes(session: TrainingSession, signed: set[UUID]) -> int:
    return sum(int((s.ends_at - s.starts_at).total_seconds() // 60) for s in session.slots if s.id in signed)


def _facts(
    row: Enrolment, session: TrainingSession, profile: FirmProfile, workspace: Workspace, minutes: int, trainers: str
) -> dict[str, Any]:
    """What the official model says, frozen."""
    days = sorted({slot.starts_at.astimezone(PARIS).date().isoformat() for slot in session.slots})
    return {
        "person": row.member.name, "employer": workspace.name, "title": pick(session.version.title, row.member.language),
        "objectives": [pick(o, row.member.language) for o in session.version.texts.get("objectives", [])],
        "days": days, "hours": f"{minutes // 60} h {minutes % 60:02d}".removesuffix(" 00"), "trainers": trainers,
        "language": row.member.language, "place": session.venue or session.video_url, "city": profile.city,
        "firm": profile.legal_name, "siret": profile.siret, "activity_number": profile.activity_number,
        "activity_region": profile.activity_region, "signatory": profile.signatory,
        "signatory_title": profile.signatory_title, "logo": profile.logo, "colour": branding.guard(profile.colour).light, "issued_on": now().date().isoformat(),
    }  # fmt: skip


def _make(row: Enrolment, facts: dict[str, Any]) -> None:
    certificate_id, code = new_id(), secrets.token_urlsafe(16)
    pdf = documents.render(TEMPLATE, {**facts, "code": code}, facts["logo"])
    document = documents.archive("certificate", certificate_id, "certificat.pdf", pdf, workspace_id=row.workspace_id)
    db.session.add(
        Certificate(
            id=certificate_id,
            workspace_id=row.workspace_id,
            enrolment_id=row.id,
            code=code,
            data=facts,
            document_id=document.id,
            issued_at=now(),
        )  # fmt: skip
    )
    db.session.flush()
    later("delivery.certificate_mail", certificate_id=certificate_id)

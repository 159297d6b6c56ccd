"""What delivery holds about people: signatures and certificates, which the law keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload

from saas.catalogue.models import SessionLink, TrainingSession
from saas.delivery.models import AttendanceMark, Certificate, CounterSignature
from saas.enrolments.models import Enrolment
from saas.kit import formats, storage
from saas.kit.clock import PARIS
from saas.kit.documents import Document, content_of
from saas.kit.i18n import pick
from saas.kit.names import slugify
from saas.kit.personal import Fact, Hold, Part, Person, Row, holds_personal, years_after
from saas.workspaces.models import FirmProfile
from tenants.db import db
from tenants.scope import Kind

SHEETS_LAW = _l("C. trav. L6362-6: proof that the training took place; LPF L102 B")
CERTIFICATE_LAW = _l("C. trav. R6332-26 and L6362-6: proof that the training took place")


# How long the firm of this scope keeps its proofs: six years, ten when its trainings are co-funded.
YEARS = func.coalesce(select(FirmProfile.evidence_years).scalar_subquery(), 6)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(PARIS).date()


def _marks(person: Person) -> Sequence[tuple[AttendanceMark, int]]:
    """What the person signed, each with the years that the firm keeps it."""
    session = joinedload(AttendanceMark.enrolment).joinedload(Enrolment.link).joinedload(SessionLink.session)
    own = AttendanceMark.enrolment_id.in_(select(Enrolment.id).where(Enrolment.member_id == person.member_id))
    # Without a name and a drawing, what was held is gone already.
    rows = select(AttendanceMark, YEARS).where(own, AttendanceMark.signed_name != "")
    rows = rows.options(session.joinedload(TrainingSession.version)).order_by(AttendanceMark.signed_at)
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def _read_marks(person: Person) -> Sequence[Row]:
    return [
        [
            Fact("programme", _l("Programme"), pick(row.enrolment.link.session.version.title)),
            Fact("signed_at", _l("Signed on"), row.signed_at), Fact("signed_name", _l("Signed as"), row.signed_name),
            Fact("minutes_late", _l("Minutes late"), row.minutes_late),
        ]
        for row, _years in _marks(person)
    ]  # fmt: skip


def _hold_marks(person: Person) -> Sequence[Hold]:
    sessions = {row.enrolment.link.session.id: (row.enrolment.link.session, years) for row, years in _marks(person)}
    return [
        Hold(
            _("Attendance sheets of “%(what)s”, %(day)s", what=pick(one.version.title), day=formats.day(one.starts_at)),
            SHEETS_LAW, years_after(_day(one.ends_at), years),
        )
        for one, years in sessions.values()
    ]  # fmt: skip


def _files_of_marks(person: Person) -> Sequence[tuple[str, bytes]]:
    return [
        (f"signature-{_day(row.signed_at)}-{n}.png", storage.get(row.drawing))
        for n, (row, _years) in enumerate(_marks(person), 1)
        if row.drawing
    ]


def _end(person: Person) -> None:
    """The last hold is over: signatures, drawings and certificates go. Files first, in the transaction that forgets them."""
    for key in db.session.scalars(select(text("key")).select_from(func.end_evidence(person.member_id))).all():
        storage.delete(str(key))


def _certificates(person: Person) -> Sequence[tuple[Certificate, Document, int]]:
    """Their certificates, each with its file and the years that the firm keeps it."""
    own = Certificate.enrolment_id.in_(select(Enrolment.id).where(Enrolment.member_id == person.member_id))
    rows: Any = select(Certificate, Document, YEARS).join(
        Document, (Document.id == Certificate.document_id) & (Document.firm_id == Certificate.firm_id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(rows.where(own).order_by(Certificate.issued_at))]


def _read_certificates(person: Person) -> Sequence[Row]:
    return [
        [
            Fact("title", _l("Programme"), row.data.get("title", "")), Fact("issued_at", _l("Issued on"), row.issued_at),
            Fact("hours", _l("Duration"), row.data.get("hours", "")), Fact("code", _l("Code to verify it"), row.code),
        ]
        for row, _document, _years in _certificates(person)
    ]  # fmt: skip


def _hold_certificates(person: Person) -> Sequence[Hold]:
    return [
        Hold(
            _("Certificate of “%(what)s”, %(day)s", what=row.data.get("title", ""), day=formats.day(row.issued_at)), CERTIFICATE_LAW,
            years_after(_day(row.issued_at), years),
        )
        for row, _document, years in _certificates(person)
    ]  # fmt: skip


def _files_of_certificates(person: Person) -> Sequence[tuple[str, bytes]]:
    called = _("certificate")
    return [
        (f"{called}-{slugify(row.data.get('title', ''))}-{n}.pdf", content_of(document))
        for n, (row, document, _years) in enumerate(_certificates(person), 1)
    ]


def _read_countersigned(person: Person) -> Sequence[Row]:
    rows: Any = db.session.scalars(select(CounterSignature).where(CounterSignature.staff_id == person.staff_id))
    return [
        [Fact("signed_at", _l("Signed on"), row.signed_at), Fact("signed_name", _l("Signed as"), row.signed_name)] for row in rows
    ]


MARKS = holds_personal(
    Part(
        "attendance", _l("Attendance"), _l("your signature of each half-day, when you gave it, minutes late"),
        _l("prove that the training took place"), "duty", ("attendance_mark",), _read_marks, files=_files_of_marks,
        holds=_hold_marks, end=_end,
    )
)  # fmt: skip
CERTIFICATES = holds_personal(
    Part(
        "certificates", _l("Certificates"), _l("your name, employer, programme, days and hours, as the official model says"),
        _l("certify that the training took place"), "duty", ("certificate", "document"), _read_certificates,
        files=_files_of_certificates, holds=_hold_certificates,
    )
)  # fmt: skip
COUNTERSIGNED = holds_personal(
    Part(
        "countersigned", _l("Half-days you counter-signed"), _l("your signature as a trainer"),
        _l("prove that the training took place"), "duty", ("counter_signature",), _read_countersigned, Kind.FIRM,
    )
)  # fmt: skip

"""What delivery adds to the pages of a seat and of a session."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import render_template

from saas.catalogue.models import TrainingSession
from saas.delivery import commands, queries
from saas.enrolments.models import Enrolment
from saas.kit.clock import now
from saas.kit.panels import panel


@panel("seat")
def attendance(row: Enrolment, session: TrainingSession, is_own: bool, **_: Any) -> str:
    if row.state not in ("seated", "attended", "absent"):
        return ""
    return render_template(
        "delivery/_seat.html", row=row, session=session, is_own=is_own, marks=queries.marks_of(row.id),
        can_sign=commands.can_sign, certificate=queries.certificate_of(row.id),
    )  # fmt: skip


@panel("session")
def sheet(session: TrainingSession, counts: Counter[str], **_: Any) -> str:
    signed, certificates = queries.progress(session.id)
    return render_template(
        "delivery/_session.html", session=session, people=sum(counts[state] for state in queries.PRESENT), signed=signed,
        counters=queries.countersigned(session.id), certificates=certificates, now=now(),
    )  # fmt: skip

"""Seats taken now and named later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.commands import credits
from saas.enrolments.commands.enrolling import must_not_overlap
from saas.enrolments.commands.steps import (
    claim,
    free_seats,
    lock_members,
    lock_sessions,
    must_be,
    must_be_open,
    new_enrolment,
    step,
    tell,
)
from saas.enrolments.commands.terms import share_due, share_of
from saas.enrolments.models import SHOWN, Enrolment, Placeholder
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import PARIS, now, today
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.workspaces.queries.firm import cancellation_terms, enrolment_rules
from tenants.db import db, new_id

MOST = 50


def names_due(session: TrainingSession) -> dt.date:
    """The day by which the firm wants the names of a session's seats."""
    return session.starts_at.astimezone(PARIS).date() - dt.timedelta(days=enrolment_rules().names_days)


def hold(link: SessionLink, number: int, label: str = "", party_id: UUID | None = None) -> list[Placeholder]:
    """Take seats without a name yet, as many as there are; the rest is not waited for. Raises Refused after the firm's day."""
    if not 1 <= number <= MOST:
        raise Refused(_l("Between 1 and 50 seats at once."), "number")
    must_be_open(link.session)
    if names_due(link.session) < today():
        raise Refused(_l("It is too late for seats without a name: choose the people."), "number")
    granted = claim(link, number)
    if not granted:
        raise Refused(_l("No seat is free: only people with a name can wait."), "number")
    terms = cancellation_terms()
    rows = [
        Placeholder(
            id=new_id(), workspace_id=link.workspace_id, link_id=link.id, label=label.strip()[:80], terms=terms,
            price_cents=link.seat_cents, vat=link.session.version.vat, billing_party_id=party_id, by=actor_name(),
        )
        for _ in range(granted)
    ]  # fmt: skip
    db.session.add_all(rows)
    journal.note("placeholders.held", str(granted), link.id)
    db.session.flush()
    return rows


def name(row: Placeholder, person: Member) -> Enrolment:
    """Give a seat its person, at the price and terms it was taken at. Raises Refused."""
    lock_members([person.id])
    lock_sessions([row.link.session_id])  # a session that is being cancelled ends first, or finds the name
    must_be(row, "held")
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: the seat keeps its name."))
    known = db.session.scalar(
        select(Enrolment)
        .where(Enrolment.link_id == row.link_id, Enrolment.member_id == person.id, Enrolment.state.in_(SHOWN))
        .with_for_update()
    )
    if known is not None and known.state not in ("requested", "waiting"):
        raise Refused(_l("This person has a seat in this session already."), "member")
    must_not_overlap(row.link, [person.id])
    if known is None:
        known = new_enrolment(row.link, person.id, row.terms, row.billing_party_id)
        db.session.add(known)
    known.price_cents, known.vat, known.terms = row.price_cents, row.vat, row.terms
    known.billing_party_id = row.billing_party_id
    db.session.flush()
    step(known, "seated", "named")
    row.state, row.enrolment_id, row.ended_at = "named", known.id, now()
    credits.spend([known])
    tell("seated", known)
    db.session.flush()
    return known


def fee_cents(row: Placeholder) -> int:
    """What giving a seat without a name back costs now, excl. VAT, from the terms frozen when it was taken."""
    return share_of(row.price_cents, share_due(row.terms, row.link.session.starts_at))


def give_back(row: Placeholder) -> None:
    """Give a seat without a name back; the fee shown before is recorded."""
    lock_sessions([row.link.session_id])
    must_be(row, "held")
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: mark an absence instead."))
    row.fee_cents, row.state, row.ended_at = fee_cents(row), "released", now()
    free_seats(row.link.session_id, 1)
    journal.note("placeholder.released", row.label, row.link_id, fee_cents=row.fee_cents)


def end_all(session_id: UUID) -> int:
    """Firm scope: a session does not take place: its seats without a name end, free of charge; returns how many."""
    rows: Sequence[Placeholder] = db.session.scalars(
        select(Placeholder).join(Placeholder.link).where(SessionLink.session_id == session_id, Placeholder.state == "held")
    ).all()
    for row in rows:
        row.state, row.ended_at = "released", now()
    return len(rows)

"""Somebody else on the same seat (substitution), and the same person on another session (transfer)."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from saas.catalogue.models import SessionLink
from saas.enrolments.commands import credits
from saas.enrolments.commands.enrolling import must_not_overlap
from saas.enrolments.commands.steps import (
    claim,
    free_seats,
    in_session,
    lock_members,
    lock_sessions,
    must_be,
    must_be_open,
    new_enrolment,
    step,
    tell,
)
from saas.enrolments.commands.terms import credit_is_lost, fee_cents
from saas.enrolments.models import HOLDING, Enrolment
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.workspaces.queries.firm import cancellation_terms
from tenants.db import db


def substitute(row: Enrolment, newcomer: Member) -> Enrolment:
    """Another person takes a seat: same seat, price, payer and terms, so the invoice's line stays. Both are told.

    Free until the session starts. Raises Refused when the newcomer is in the session already, or has a seat at that hour.
    """
    lock_members([row.member_id, newcomer.id])
    lock_sessions([row.link.session_id])  # a session that is being cancelled ends first, or finds the newcomer
    must_be(row, *HOLDING)
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: the seat keeps its name."))
    if newcomer.left_at is not None:
        raise Refused(_l("This person has left."), "member")
    known = in_session(row.link, newcomer.id)
    if known is not None and known.state in HOLDING:
        raise Refused(_l("This person has a seat in this session already."), "member")
    must_not_overlap(row.link, [newcomer.id])
    if known is not None:  # they asked or waited: this seat is the answer
        step(known, "withdrawn", "answered")
    taken = new_enrolment(row.link, newcomer.id, row.terms, row.billing_party_id)
    taken.price_cents, taken.vat, taken.replaces_id, taken.requested_at = row.price_cents, row.vat, row.id, row.requested_at
    was_covered = row.covered and credits.give_back(row)
    step(row, "substituted")
    db.session.add(taken)
    db.session.flush()
    step(taken, "seated", "took_over")
    if was_covered:
        credits.spend([taken])
    tell("substituted_out", row)
    tell("substituted_in", taken)
    journal.note("enrolment.substituted", f"{row.member.name} → {newcomer.name}", taken.id)
    return taken


@dataclass(frozen=True, slots=True)
class Move:
    """What moving a seat to another session means, in cents excl. VAT: the new price, the difference, the fee for leaving."""

    price: int
    difference: int
    fee: int
    loses_credit: bool


def reckon(row: Enrolment, to: SessionLink) -> Move:
    """What a transfer would cost now."""
    price = to.seat_cents
    return Move(price, price - row.price_cents, fee_cents(row), credit_is_lost(row))


def transfer(row: Enrolment, to: SessionLink, *, waived: bool = False) -> Enrolment:
    """Move a person to another session, at that session's price; the seat left goes to the first in line there.

    Leaving within the terms costs what withdrawing would, unless the firm waives it. Raises Refused when the other session
    has no seat free, or clashes with another one.
    """
    if to.id == row.link_id:
        raise Refused(_l("This is the session the seat is in."), "link")
    lock_members([row.member_id])
    lock_sessions([row.link.session_id, to.session_id])
    must_be(row, "seated", "offered", "waiting")
    must_be_open(to.session)
    if row.link.session.starts_at <= now():
        raise Refused(_l("The session has started: mark an absence instead."))
    must_not_overlap(to, [row.member_id], leaving=row)
    known = in_session(to, row.member_id)
    if known is not None and known.state in HOLDING:
        raise Refused(_l("This person has a seat in this session already."), "link")
    if not claim(to, 1):
        raise Refused(_l("No seat is free in that session. Put the person on its waiting list instead."), "link")
    moved = new_enrolment(to, row.member_id, cancellation_terms(), row.billing_party_id)
    moved.replaces_id = row.id
    if known is not None:  # they asked or waited there: this move is the answer
        step(known, "withdrawn", "answered")
    held, covered = row.state in HOLDING, row.covered
    row.fee_cents = 0 if waived else fee_cents(row)
    if covered and (waived or not credit_is_lost(row)):
        credits.give_back(row)
    step(row, "transferred")
    if held:
        free_seats(row.link.session_id, 1)
    db.session.add(moved)
    db.session.flush()
    step(moved, "seated", "moved_in")
    credits.spend([moved])
    tell("transferred", moved)
    journal.note("enrolment.transferred", row.member.name, moved.id, fee_cents=row.fee_cents)
    return moved

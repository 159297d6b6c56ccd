"""Acts on many enrolments at once. What one row refuses does not stand in the way of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Select

from saas.catalogue.models import TrainingSession
from saas.enrolments.commands.enrolling import approve, refuse
from saas.enrolments.commands.leaving import withdraw
from saas.enrolments.commands.steps import lock_members, lock_sessions
from saas.enrolments.models import LIVE, Enrolment
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db


def concerned(act: str, statement: Select[Enrolment]) -> Select[Enrolment]:
    """Of enrolments joined to their sessions, those that an act (approve, refuse, withdraw) is possible for."""
    if act == "withdraw":
        return statement.where(Enrolment.state.in_(LIVE), TrainingSession.starts_at > now())
    return statement.where(Enrolment.state == "requested")


def _in_order(rows: Sequence[Enrolment]) -> list[Enrolment]:
    """Locks people and sessions as single acts do, and gives the rows as they asked first."""
    lock_members(row.member_id for row in rows)
    lock_sessions({row.link.session_id for row in rows})
    return sorted(rows, key=lambda row: (row.requested_at, row.id))


def approve_all(rows: Sequence[Enrolment]) -> tuple[int, int, int]:
    """Say yes to requests, who asked first being served first; returns how many got a seat, wait, and were refused by a rule."""
    seated = waiting = left = 0
    for row in _in_order(rows):
        try:
            with db.session.begin_nested():
                approve(row)
        except Refused:
            left += 1
            continue
        seated += row.state == "seated"
        waiting += row.state == "waiting"
    return seated, waiting, left


def refuse_all(rows: Sequence[Enrolment], reason: str) -> int:
    """Say no to requests, with one reason; returns how many."""
    return sum(_goes(refuse, row, reason) for row in _in_order(rows))


def withdraw_all(rows: Sequence[Enrolment], reason: str) -> int:
    """Give seats and places in the queue back; returns how many."""
    return sum(_goes(withdraw, row, reason) for row in _in_order(rows))


def _goes(act: Callable[[Enrolment, str], None], row: Enrolment, reason: str) -> bool:
    try:
        with db.session.begin_nested():
            act(row, reason)
    except Refused:
        return False
    return True

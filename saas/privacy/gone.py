"""People whose time is over: those who left years ago, and those whose last document is held no more. In firm scope."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import exists, select

from saas.identity.models import Member
from saas.kit.clock import now, today
from saas.privacy.models import Erasure
from tenants.db import db, new_id
from tenants.queue import later, later_each
from tenants.scope import Scope, inside


def _by_workspace(rows: list[tuple[UUID, UUID, UUID]]) -> dict[Scope, list[UUID]]:
    found: dict[Scope, list[UUID]] = {}
    for firm_id, workspace_id, member_id in rows:
        found.setdefault(Scope.workspace(firm_id, workspace_id), []).append(member_id)
    return found


def ask_for_the_gone(before: dt.datetime, most: int) -> int:
    """Ask for the erasure of people who left before a moment; returns of how many. Asking again asks for nobody twice."""
    asked = exists(
        select(Erasure.id).where(
            Erasure.firm_id == Member.firm_id, Erasure.workspace_id == Member.workspace_id, Erasure.member_id == Member.id,
            Erasure.state.in_(("asked", "accepted")),
        )
    )  # fmt: skip
    gone = select(Member.firm_id, Member.workspace_id, Member.id).where(
        Member.left_at < before, Member.erased_at.is_(None), ~asked
    )
    rows = [(row[0], row[1], row[2]) for row in db.session.execute(gone.order_by(Member.left_at).limit(most))]
    for scope, member_ids in _by_workspace(rows).items():
        with inside(scope):
            for member_id in member_ids:
                row = Erasure(
                    id=new_id(), member_id=member_id, origin="clock", state="accepted", due_on=today(), decided_by="Cordée",
                    decided_at=now(),
                )  # fmt: skip
                db.session.add(row)
                db.session.flush()
                later("privacy.erase", erasure_id=row.id)
    return len(rows)


def end_holds(_before: dt.datetime, most: int) -> int:
    """Ask for the end of what named erased people until yesterday; returns of how many."""
    over = select(Member.firm_id, Member.workspace_id, Member.id).where(
        Member.held_until < today(), Member.erased_at.is_not(None)
    )
    rows = [(row[0], row[1], row[2]) for row in db.session.execute(over.order_by(Member.held_until).limit(most))]
    for scope, member_ids in _by_workspace(rows).items():
        with inside(scope):
            later_each("privacy.end_hold", "member_id", member_ids)
    return len(rows)

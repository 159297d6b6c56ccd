"""Reads of prepaid seats, in workspace scope."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from saas.enrolments.models import Enrolment, SeatCredit
from tenants.db import db


def movements() -> Select[SeatCredit]:
    """The ledger, the newest movement first, as a statement to be paged."""
    return (
        select(SeatCredit)
        .options(joinedload(SeatCredit.enrolment).joinedload(Enrolment.member))
        .order_by(SeatCredit.at.desc(), SeatCredit.id.desc())
    )


def balance(workspace_id: UUID) -> int:
    """Firm or workspace scope: how many prepaid seats are left."""
    summed = select(func.coalesce(func.sum(SeatCredit.quantity), 0)).where(SeatCredit.workspace_id == workspace_id)
    return int(db.session.scalar(summed) or 0)

"""What a client means to spend in a year, excl. VAT."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert as upsert

from saas.enrolments.models import SeatBudget
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from tenants.db import db, new_id


def set_budget(workspace_id: UUID, year: int, amount_cents: int) -> None:
    """Say what a year's training may cost; said again, it replaces what was said. Raises Refused."""
    if not 2000 <= year <= 2200:
        raise Refused(_l("Choose a year."), "year")
    values = {"workspace_id": workspace_id, "id": new_id(), "year": year, "amount_cents": amount_cents, "by": actor_name()}
    changed = {"amount_cents": amount_cents, "by": actor_name(), "at": now()}
    db.session.execute(
        upsert(SeatBudget)
        .values(**values)
        .on_conflict_do_update(index_elements=["firm_id", "workspace_id", "year"], set_=changed)
    )
    journal.note("budget.set", str(year), workspace_id, amount_cents=amount_cents)

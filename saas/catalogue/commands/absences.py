"""Days on which a trainer is not available. In firm scope."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l

from saas.catalogue.models import TrainerAbsence
from saas.kit import journal
from saas.kit.errors import Refused
from tenants.db import db, new_id

LONGEST = dt.timedelta(days=400)


def add_absence(staff_id: UUID, first_on: dt.date, last_on: dt.date, note: str) -> TrainerAbsence:
    """Raises Refused when the days are out of order, or more than a year."""
    if last_on < first_on:
        raise Refused(_l("The last day is before the first."), "last_on")
    if last_on - first_on > LONGEST:
        raise Refused(_l("A year at most at once."), "last_on")
    absence = TrainerAbsence(id=new_id(), staff_id=staff_id, first_on=first_on, last_on=last_on, note=note)
    db.session.add(absence)
    db.session.flush()
    journal.note("absence.added", "", staff_id)
    return absence


def drop_absence(absence: TrainerAbsence) -> None:
    db.session.delete(absence)
    db.session.flush()
    journal.note("absence.removed", "", absence.staff_id)

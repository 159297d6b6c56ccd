"""Who a calendar's secret address belongs to, and a staff person's own sessions as entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue import calendars
from saas.catalogue.models import SessionSeats, SessionTrainer, TrainingSession
from saas.catalogue.queries.sessions import within_reach
from saas.kit import calendar
from saas.kit.clock import now
from saas.kit.i18n import pick
from saas.kit.tokens import hashed
from tenants.db import db
from tenants.resolver import link
from tenants.scope import Scope

PAST = 3 * calendars.KEPT
MOST = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose calendar it is, and the narrowest scope that holds their dates."""

    scope: Scope
    firm: str
    firm_name: str
    workspace: str | None
    member_id: UUID | None
    staff_id: UUID | None
    language: str


def redeem(token: str) -> Reader | None:
    """Platform scope: the reader of a token; none when it is unknown or withdrawn, or its owner left or was suspended."""
    row = db.session.execute(text("SELECT * FROM redeem_feed(:hash)"), {"hash": hashed(token)}).one_or_none()
    if row is None:
        return None
    clients = None if row.clients is None else frozenset(row.clients)
    scope = Scope.workspace(row.firm_id, row.workspace_id) if row.workspace_id else Scope.firm(row.firm_id, clients)
    return Reader(scope, row.firm_slug, row.firm_name, row.workspace_slug, row.member_id, row.staff_id, row.language)


def of_staff(reader: Reader) -> list[calendar.Entry]:
    """Firm scope: the sessions that somebody gives or decides on, from three months ago on; cancelled ones for a month."""
    found: list[calendar.Entry] = []
    for session in _own(reader.staff_id):
        page = link(reader.firm, "rosters.show", session_id=session.id)
        title, uid = pick(session.version.title), f"staff-{session.id}"
        about = _("The session and its people: %(url)s", url=page)
        own = calendars.entries(session, uid, session.sequence, title, text=about, url=page)
        found += calendars.dated(own, session.changed_at, is_cancelled=session.state == "cancelled")
        found += calendars.former(session, uid, title)
    return found


def _own(staff_id: UUID | None) -> Sequence[TrainingSession]:
    gives = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == staff_id)
    decides = select(SessionSeats.id).where(SessionSeats.decider_id == staff_id)
    shown = (TrainingSession.state != "cancelled") | (TrainingSession.changed_at > now() - calendars.KEPT)
    statement = (
        select(TrainingSession)
        .where(TrainingSession.id.in_(gives) | TrainingSession.id.in_(decides), shown, within_reach())
        .where(TrainingSession.ends_at > now() - PAST, TrainingSession.state != "draft")
        .options(
            joinedload(TrainingSession.version),
            selectinload(TrainingSession.slots),
            selectinload(TrainingSession.former_days),
        )
        .order_by(TrainingSession.starts_at)
        .limit(MOST)
    )
    return db.session.scalars(statement).all()

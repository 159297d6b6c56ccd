"""How many seats of a session one client may hold. In firm scope."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.catalogue.models import SessionLink
from saas.enrolments.commands.steps import lock_sessions
from saas.enrolments.models import HOLDING, Enrolment, Placeholder
from saas.kit import journal
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import later


def set_ceiling(link: SessionLink, ceiling: int | None) -> None:
    """Limit the seats of one client (None: no limit of its own). Raises Refused below what it holds already."""
    lock_sessions([link.session_id])
    if ceiling is not None and ceiling < (held := held_by(link)):
        raise Refused(_l("This client holds %(n)s seats already.", n=held), "ceiling")
    link.ceiling = ceiling
    journal.note("session.ceiling", link.session.version.title.get("fr", ""), link.id, ceiling=ceiling)
    later("enrolments.offer_next", subject_id=link.session_id)


def held_by(link: SessionLink) -> int:
    """How many seats a client holds in a session, those without a name included."""
    named = select(func.count(Enrolment.id)).where(
        Enrolment.workspace_id == link.workspace_id, Enrolment.link_id == link.id, Enrolment.state.in_(HOLDING)
    )
    unnamed = select(func.count(Placeholder.id)).where(
        Placeholder.workspace_id == link.workspace_id, Placeholder.link_id == link.id, Placeholder.state == "held"
    )
    return (db.session.scalar(named) or 0) + (db.session.scalar(unnamed) or 0)

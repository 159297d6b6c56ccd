"""The second factor of the firm's staff: required of everybody, or taken away from somebody who lost it. In firm scope."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.identity.models import Staff
from saas.kit import journal
from saas.kit.errors import Refused
from saas.workspaces.commands.firm import profile_to_fill
from tenants.db import db


def require(required: bool) -> None:
    """Whether everybody of the staff gives a second factor; whoever has none sets one up at their next page."""
    profile = profile_to_fill()
    if profile.needs_second_factor == required:
        return
    profile.needs_second_factor = required
    db.session.flush()
    journal.note("firm.second_factor", required=required)


def drop(staff: Staff) -> None:
    """Take away somebody's authenticator and recovery codes. Raises Refused when they have none, or work for another firm too."""
    if not db.session.scalar(select(func.drop_factor(staff.id))):
        raise Refused(
            _l("Nothing was taken away: %(name)s has no authenticator, or uses it for another firm too.", name=staff.card.name)
        )
    journal.note("staff.factor_dropped", staff.card.name, staff.id)

"""Figures for who is outside: never what is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from tenants.db import db
from tenants.scope import current_scope

WEEKS = 8


def rhythm() -> Mapping[UUID, list[int]]:
    """Firm or workspace scope: messages a week over eight weeks, the oldest first; only where five or more are in."""
    found: dict[UUID, list[int]] = {}
    for workspace_id, week, messages in db.session.execute(text("SELECT * FROM figures_rhythm()")):
        if 0 <= week < WEEKS and current_scope().reaches(workspace_id):
            found.setdefault(workspace_id, [0] * WEEKS)[WEEKS - 1 - week] = messages
    return found


@dataclass(frozen=True, slots=True)
class Life:
    """Firm scope: per client, messages a week, and how many questions have waited two days. Never what they say."""

    rhythm: Mapping[UUID, list[int]]
    unanswered: Mapping[UUID, tuple[int, dt.datetime]]


def life() -> Life:
    """Firm scope: what staff's home says of the communities, in one statement; only where five or more are in."""
    found: dict[UUID, list[int]] = {}
    waiting: dict[UUID, tuple[int, dt.datetime]] = {}
    rows = text(
        "SELECT workspace_id, week, messages, NULL::timestamptz FROM figures_rhythm()"
        " UNION ALL SELECT workspace_id, -1, questions, since FROM figures_unanswered()"
    )
    for workspace_id, week, number, since in db.session.execute(rows):
        if not current_scope().reaches(workspace_id):
            continue  # the functions look at the whole firm
        if week < 0:
            waiting[workspace_id] = (number, since)
        elif week < WEEKS:
            found.setdefault(workspace_id, [0] * WEEKS)[WEEKS - 1 - week] = number
    return Life(found, waiting)

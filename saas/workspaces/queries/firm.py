"""Reads of the firm itself."""

from __future__ import annotations

from sqlalchemy import select

from tenants.db import db
from tenants.models import Firm


def own_firm() -> Firm:
    """The firm of this scope."""
    return db.session.scalars(select(Firm)).one()

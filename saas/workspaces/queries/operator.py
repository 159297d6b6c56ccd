"""What the operator reads. In platform scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from tenants.db import db
from tenants.models import Firm


def firms() -> Sequence[Firm]:
    """Every firm, by its slug."""
    return db.session.scalars(select(Firm).order_by(Firm.slug)).all()

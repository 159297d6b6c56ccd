"""What makes a firm a demo, and whether there is room for one."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import create_engine, select, text

from tenants.db import db
from tenants.models import Firm
from tenants.scope import Scope, inside


def mark_as_demo(firm_id: UUID) -> None:
    """As the owner of the tables, about this firm alone: no role of the product may say that a firm is a demo."""
    engine = create_engine(current_app.config["MIGRATION_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE app_owner"))
        connection.execute(text(f"SET LOCAL app.firm_id = '{UUID(str(firm_id))}'"))
        connection.execute(text("UPDATE firm SET is_demo = true WHERE id = :id"), {"id": firm_id})
        connection.execute(text("DELETE FROM journal WHERE firm_id = :id"), {"id": firm_id})
    engine.dispose()


def is_empty() -> bool:
    """Whether the database has no firm yet."""
    with inside(Scope.platform()):
        return db.session.scalar(select(Firm.id).limit(1)) is None

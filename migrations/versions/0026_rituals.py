"""Dates of rituals have seats, move and are called off with a reason; each change counts for the calendars that hold them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("occurrence", sa.Column("seats", sa.Integer(), nullable=True))
    op.add_column("occurrence", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("occurrence", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_occurrence_seats"), "occurrence", "seats > 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_occurrence_seats"), "occurrence")
    for column in ("sequence", "reason", "seats"):
        op.drop_column("occurrence", column)

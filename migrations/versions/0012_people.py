"""When an invitation was last sent; what a person's page and the lists of people are read by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = (("member", "line_manager"), ("journal", "subject_id"), ("journal", "action"))


def upgrade() -> None:
    op.add_column(
        "invitation",
        sa.Column(
            "sent_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when HR last sent it; empty: another mail carried it",
        ),
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_firm_id_workspace_id_{column}"), table, ["firm_id", "workspace_id", column])


def downgrade() -> None:
    for table, column in reversed(INDEXES):
        op.drop_index(op.f(f"ix_{table}_firm_id_workspace_id_{column}"), table)
    op.drop_column("invitation", "sent_at")

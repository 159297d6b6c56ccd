"""The outbox forgets what was done a month ago."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _schedule(change: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    _schedule("INSERT INTO schedule (name, every) VALUES ('queue.forget', 86400) ON CONFLICT DO NOTHING")


def downgrade() -> None:
    _schedule("DELETE FROM schedule WHERE name = 'queue.forget'")

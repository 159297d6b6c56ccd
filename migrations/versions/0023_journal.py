"""The journal knows its requests and networks, and is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import protect

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

# Only ever added to: no role of the product may change or remove a seal, nor what a check found.
POLICIES = [*protect("journal_seal", firm="si"), *protect("journal_check", firm="si")]
SCHEDULE = {"journal.seal": 3600, "journal.verify": 86400}


def _schedule(*changes: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    for change in changes:
        op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def _of_firm(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f(f"fk_{name}_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f(f"pk_{name}")),
    )


def upgrade() -> None:
    for name, comment in (("request", "the request's number"), ("network", "the client's network address")):
        op.add_column("journal", sa.Column(name, sa.Text(), server_default="", nullable=False, comment=comment))
    op.create_index(op.f("ix_journal_firm_id_actor"), "journal", ["firm_id", "actor"])
    op.create_index(op.f("ix_journal_firm_id_workspace_id_actor"), "journal", ["firm_id", "workspace_id", "actor"])
    _of_firm(
        "journal_seal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="its lines are later than this"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="and no later than this"),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False, comment="the digest before this one"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the previous digest and the lines"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.UniqueConstraint("firm_id", "number", name=op.f("uq_journal_seal_firm_id_number")),
    )
    _of_firm(
        "journal_check",
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False, comment="how many were looked at"),
        sa.Column("lines", sa.BigInteger(), nullable=False, comment="how many lines they hold"),
        sa.Column("fault", sa.Text(), server_default="", nullable=False, comment="what does not hold; empty: nothing"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True, comment="where the first fault lies"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("fault IN ('', 'changed', 'removed', 'added', 'unchained')", name=op.f("ck_journal_check_fault")),
    )
    op.create_index(op.f("ix_journal_check_firm_id_at"), "journal_check", ["firm_id", "at"])
    for statement in POLICIES:
        op.execute(statement)
    _schedule(*[
        f"INSERT INTO schedule (name, every) VALUES ('{name}', {every}) ON CONFLICT DO NOTHING"
        for name, every in SCHEDULE.items()
    ])  # fmt: skip


def downgrade() -> None:
    _schedule(*[f"DELETE FROM schedule WHERE name = '{name}'" for name in SCHEDULE])
    op.execute("DROP TABLE journal_check, journal_seal")
    op.drop_index(op.f("ix_journal_firm_id_workspace_id_actor"), "journal")
    op.drop_index(op.f("ix_journal_firm_id_actor"), "journal")
    for name in ("network", "request"):
        op.drop_column("journal", name)

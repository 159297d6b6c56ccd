"""Attendance, counter-signatures and certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("attendance_mark", firm="s", workspace="si"),
    *protect("counter_signature", firm="si"),
    *protect("certificate", firm="si", workspace="s", definer="s"),
]
FUNCTIONS = [
    *definer(
        "certificate_by_code(p_code text)",
        "TABLE(data jsonb, issued_at timestamptz)",
        "SELECT data - 'employer', issued_at FROM public.certificate WHERE code = p_code",
        "ctx_platform",
    ),
]
DROPPED = ["certificate_by_code(text)"]


def upgrade() -> None:
    op.create_table(
        "counter_signature",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "session_id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_counter_signature_firm_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "slot_id"], ["slot.firm_id", "slot.id"], name=op.f("fk_counter_signature_firm_id_slot_id")
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "staff_id"],
            ["staff_card.firm_id", "staff_card.id"],
            name=op.f("fk_counter_signature_firm_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_counter_signature")),
        sa.UniqueConstraint("firm_id", "slot_id", name=op.f("uq_counter_signature_firm_id_slot_id")),
    )
    op.create_index(op.f("ix_counter_signature_firm_id_session_id"), "counter_signature", ["firm_id", "session_id"], unique=False)
    op.create_table(
        "attendance_mark",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.Column("drawing", sa.Text(), server_default="", nullable=False, comment="storage key of the drawn signature"),
        sa.Column("minutes_late", sa.Integer(), server_default="0", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("minutes_late BETWEEN 0 AND 600", name=op.f("ck_attendance_mark_late")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "enrolment_id"],
            ["enrolment.firm_id", "enrolment.workspace_id", "enrolment.id"],
            name=op.f("fk_attendance_mark_firm_id_workspace_id_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "link_id"],
            ["session_link.firm_id", "session_link.workspace_id", "session_link.id"],
            name=op.f("fk_attendance_mark_firm_id_workspace_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_attendance_mark_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_attendance_mark")),
        sa.UniqueConstraint(
            "firm_id",
            "workspace_id",
            "slot_id",
            "enrolment_id",
            name=op.f("uq_attendance_mark_firm_id_workspace_id_slot_id_enrolment_id"),
        ),
        sa.UniqueConstraint(
            "firm_id",
            "workspace_id",
            "slot_id",
            "previous_hash",
            name=op.f("uq_attendance_mark_firm_id_workspace_id_slot_id_previous_hash"),
        ),
    )
    op.create_index(op.f("ix_attendance_mark_firm_id_slot_id"), "attendance_mark", ["firm_id", "slot_id"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "enrolment_id"],
            ["enrolment.firm_id", "enrolment.workspace_id", "enrolment.id"],
            name=op.f("fk_certificate_firm_id_workspace_id_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_certificate_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "firm_id", "workspace_id", "enrolment_id", name=op.f("uq_certificate_firm_id_workspace_id_enrolment_id")
        ),
    )
    op.create_index("uq_certificate_code", "certificate", ["code"], unique=True)
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE certificate, attendance_mark, counter_signature")

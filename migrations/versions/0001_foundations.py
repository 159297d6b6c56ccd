"""Firms, workspaces, the outbox, the journal, the mail log and the archive; the settings that policies read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import SETTINGS, Right, definer, drop_definer, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONTEXTS = "ctx_platform, ctx_public, ctx_firm, ctx_workspace, ctx_community"
OWN_OR_NONE = "firm_id IS NULL AND workspace_id IS NULL"

POLICIES = [
    *protect(
        "firm",
        platform="siu",
        firm=Right("s", "id = app_firm()"),
        public=Right("s", "id = app_firm()"),
        workspace=Right("s", "id = app_firm()"),
        definer="s",
    ),
    *protect(
        "workspace",
        firm="siu",
        workspace=Right("su", "firm_id = app_firm() AND id = app_workspace()"),
        definer="s",
    ),
    *protect("outbox", platform="siud", firm="siu", workspace="i", community="i", definer="siu"),
    *protect("schedule", platform="su"),
    *protect("journal", platform=Right("i", OWN_OR_NONE), firm="si", workspace="si", community="i"),
    *protect("mail_log", platform=Right("i", OWN_OR_NONE), firm="si", workspace="si", community="i"),
    *protect("document", firm="si", workspace="si"),
]
FUNCTIONS = [
    *definer(
        "outbox_done(p_id uuid)",
        "boolean",
        """
        UPDATE public.outbox SET done_at = now(), error = ''
         WHERE id = (
           SELECT id FROM public.outbox
            WHERE id = p_id AND done_at IS NULL AND dead_at IS NULL
              AND firm_id IS NOT DISTINCT FROM public.app_firm()
              AND workspace_id IS NOT DISTINCT FROM public.app_workspace()
              AND account_id IS NOT DISTINCT FROM public.app_account()
              FOR UPDATE SKIP LOCKED)
        RETURNING true
        """,
        CONTEXTS,
        "VOLATILE",
    ),
]
DROPPED = ["outbox_done(uuid)"]


def upgrade() -> None:
    op.execute(SETTINGS)
    op.execute(f"GRANT EXECUTE ON FUNCTION app_firm(), app_workspace(), app_account() TO {CONTEXTS}, app_definer")
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(
        op.f("ix_document_firm_id_workspace_id_kind_subject_id"),
        "document",
        ["firm_id", "workspace_id", "kind", "subject_id"],
        unique=False,
    )
    op.create_table(
        "firm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("stripe_account", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'", name=op.f("ck_firm_slug")),
        sa.CheckConstraint("state IN ('active', 'suspended', 'closed')", name=op.f("ck_firm_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm")),
        sa.UniqueConstraint("slug", name=op.f("uq_firm_slug")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True, comment="account"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_firm_id_at"), "journal", ["firm_id", "at"], unique=False)
    op.create_index(op.f("ix_journal_firm_id_workspace_id_at"), "journal", ["firm_id", "workspace_id", "at"], unique=False)
    op.create_table(
        "mail_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_log")),
    )
    op.create_index(
        op.f("ix_mail_log_firm_id_workspace_id_sent_at"),
        "mail_log",
        ["firm_id", "workspace_id", "sent_at"],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("scope IN ('platform', 'public', 'firm', 'workspace', 'community')", name=op.f("ck_outbox_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_firm_id_dead_at", "outbox", ["firm_id", "dead_at"], unique=False)
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "schedule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False, comment="seconds"),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.create_table(
        "workspace",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("colour", sa.Text(), server_default="#066584", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("trade", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name=op.f("ck_workspace_colour")),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_workspace_language")),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'", name=op.f("ck_workspace_slug")),
        sa.CheckConstraint("state IN ('active', 'suspended', 'archived')", name=op.f("ck_workspace_state")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_workspace_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("firm_id", "slug", name=op.f("uq_workspace_firm_id_slug")),
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE workspace, schedule, outbox, mail_log, journal, firm, document")
    op.execute("DROP FUNCTION app_firm(), app_workspace(), app_account()")

"""Programmes, versions, offers, sessions, slots and links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import Right, drop_definer, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OFFERED = """firm_id = app_firm() AND EXISTS (SELECT 1 FROM offer o WHERE o.firm_id = app_firm()
  AND o.workspace_id = app_workspace() AND o.version_id = programme_version.id)"""
LINKED_VERSION = """EXISTS (SELECT 1 FROM session_link l JOIN training_session t ON t.firm_id = l.firm_id
  AND t.id = l.session_id WHERE l.firm_id = app_firm() AND l.workspace_id = app_workspace()
  AND t.version_id = programme_version.id)"""


def linked(column: str) -> str:
    """Rows of sessions that a link opens to the workspace."""
    return f"""firm_id = app_firm() AND EXISTS (SELECT 1 FROM session_link l WHERE l.firm_id = app_firm()
      AND l.workspace_id = app_workspace() AND l.session_id = {column})"""


PUBLISHED = """firm_id = app_firm() AND published_at IS NOT NULL AND EXISTS (SELECT 1 FROM programme p
  WHERE p.firm_id = app_firm() AND p.id = programme_version.programme_id)"""
POLICIES = [
    *protect(
        "programme",
        firm="siu",
        public=Right("s", "firm_id = app_firm() AND visibility = 'public' AND state = 'published'"),
    ),
    *protect(
        "programme_version",
        firm="siu",
        public=Right("s", PUBLISHED),
        workspace=Right(
            "s",
            OFFERED.replace("firm_id = app_firm() AND EXISTS", "firm_id = app_firm() AND (EXISTS", 1)
            + " OR "
            + LINKED_VERSION
            + ")",
        ),
    ),
    *protect("offer", firm="siu", workspace="s"),
    *protect("training_session", firm="siu", workspace=Right("s", linked("training_session.id"))),
    *protect("session_seats", firm="siu", definer=Right("su", "firm_id = app_firm()")),
    *protect("session_trainer", firm="sid", workspace=Right("s", linked("session_trainer.session_id"))),
    *protect("slot", firm="siud", workspace=Right("s", linked("slot.session_id"))),
    *protect("session_link", firm="siud", workspace="s", definer=Right("s", "firm_id = app_firm()")),
]
FUNCTIONS: list[str] = []
DROPPED: list[str] = []


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="offered", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'retired')", name=op.f("ck_programme_state")),
        sa.CheckConstraint("visibility IN ('public', 'offered', 'tailored')", name=op.f("ck_programme_visibility")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_programme_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_programme")),
        sa.UniqueConstraint("firm_id", "reference", name=op.f("uq_programme_firm_id_reference")),
    )
    op.create_table(
        "programme_version",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False, comment="half-days"),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("min_group", sa.Integer(), nullable=False),
        sa.Column("max_group", sa.Integer(), nullable=False),
        sa.Column("price_seat_cents", sa.BigInteger(), nullable=False),
        sa.Column("price_group_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), server_default="exempt", nullable=False),
        sa.Column("nsf_code", sa.Text(), server_default="", nullable=False),
        sa.Column("bpf_class", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("modality IN ('onsite', 'remote', 'blended')", name=op.f("ck_programme_version_modality")),
        sa.CheckConstraint("vat IN ('exempt', 'standard')", name=op.f("ck_programme_version_vat")),
        sa.CheckConstraint("min_group BETWEEN 1 AND max_group", name=op.f("ck_programme_version_group")),
        sa.ForeignKeyConstraint(
            ["firm_id", "programme_id"],
            ["programme.firm_id", "programme.id"],
            name=op.f("fk_programme_version_firm_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint("firm_id", "programme_id", "number", name=op.f("uq_programme_version_firm_id_programme_id_number")),
    )
    op.create_table(
        "offer",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), server_default="seat", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("basis IN ('seat', 'group')", name=op.f("ck_offer_basis")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_offer_price")),
        sa.ForeignKeyConstraint(
            ["firm_id", "version_id"],
            ["programme_version.firm_id", "programme_version.id"],
            name=op.f("fk_offer_firm_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_offer_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_offer")),
        sa.UniqueConstraint("firm_id", "workspace_id", "version_id", name=op.f("uq_offer_firm_id_workspace_id_version_id")),
    )
    op.create_table(
        "training_session",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column("venue", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("access", sa.Text(), server_default="", nullable=False),
        sa.Column("video_url", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False, comment="RFC 5545 SEQUENCE"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('intra', 'inter')", name=op.f("ck_training_session_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'confirmed', 'cancelled', 'running', 'done')",
            name=op.f("ck_training_session_state"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_training_session_times")),
        sa.ForeignKeyConstraint(
            ["firm_id", "version_id"],
            ["programme_version.firm_id", "programme_version.id"],
            name=op.f("fk_training_session_firm_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_training_session")),
    )
    op.create_index(op.f("ix_training_session_firm_id_starts_at"), "training_session", ["firm_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_training_session_firm_id_version_id"), "training_session", ["firm_id", "version_id"], unique=False)
    op.create_table(
        "session_link",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), server_default="seat", nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("basis IN ('seat', 'group')", name=op.f("ck_session_link_basis")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_session_link_price")),
        sa.ForeignKeyConstraint(
            ["firm_id", "session_id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_session_link_firm_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_session_link_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_session_link")),
        sa.UniqueConstraint(
            "firm_id", "workspace_id", "session_id", name=op.f("uq_session_link_firm_id_workspace_id_session_id")
        ),
    )
    op.create_index(op.f("ix_session_link_firm_id_session_id"), "session_link", ["firm_id", "session_id"], unique=False)
    op.create_table(
        "session_seats",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("minimum", sa.Integer(), server_default="1", nullable=False),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000 AND minimum >= 1", name=op.f("ck_session_seats_capacity")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_session_seats_taken")),
        sa.ForeignKeyConstraint(
            ["firm_id", "id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_session_seats_firm_id_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_session_seats")),
    )
    op.create_table(
        "session_trainer",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "session_id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_session_trainer_firm_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "staff_id"],
            ["staff_card.firm_id", "staff_card.id"],
            name=op.f("fk_session_trainer_firm_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_session_trainer")),
        sa.UniqueConstraint("firm_id", "session_id", "staff_id", name=op.f("uq_session_trainer_firm_id_session_id_staff_id")),
    )
    op.create_index(op.f("ix_session_trainer_firm_id_staff_id"), "session_trainer", ["firm_id", "staff_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_times")),
        sa.ForeignKeyConstraint(
            ["firm_id", "session_id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_slot_firm_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_slot")),
    )
    op.create_index(op.f("ix_slot_firm_id_session_id_starts_at"), "slot", ["firm_id", "session_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_slot_firm_id_starts_at"), "slot", ["firm_id", "starts_at"], unique=False)
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute(
        "DROP TABLE slot, session_trainer, session_seats, session_link, training_session, offer, programme_version, programme"
    )

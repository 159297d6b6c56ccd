"""Enrolments, their steps, and the functions that alone move seats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("enrolment", firm="siu", workspace="siu"),
    *protect("enrolment_event", firm="si", workspace="si"),
]
# A session is claimed by a workspace that a link opens it to, or by its own firm acting on many clients at once.
MINE = """firm_id = public.app_firm() AND id = p_session AND (public.app_workspace() IS NULL OR EXISTS (
          SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm()
             AND l.workspace_id = public.app_workspace() AND l.session_id = p_session))"""
FUNCTIONS = [
    *definer(
        "claim_seats(p_session uuid, p_wanted integer)",
        "integer",
        f"""
        WITH held AS (SELECT firm_id, id, least(greatest(p_wanted, 0), capacity - taken) AS granted
                        FROM public.session_seats WHERE {MINE} FOR UPDATE),
        moved AS (UPDATE public.session_seats s SET taken = s.taken + h.granted FROM held h
                   WHERE s.firm_id = h.firm_id AND s.id = h.id AND h.granted > 0 RETURNING h.granted)
        SELECT coalesce((SELECT granted FROM moved), 0)
        """,
        "ctx_firm, ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "release_seats(p_session uuid, p_freed integer)",
        "boolean",
        f"""
        UPDATE public.session_seats SET taken = taken - p_freed
         WHERE {MINE} AND p_freed BETWEEN 1 AND 1000 RETURNING true
        """,
        "ctx_firm, ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "availability(p_sessions uuid[])",
        "TABLE(session_id uuid, word text)",
        """
        SELECT s.id, CASE WHEN s.capacity <= s.taken THEN 'waiting' WHEN s.capacity - s.taken <= 3 THEN 'few'
                          ELSE 'available' END
          FROM public.session_seats s JOIN public.session_link l ON l.firm_id = s.firm_id AND l.session_id = s.id
         WHERE s.firm_id = public.app_firm() AND l.workspace_id = public.app_workspace() AND s.id = ANY (p_sessions)
        """,
        "ctx_workspace",
    ),
    *definer(
        "upward(p_kind text, p_subject uuid, p_id uuid)",
        "uuid",
        """
        INSERT INTO public.outbox (id, firm_id, kind, scope, payload)
        SELECT p_id, public.app_firm(), p_kind, 'firm', jsonb_build_object('subject_id', p_subject)
         WHERE p_kind IN ('enrolments.offer_next') AND public.app_workspace() IS NOT NULL
           AND EXISTS (SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm()
                          AND l.workspace_id = public.app_workspace() AND l.session_id = p_subject)
        RETURNING id
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
]
DROPPED = [
    "claim_seats(uuid, integer)",
    "release_seats(uuid, integer)",
    "availability(uuid[])",
    "upward(text, uuid, uuid)",
]


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False, comment="[[days before, percent due], …] frozen at enrolment"),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'refused', 'waiting', 'offered', 'lapsed', 'seated', 'attended', 'absent', 'withdrawn', 'substituted', 'transferred', 'cancelled')",
            name=op.f("ck_enrolment_state"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "link_id"],
            ["session_link.firm_id", "session_link.workspace_id", "session_link.id"],
            name=op.f("fk_enrolment_firm_id_workspace_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "member_id"],
            ["member.firm_id", "member.workspace_id", "member.id"],
            name=op.f("fk_enrolment_firm_id_workspace_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_enrolment_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_enrolment")),
    )
    op.create_index(
        op.f("ix_enrolment_firm_id_workspace_id_link_id_state"),
        "enrolment",
        ["firm_id", "workspace_id", "link_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrolment_firm_id_workspace_id_member_id"),
        "enrolment",
        ["firm_id", "workspace_id", "member_id"],
        unique=False,
    )
    op.create_index(
        "ix_enrolment_offers",
        "enrolment",
        ["firm_id", "offer_until"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "ix_enrolment_queue",
        "enrolment",
        ["firm_id", "queued_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_enrolment_live",
        "enrolment",
        ["firm_id", "workspace_id", "link_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'waiting', 'offered', 'seated', 'attended', 'absent')"),
    )
    op.create_table(
        "enrolment_event",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "enrolment_id"],
            ["enrolment.firm_id", "enrolment.workspace_id", "enrolment.id"],
            name=op.f("fk_enrolment_event_firm_id_workspace_id_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_enrolment_event")),
    )
    op.create_index(
        op.f("ix_enrolment_event_firm_id_workspace_id_enrolment_id_at"),
        "enrolment_event",
        ["firm_id", "workspace_id", "enrolment_id", "at"],
        unique=False,
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE enrolment_event, enrolment")

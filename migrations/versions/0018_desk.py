"""What goes between people: messages of HR and the firm, managers' wishes for programmes, who looks after a client."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import definer, drop_definer, protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("desk_message", firm="siu", workspace="siu", definer="s"),
    *protect("programme_wish", firm="s", workspace="siu"),
]
LINKED = """(p_kind = 'enrolments.offer_next' AND EXISTS (SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm()
              AND l.workspace_id = public.app_workspace() AND l.session_id = p_subject))"""
WRITTEN = """(p_kind = 'workspaces.message_mail' AND EXISTS (SELECT 1 FROM public.desk_message m WHERE m.firm_id = public.app_firm()
              AND m.workspace_id = public.app_workspace() AND m.id = p_subject))"""


def _upward(*allowed: str) -> list[str]:
    """The one way up from a workspace to its firm: an outbox row of a listed kind, about something of the workspace's own."""
    body = f"""
        INSERT INTO public.outbox (id, firm_id, kind, scope, payload)
        SELECT p_id, public.app_firm(), p_kind, 'firm', jsonb_build_object('subject_id', p_subject)
         WHERE public.app_workspace() IS NOT NULL AND ({" OR ".join(allowed)})
        RETURNING id
        """
    return [
        *drop_definer("upward(text, uuid, uuid)"),
        *definer("upward(p_kind text, p_subject uuid, p_id uuid)", "uuid", body, "ctx_workspace", "VOLATILE"),
    ]


def _of_workspace(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A workspace-owned table, with its primary key and its key to the workspace."""
    op.create_table(
        name,
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f(f"fk_{name}_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f(f"pk_{name}")),
    )


def _to(name: str, column: str, table: str) -> sa.ForeignKeyConstraint:
    """A key to another row of the same workspace."""
    return sa.ForeignKeyConstraint(
        ["firm_id", "workspace_id", column],
        [f"{table}.firm_id", f"{table}.workspace_id", f"{table}.id"],
        name=op.f(f"fk_{name}_firm_id_workspace_id_{column}"),
    )


def upgrade() -> None:
    _of_workspace(
        "desk_message",
        sa.Column("side", sa.Text(), nullable=False, comment="who wrote: client or firm"),
        sa.Column("member_id", sa.Uuid(), nullable=True, comment="the HR who wrote"),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="answered, or needs no answer"),
        sa.CheckConstraint("side IN ('client', 'firm')", name=op.f("ck_desk_message_side")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 4000", name=op.f("ck_desk_message_text")),
        _to("desk_message", "member_id", "member"),
    )
    op.create_index(op.f("ix_desk_message_firm_id_workspace_id_at"), "desk_message", ["firm_id", "workspace_id", "at"])
    op.create_index(
        "ix_desk_message_waiting",
        "desk_message",
        ["firm_id", "workspace_id", "at"],
        postgresql_where=sa.text("side = 'client' AND settled_at IS NULL"),
    )
    _of_workspace(
        "programme_wish",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'planned', 'declined', 'withdrawn', 'met')", name=op.f("ck_programme_wish_state")),
        _to("programme_wish", "offer_id", "offer"),
        _to("programme_wish", "member_id", "member"),
    )
    lead = ["firm_id", "workspace_id"]
    op.create_index(
        "uq_programme_wish_open",
        "programme_wish",
        [*lead, "offer_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'planned')"),
    )
    op.create_index(op.f("ix_programme_wish_firm_id_workspace_id_state_at"), "programme_wish", [*lead, "state", "at"])
    op.create_index(op.f("ix_programme_wish_firm_id_workspace_id_member_id"), "programme_wish", [*lead, "member_id"])
    op.add_column(
        "workspace",
        sa.Column("advisor_id", sa.Uuid(), nullable=True, comment="who of the staff it writes to; empty: the owners"),
    )
    op.create_foreign_key(
        op.f("fk_workspace_firm_id_advisor_id"), "workspace", "staff_card", ["firm_id", "advisor_id"], ["firm_id", "id"]
    )
    for statement in (*POLICIES, *_upward(LINKED, WRITTEN)):
        op.execute(statement)


def downgrade() -> None:
    for statement in _upward(LINKED):
        op.execute(statement)
    op.drop_column("workspace", "advisor_id")
    op.execute("DROP TABLE programme_wish, desk_message")

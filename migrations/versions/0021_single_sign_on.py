"""Whom a company's provider has named, domains that are proved, and the few questions that cross a wall for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("sso_identity", firm="siud", workspace="siud", definer="s"),
    *protect("sso_domain", firm="siud", workspace="siud", definer="s"),
]
# One of the scope's own: in firm scope the firm's own rows only.
MINE = "d.firm_id = public.app_firm() AND d.workspace_id IS NOT DISTINCT FROM public.app_workspace()"
FUNCTIONS = [
    # A callback knows a connection's id and nothing else: which scope to work in, while firm and workspace are open.
    *definer(
        "sso_place(p_connection uuid)",
        "TABLE(firm_id uuid, workspace_id uuid, state text)",
        """
        SELECT c.firm_id, c.workspace_id, c.state
          FROM public.sso_connection c JOIN public.firm f ON f.id = c.firm_id AND f.state = 'active'
          LEFT JOIN public.workspace w ON w.firm_id = c.firm_id AND w.id = c.workspace_id
         WHERE c.id = p_connection AND (c.workspace_id IS NULL OR w.state = 'active')
        """,
        "ctx_platform",
    ),
    # The account of somebody whom the directory has brought: the one they have; else that of whoever has proved their address,
    # where the address is of a domain that the same owner has proved; else a new one without an address.
    *definer(
        "sso_account(p_member uuid, p_staff uuid, p_new_account uuid)",
        "uuid",
        """
        WITH who AS (
          SELECT m.account_id, m.email_norm FROM public.member m
           WHERE m.firm_id = public.app_firm() AND m.workspace_id = public.app_workspace() AND m.id = p_member AND m.left_at IS NULL
          UNION ALL
          SELECT s.account_id, s.email_norm FROM public.staff s
           WHERE s.firm_id = public.app_firm() AND public.app_workspace() IS NULL AND s.id = p_staff AND s.left_at IS NULL),
        proved AS (
          SELECT a.account_id FROM who JOIN public.account_address a ON a.email_norm = who.email_norm
            JOIN public.sso_domain d ON d.firm_id = public.app_firm()
             AND d.workspace_id IS NOT DISTINCT FROM public.app_workspace()
             AND d.domain = split_part(who.email_norm, '@', 2) AND d.proved_at IS NOT NULL AND d.lost_at IS NULL
           WHERE NOT EXISTS (SELECT FROM public.member o WHERE o.firm_id = public.app_firm()
                                AND o.workspace_id = public.app_workspace() AND o.account_id = a.account_id)
             AND NOT EXISTS (SELECT FROM public.staff o WHERE o.firm_id = public.app_firm()
                                AND public.app_workspace() IS NULL AND o.account_id = a.account_id)),
        known AS (SELECT coalesce((SELECT account_id FROM who), (SELECT account_id FROM proved)) AS account_id),
        born AS (INSERT INTO public.account (id) SELECT p_new_account FROM who, known WHERE known.account_id IS NULL RETURNING id),
        it AS (SELECT coalesce((SELECT account_id FROM known), (SELECT id FROM born)) AS account_id),
        members AS (UPDATE public.member m SET account_id = it.account_id FROM it
           WHERE m.firm_id = public.app_firm() AND m.workspace_id = public.app_workspace() AND m.id = p_member
             AND m.account_id IS NULL AND m.left_at IS NULL),
        staff_rows AS (UPDATE public.staff s SET account_id = it.account_id FROM it
           WHERE s.firm_id = public.app_firm() AND public.app_workspace() IS NULL AND s.id = p_staff
             AND s.account_id IS NULL AND s.left_at IS NULL)
        SELECT account_id FROM it
        """,
        "ctx_workspace, ctx_firm",
        "VOLATILE",
    ),
    # Whether somebody else has proved a domain: yes or no, never who.
    *definer(
        "domain_is_taken(p_domain text)",
        "boolean",
        f"""
        SELECT EXISTS (SELECT FROM public.sso_domain d WHERE d.domain = p_domain AND d.proved_at IS NOT NULL
                          AND d.lost_at IS NULL AND NOT ({MINE}))
        """,
        "ctx_workspace, ctx_firm",
    ),
    # For the mailed sign-in message only: the directories that a person of this address may come in through.
    *definer(
        "connections_for(p_email text)",
        "TABLE(connection_id uuid, label text)",
        """
        SELECT c.id, c.label FROM public.member m
          JOIN public.sso_connection c ON c.firm_id = m.firm_id AND c.workspace_id = m.workspace_id AND c.state = 'active'
          JOIN public.firm f ON f.id = m.firm_id AND f.state = 'active'
          JOIN public.workspace w ON w.firm_id = m.firm_id AND w.id = m.workspace_id AND w.state = 'active'
         WHERE m.email_norm = p_email AND m.left_at IS NULL
        UNION ALL
        SELECT c.id, c.label FROM public.staff s
          JOIN public.sso_connection c ON c.firm_id = s.firm_id AND c.workspace_id IS NULL AND c.state = 'active'
          JOIN public.firm f ON f.id = s.firm_id AND f.state = 'active'
         WHERE s.email_norm = p_email AND s.left_at IS NULL
         ORDER BY 2, 1
        """,
        "ctx_platform",
    ),
    # For the line that says who reads a community: whether the company's directory signs its people in.
    *definer(
        "directory_opens()",
        "boolean",
        """
        SELECT EXISTS (SELECT FROM public.sso_connection c WHERE c.firm_id = public.app_firm()
                          AND c.workspace_id = public.app_workspace() AND c.state = 'active')
        """,
        "ctx_community, ctx_workspace",
    ),
]
DROPPED = (
    "sso_place(uuid)", "sso_account(uuid, uuid, uuid)", "domain_is_taken(text)", "connections_for(text)", "directory_opens()",
)  # fmt: skip
OWNER_KEYS = ("uq_sso_connection_firm_id_id", "uq_sso_connection_firm_id_workspace_id_id")


def _schedule(change: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    op.add_column("sso_connection", sa.Column("kind", sa.Text(), server_default="other", nullable=False))
    op.create_check_constraint(
        op.f("ck_sso_connection_kind"), "sso_connection", "kind IN ('entra', 'google', 'okta', 'keycloak', 'other')"
    )
    op.create_unique_constraint(OWNER_KEYS[0], "sso_connection", ["firm_id", "id"])
    op.create_unique_constraint(OWNER_KEYS[1], "sso_connection", ["firm_id", "workspace_id", "id"])
    _identities()
    _domains()
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)
    _schedule("INSERT INTO schedule (name, every) VALUES ('identity.sweep_domains', 86400) ON CONFLICT DO NOTHING")


def _identities() -> None:
    op.create_table(
        "sso_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("gave", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("claims", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_sso_identity_whom")),
        sa.CheckConstraint("(member_id IS NULL) = (workspace_id IS NULL)", name=op.f("ck_sso_identity_owner")),
        sa.ForeignKeyConstraint(["firm_id", "connection_id"], ["sso_connection.firm_id", "sso_connection.id"],
                                name=op.f("fk_sso_identity_firm_id_connection_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id", "connection_id"],
                                ["sso_connection.firm_id", "sso_connection.workspace_id", "sso_connection.id"],
                                name=op.f("fk_sso_identity_firm_id_workspace_id_connection_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id", "member_id"], ["member.firm_id", "member.workspace_id", "member.id"],
                                name=op.f("fk_sso_identity_firm_id_workspace_id_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["firm_id", "staff_id"], ["staff.firm_id", "staff.id"],
                                name=op.f("fk_sso_identity_firm_id_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_identity")),
        sa.UniqueConstraint("firm_id", "connection_id", "issuer", "subject",
                            name=op.f("uq_sso_identity_firm_id_connection_id_issuer_subject")),
        sa.UniqueConstraint("firm_id", "connection_id", "issuer", "member_id",
                            name=op.f("uq_sso_identity_firm_id_connection_id_issuer_member_id")),
        sa.UniqueConstraint("firm_id", "connection_id", "issuer", "staff_id",
                            name=op.f("uq_sso_identity_firm_id_connection_id_issuer_staff_id")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_sso_identity_firm_id_workspace_id_member_id"), "sso_identity", ["firm_id", "workspace_id", "member_id"]
    )
    op.create_index("ix_sso_identity_staff", "sso_identity", ["firm_id", "staff_id"],
                    postgresql_where=sa.text("staff_id IS NOT NULL"))  # fmt: skip


def _domains() -> None:
    op.create_table(
        "sso_domain",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"],
                                name=op.f("fk_sso_domain_firm_id_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_domain")),
        sa.UniqueConstraint("firm_id", "workspace_id", "domain", name=op.f("uq_sso_domain_firm_id_workspace_id_domain"),
                            postgresql_nulls_not_distinct=True),
    )  # fmt: skip
    op.create_index("ux_sso_domain_proved", "sso_domain", ["domain"], unique=True,
                    postgresql_where=sa.text("proved_at IS NOT NULL AND lost_at IS NULL"))  # fmt: skip


def downgrade() -> None:
    _schedule("DELETE FROM schedule WHERE name = 'identity.sweep_domains'")
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.drop_table("sso_domain")
    op.drop_table("sso_identity")
    for name in reversed(OWNER_KEYS):
        op.drop_constraint(name, "sso_connection", type_="unique")
    op.drop_constraint(op.f("ck_sso_connection_kind"), "sso_connection", type_="check")
    op.drop_column("sso_connection", "kind")

"""Accounts and sign-ins of the platform; staff and members of firms; invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import Right, definer, drop_definer, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("account", platform="siud", definer="siu"),
    *protect("account_address", platform="siud", definer="si"),
    *protect("sign_in", platform="siud", definer="s"),
    *protect("sign_in_grant", platform="siud", definer="s"),
    *protect("sign_in_code", platform="siud"),
    *protect("staff", firm="siu", definer="su"),
    *protect(
        "staff_card",
        firm="siu",
        workspace=Right("s", "firm_id = app_firm()"),
        public=Right("s", "firm_id = app_firm() AND trains"),
        definer="s",
    ),
    *protect("member", firm="siu", workspace="siud", definer="su"),
    *protect("invitation", firm="siu", workspace="siu", definer="su"),
]
FUNCTIONS = [
    *definer(
        "who_is(p_token text, p_firm text, p_workspace text)",
        """TABLE(sign_in_id uuid, account_id uuid, firm_id uuid, firm_name text, is_demo boolean, workspace_id uuid,
        workspace_name text, colour text, workspace_language text, staff_id uuid, staff_roles text[], member_id uuid,
        member_roles text[], name text, email text, language text)""",
        """
        SELECT s.id, s.account_id, f.id, f.name, f.is_demo, w.id, w.name, w.colour, w.language,
               st.id, st.roles, m.id, m.roles,
               coalesce(c.name, nullif(trim(m.first_name || ' ' || m.last_name), ''),
                 (SELECT a.email_norm FROM public.account_address a WHERE a.account_id = s.account_id LIMIT 1)),
               coalesce(st.email, m.email), coalesce(m.language, st.language, w.language)
          FROM (SELECT 1) one
          LEFT JOIN public.sign_in s ON s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()
          LEFT JOIN public.firm f ON f.slug = p_firm AND f.state = 'active'
          LEFT JOIN public.workspace w ON w.firm_id = f.id AND w.slug = p_workspace AND w.state = 'active'
          LEFT JOIN public.staff st ON st.firm_id = f.id AND st.account_id = s.account_id AND st.left_at IS NULL
            AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                         AND (g.firm_id IS NULL OR g.firm_id = f.id) AND g.workspace_id IS NULL)
          LEFT JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
          LEFT JOIN public.member m ON m.firm_id = f.id AND m.workspace_id = w.id AND m.account_id = s.account_id
            AND m.left_at IS NULL
            AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                         AND (g.firm_id IS NULL OR g.firm_id = f.id)
                         AND (g.workspace_id IS NULL OR g.workspace_id = w.id))
        """,
        "app_login",
    ),
    *definer(
        "prove_address(p_email text, p_new_account uuid)",
        "uuid",
        """
        WITH known AS (SELECT account_id FROM public.account_address WHERE email_norm = p_email),
        wanted AS (SELECT 1 WHERE EXISTS (SELECT FROM public.member WHERE email_norm = p_email AND left_at IS NULL)
                               OR EXISTS (SELECT FROM public.staff WHERE email_norm = p_email AND left_at IS NULL)),
        born AS (INSERT INTO public.account (id) SELECT p_new_account FROM wanted
                  WHERE NOT EXISTS (SELECT FROM known) RETURNING id),
        proved AS (INSERT INTO public.account_address (email_norm, account_id) SELECT p_email, id FROM born
                   RETURNING account_id),
        who AS (SELECT account_id FROM known UNION ALL SELECT account_id FROM proved),
        members AS (UPDATE public.member SET account_id = (SELECT account_id FROM who)
                     WHERE email_norm = p_email AND account_id IS NULL AND left_at IS NULL AND EXISTS (SELECT FROM who)),
        staff_rows AS (UPDATE public.staff SET account_id = (SELECT account_id FROM who)
                     WHERE email_norm = p_email AND account_id IS NULL AND left_at IS NULL AND EXISTS (SELECT FROM who))
        SELECT account_id FROM who
        """,
        "ctx_platform",
        "VOLATILE",
    ),
    *definer(
        "address_is_known(p_email text)",
        "boolean",
        """
        SELECT EXISTS (SELECT FROM public.account_address WHERE email_norm = p_email)
            OR EXISTS (SELECT FROM public.member WHERE email_norm = p_email AND left_at IS NULL)
            OR EXISTS (SELECT FROM public.staff WHERE email_norm = p_email AND left_at IS NULL)
        """,
        "ctx_platform",
    ),
    *definer(
        "memberships_of(p_account uuid)",
        """TABLE(firm_slug text, firm_name text, workspace_slug text, workspace_name text, colour text, roles text[],
        name text, email text)""",
        """
        SELECT f.slug, f.name, NULL, NULL, NULL, st.roles, c.name, st.email
          FROM public.staff st JOIN public.firm f ON f.id = st.firm_id AND f.state = 'active'
          JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
         WHERE st.account_id = p_account AND st.left_at IS NULL
        UNION ALL
        SELECT f.slug, f.name, w.slug, w.name, w.colour, m.roles, m.first_name || ' ' || m.last_name, m.email
          FROM public.member m JOIN public.firm f ON f.id = m.firm_id AND f.state = 'active'
          JOIN public.workspace w ON w.firm_id = m.firm_id AND w.id = m.workspace_id AND w.state = 'active'
         WHERE m.account_id = p_account AND m.left_at IS NULL
         ORDER BY 2, 4
        """,
        "ctx_platform",
    ),
    *definer(
        "invitation_card(p_hash text)",
        """TABLE(firm_slug text, firm_name text, workspace_slug text, workspace_name text, colour text,
        invited_by text, email text, state text)""",
        """
        SELECT f.slug, f.name, w.slug, w.name, w.colour, i.invited_by, i.email_norm,
               CASE WHEN i.revoked_at IS NOT NULL THEN 'revoked' WHEN i.used_at IS NOT NULL THEN 'used'
                    WHEN i.expires_at <= now() THEN 'expired' ELSE 'open' END
          FROM public.invitation i JOIN public.firm f ON f.id = i.firm_id
          LEFT JOIN public.workspace w ON w.firm_id = i.firm_id AND w.id = i.workspace_id
         WHERE i.token_hash = p_hash
        """,
        "ctx_platform",
    ),
    *definer(
        "redeem_invitation(p_hash text)",
        "text",
        """
        UPDATE public.invitation SET used_at = now()
         WHERE token_hash = p_hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
        RETURNING email_norm
        """,
        "ctx_platform",
        "VOLATILE",
    ),
]
DROPPED = [
    "who_is(text, text, text)",
    "prove_address(text, uuid)",
    "address_is_known(text)",
    "memberships_of(uuid)",
    "invitation_card(text)",
    "redeem_invitation(text)",
]


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO app_login")
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_code_token_hash")),
    )
    op.create_table(
        "account_address",
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_address_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("email_norm", name=op.f("pk_account_address")),
    )
    op.create_index(op.f("ix_account_address_account_id"), "account_address", ["account_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_staff_language")),
        sa.CheckConstraint(
            "roles <@ ARRAY['owner', 'advisor', 'trainer', 'accountant']::text[] AND cardinality(roles) > 0",
            name=op.f("ck_staff_roles"),
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_staff_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_staff")),
        sa.UniqueConstraint("firm_id", "email_norm", name=op.f("uq_staff_firm_id_email_norm")),
    )
    op.create_index(op.f("ix_staff_account_id"), "staff", ["account_id"], unique=False)
    op.create_index("ix_staff_email_norm", "staff", ["email_norm"], unique=False)
    op.create_table(
        "member",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_norm", sa.Text(), nullable=True),
        sa.Column("employee_number", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("job_title", sa.Text(), server_default="", nullable=False),
        sa.Column("line_manager", sa.Text(), server_default="", nullable=False, comment="employee number"),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_member_language")),
        sa.CheckConstraint(
            "roles <@ ARRAY['hr', 'sponsor', 'participant']::text[] AND cardinality(roles) > 0",
            name=op.f("ck_member_roles"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_member_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("firm_id", "workspace_id", "email_norm", name=op.f("uq_member_firm_id_workspace_id_email_norm")),
        sa.UniqueConstraint(
            "firm_id", "workspace_id", "employee_number", name=op.f("uq_member_firm_id_workspace_id_employee_number")
        ),
    )
    op.create_index(op.f("ix_member_account_id"), "member", ["account_id"], unique=False)
    op.create_index("ix_member_email_norm", "member", ["email_norm"], unique=False)
    op.create_index(
        op.f("ix_member_firm_id_workspace_id_name_folded"),
        "member",
        ["firm_id", "workspace_id", "name_folded"],
        unique=False,
    )
    op.create_table(
        "sign_in_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("method IN ('email', 'password', 'demo')", name=op.f("ck_sign_in_grant_method")),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name=op.f("fk_sign_in_grant_sign_in_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_grant")),
    )
    op.create_index(op.f("ix_sign_in_grant_sign_in_id"), "sign_in_grant", ["sign_in_id"], unique=False)
    op.create_table(
        "staff_card",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("bio", postgresql.JSONB(), nullable=False),
        sa.Column("trains", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "id"], ["staff.firm_id", "staff.id"], name=op.f("fk_staff_card_firm_id_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_staff_card")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_invitation_whom")),
        sa.ForeignKeyConstraint(
            ["firm_id", "staff_id"],
            ["staff.firm_id", "staff.id"],
            name=op.f("fk_invitation_firm_id_staff_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "member_id"],
            ["member.firm_id", "member.workspace_id", "member.id"],
            name=op.f("fk_invitation_firm_id_workspace_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(
        op.f("ix_invitation_firm_id_workspace_id_member_id"),
        "invitation",
        ["firm_id", "workspace_id", "member_id"],
        unique=False,
    )
    op.create_index(
        "ix_invitation_staff",
        "invitation",
        ["firm_id", "staff_id"],
        unique=False,
        postgresql_where=sa.text("staff_id IS NOT NULL"),
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE invitation, staff_card, sign_in_grant, member, staff, sign_in, account_address, sign_in_code, account")
    op.execute("REVOKE USAGE ON SCHEMA public FROM app_login")

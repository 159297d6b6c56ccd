"""What the firm says of itself, staff limited to clients, trainers' papers, HR limited to sites, leavers of an import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ZERO_TEXTS = sa.text("'{}'::text[]")
ZERO_OBJECT = sa.text("'{}'::jsonb")
ZERO_LIST = sa.text("'[]'::jsonb")

POLICIES = [
    *protect("staff_client", firm="sid", definer="s"),
    *protect("staff_pin", firm="sid"),
    *protect("staff_document", firm="sid"),
    *protect("client_import", firm="siu"),
    "GRANT SELECT ON firm_profile TO app_definer",
    "CREATE POLICY definer ON firm_profile FOR SELECT TO app_definer USING (true)",
    "GRANT SELECT ON firm_profile TO ctx_workspace",
    "CREATE POLICY workspace ON firm_profile FOR SELECT TO ctx_workspace USING (firm_id = app_firm())",
]
WHO_IS_BEFORE = definer(
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
)
# Staff limited to some clients are nobody in the others; an archived workspace is open to the firm's staff alone.
WHO_IS = definer(
    "who_is(p_token text, p_firm text, p_workspace text)",
    """TABLE(sign_in_id uuid, account_id uuid, firm_id uuid, firm_name text, is_demo boolean, workspace_id uuid,
    workspace_name text, colour text, workspace_language text, workspace_state text, workspace_logo text, firm_logo text,
    staff_id uuid, staff_roles text[], staff_clients uuid[], member_id uuid, member_roles text[], hr_sites text[],
    hr_departments text[], name text, email text, language text)""",
    """
    SELECT s.id, s.account_id, f.id, f.name, f.is_demo, w.id, w.name, w.colour, w.language, w.state, w.logo, p.logo,
           st.id, st.roles,
           CASE WHEN st.limited THEN ARRAY(SELECT sc.workspace_id FROM public.staff_client sc
                                            WHERE sc.firm_id = st.firm_id AND sc.staff_id = st.id) END,
           m.id, m.roles, m.hr_sites, m.hr_departments,
           coalesce(c.name, nullif(trim(m.first_name || ' ' || m.last_name), ''),
             (SELECT a.email_norm FROM public.account_address a WHERE a.account_id = s.account_id LIMIT 1)),
           coalesce(st.email, m.email), coalesce(m.language, st.language, w.language)
      FROM (SELECT 1) one
      LEFT JOIN public.sign_in s ON s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()
      LEFT JOIN public.firm f ON f.slug = p_firm AND f.state = 'active'
      LEFT JOIN public.firm_profile p ON p.firm_id = f.id AND p.id = f.id
      LEFT JOIN public.workspace w ON w.firm_id = f.id AND w.slug = p_workspace AND w.state IN ('active', 'archived')
      LEFT JOIN public.staff st ON st.firm_id = f.id AND st.account_id = s.account_id AND st.left_at IS NULL
        AND (w.id IS NULL OR NOT st.limited OR EXISTS (SELECT 1 FROM public.staff_client sc
               WHERE sc.firm_id = st.firm_id AND sc.staff_id = st.id AND sc.workspace_id = w.id))
        AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                     AND (g.firm_id IS NULL OR g.firm_id = f.id) AND g.workspace_id IS NULL)
      LEFT JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
      LEFT JOIN public.member m ON m.firm_id = f.id AND m.workspace_id = w.id AND m.account_id = s.account_id
        AND m.left_at IS NULL AND w.state = 'active'
        AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                     AND (g.firm_id IS NULL OR g.firm_id = f.id)
                     AND (g.workspace_id IS NULL OR g.workspace_id = w.id))
    """,
    "app_login",
)
FUNCTIONS = [
    *definer(
        "end_zones(p_members uuid[])",
        "bigint",
        """
        WITH ended AS (
          UPDATE public.zone_member z SET left_at = now()
            FROM public.member m
           WHERE m.firm_id = public.app_firm() AND m.workspace_id = public.app_workspace() AND m.id = ANY (p_members)
             AND z.firm_id = m.firm_id AND z.workspace_id = m.workspace_id AND z.account_id = m.account_id
             AND z.side = 'company' AND z.left_at IS NULL
          RETURNING 1)
        SELECT count(*) FROM ended
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
]
DROPPED = ["end_zones(uuid[])"]

PROFILE = (
    sa.Column("vat_regime", sa.Text(), server_default="exempt", nullable=False),
    sa.Column("vat_attested_on", sa.Date(), nullable=True, comment="attestation 3511, CGI art. 261, 4, 4° a"),
    sa.Column("bic", sa.Text(), server_default="", nullable=False),
    sa.Column("phone", sa.Text(), server_default="", nullable=False),
    sa.Column("website", sa.Text(), server_default="", nullable=False),
    sa.Column("signatory_title", sa.Text(), server_default="", nullable=False),
    sa.Column("logo", sa.Text(), server_default="", nullable=False, comment="storage key"),
    sa.Column("colour", sa.Text(), server_default="#066584", nullable=False),
    sa.Column("terms", postgresql.JSONB(), server_default=ZERO_OBJECT, nullable=False, comment="general terms, {fr, en}"),
    sa.Column("internal_rules", postgresql.JSONB(), server_default=ZERO_OBJECT, nullable=False, comment="C. trav. L6352-3"),
    sa.Column("cancellation", postgresql.JSONB(), server_default=sa.text("'[[15, 0], [5, 50], [0, 100]]'::jsonb"),
              nullable=False, comment="[[days before, percent due], …]"),
)  # fmt: skip


def upgrade() -> None:
    for column in PROFILE:
        op.add_column("firm_profile", column)
    op.create_check_constraint("vat_regime", "firm_profile", "vat_regime IN ('exempt', 'standard', 'franchise')")
    op.create_check_constraint("colour", "firm_profile", "colour ~ '^#[0-9a-f]{6}$'")
    op.add_column("workspace", sa.Column("siren", sa.Text(), server_default="", nullable=False))
    op.add_column("workspace", sa.Column("logo", sa.Text(), server_default="", nullable=False, comment="storage key"))
    op.add_column("workspace", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("billing_party", sa.Column("einvoice_address", sa.Text(), server_default="", nullable=False))
    op.add_column("staff", sa.Column("limited", sa.Boolean(), server_default="false", nullable=False,
                                     comment="to the clients of staff_client"))  # fmt: skip
    op.add_column("staff_card", sa.Column("phone", sa.Text(), server_default="", nullable=False))
    op.add_column("staff_card", sa.Column("skills", postgresql.JSONB(), server_default=ZERO_LIST, nullable=False))
    op.add_column("member", sa.Column("hr_sites", sa.ARRAY(sa.Text()), server_default=ZERO_TEXTS, nullable=False,
                                      comment="an HR's sites; empty: all"))  # fmt: skip
    op.add_column("member", sa.Column("hr_departments", sa.ARRAY(sa.Text()), server_default=ZERO_TEXTS, nullable=False,
                                      comment="an HR's departments; empty: all"))  # fmt: skip
    op.add_column("people_import", sa.Column("leavers", postgresql.JSONB(), server_default=ZERO_LIST, nullable=False,
                                             comment="members chosen to leave when it is applied"))  # fmt: skip
    op.drop_constraint("ck_people_import_state", "people_import")
    op.create_check_constraint("state", "people_import", "state IN ('draft', 'applying', 'applied', 'undone', 'failed')")
    _tables()
    for statement in (*POLICIES, *FUNCTIONS, "DROP FUNCTION who_is(text, text, text)", *WHO_IS):
        op.execute(statement)


def _tables() -> None:
    for name in ("staff_client", "staff_pin"):
        op.create_table(
            name,
            sa.Column("firm_id", sa.Uuid(), nullable=False),
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("staff_id", sa.Uuid(), nullable=False),
            sa.Column("workspace_id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint(
                ["firm_id", "staff_id"], ["staff.firm_id", "staff.id"], name=op.f(f"fk_{name}_firm_id_staff_id"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"], name=op.f(f"fk_{name}_firm_id_workspace_id")
            ),
            sa.PrimaryKeyConstraint("firm_id", "id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint("firm_id", "staff_id", "workspace_id", name=op.f(f"uq_{name}_firm_id_staff_id_workspace_id")),
        )  # fmt: skip
    op.create_table(
        "staff_document",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cv', 'diploma', 'contract', 'insurance', 'vigilance', 'other')", name=op.f("ck_staff_document_kind")
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "staff_id"], ["staff.firm_id", "staff.id"], name=op.f("fk_staff_document_firm_id_staff_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_staff_document")),
    )  # fmt: skip
    op.create_index(op.f("ix_staff_document_firm_id_staff_id"), "staff_document", ["firm_id", "staff_id"], unique=False)
    op.create_index(op.f("ix_staff_document_firm_id_expires_on"), "staff_document", ["firm_id", "expires_on"], unique=False)
    op.create_table(
        "client_import",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'applied')", name=op.f("ck_client_import_state")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_client_import_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_client_import")),
    )


def downgrade() -> None:
    for statement in (*drop_definer(*DROPPED, "who_is(text, text, text)"), *WHO_IS_BEFORE):
        op.execute(statement)
    for role in ("definer", "workspace"):
        op.execute(f"DROP POLICY {role} ON firm_profile")
    op.execute("REVOKE SELECT ON firm_profile FROM app_definer, ctx_workspace")
    op.execute("DROP TABLE client_import, staff_document, staff_pin, staff_client")
    op.execute("UPDATE people_import SET state = 'draft' WHERE state = 'failed'")
    op.drop_constraint("ck_people_import_state", "people_import")
    op.create_check_constraint("state", "people_import", "state IN ('draft', 'applying', 'applied', 'undone')")
    op.drop_column("people_import", "leavers")
    for table, names in (
        ("member", ("hr_sites", "hr_departments")), ("staff_card", ("phone", "skills")), ("staff", ("limited",)),
        ("billing_party", ("einvoice_address",)), ("workspace", ("siren", "logo", "archived_at")),
        ("firm_profile", [column.name for column in PROFILE]),
    ):  # fmt: skip
        for name in names:
            op.drop_column(table, name)

"""The firm's legal face, billing parties, and people imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import drop_definer, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("firm_profile", firm="siu", public="s"),
    *protect("billing_party", firm="siu", workspace="siu"),
    *protect("people_import", firm="s", workspace="siud"),
    *protect("import_row", workspace="siud"),
]
FUNCTIONS: list[str] = []
DROPPED: list[str] = []


def upgrade() -> None:
    op.create_table(
        "firm_profile",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("legal_form", sa.Text(), server_default="", nullable=False),
        sa.Column("capital_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("siret", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("activity_number", sa.Text(), server_default="", nullable=False, comment="NDA, C. trav. L6351-1"),
        sa.Column("activity_region", sa.Text(), server_default="", nullable=False),
        sa.Column("iban", sa.Text(), server_default="", nullable=False),
        sa.Column("street", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("signatory", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_profile_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_firm_profile")),
    )
    op.create_table(
        "billing_party",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("street", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("purchase_order", sa.Text(), server_default="", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_billing_party_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_billing_party")),
    )
    op.create_index(
        op.f("ix_billing_party_firm_id_workspace_id_name"),
        "billing_party",
        ["firm_id", "workspace_id", "name"],
        unique=False,
    )
    op.create_table(
        "people_import",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False, comment="sheet, encoding, separator, header row"),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False, comment="field → column number"),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'applying', 'applied', 'undone')", name=op.f("ck_people_import_state")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_people_import_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_people_import")),
    )
    op.create_index(
        op.f("ix_people_import_firm_id_workspace_id_created_at"),
        "people_import",
        ["firm_id", "workspace_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "import_row",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.Column("fixes", postgresql.JSONB(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True, comment="whom it updated or made"),
        sa.Column("before", postgresql.JSONB(), nullable=False, comment="what an update replaced, for the undo"),
        sa.CheckConstraint("verdict IN ('create', 'update', 'same', 'fix', 'skip')", name=op.f("ck_import_row_verdict")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "import_id"],
            ["people_import.firm_id", "people_import.workspace_id", "people_import.id"],
            name=op.f("fk_import_row_firm_id_workspace_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_import_row")),
        sa.UniqueConstraint(
            "firm_id",
            "workspace_id",
            "import_id",
            "line",
            name=op.f("uq_import_row_firm_id_workspace_id_import_id_line"),
        ),
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE import_row, people_import, billing_party, firm_profile")

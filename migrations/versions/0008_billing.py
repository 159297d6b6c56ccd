"""Invoices, their lines and counters, payments, and Stripe's events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import Right, drop_definer, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MINE = "firm_id = app_firm() AND workspace_id = app_workspace()"
ISSUED_LINES = f"""{MINE} AND EXISTS (SELECT 1 FROM invoice i WHERE i.firm_id = app_firm()
  AND i.workspace_id = app_workspace() AND i.id = invoice_line.invoice_id)"""
POLICIES = [
    *protect("invoice", firm="siud", workspace=Right("s", f"{MINE} AND state = 'issued'")),
    *protect("invoice_line", firm="siud", workspace=Right("s", ISSUED_LINES)),
    *protect("invoice_counter", firm="siu"),
    *protect("payment", firm="si", workspace="s"),
    *protect("stripe_event", platform="siu"),
    # What an issued invoice says is final: only its rendered document may still be named.
    """CREATE FUNCTION invoice_is_final() RETURNS trigger LANGUAGE plpgsql AS $fn$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'issued' THEN RAISE EXCEPTION 'an issued invoice is never deleted'; END IF;
        RETURN OLD;
      END IF;
      IF OLD.state = 'issued' AND (to_jsonb(NEW) - 'document_id') IS DISTINCT FROM (to_jsonb(OLD) - 'document_id') THEN
        RAISE EXCEPTION 'an issued invoice never changes: make a credit note';
      END IF;
      RETURN NEW;
    END $fn$""",
    "CREATE TRIGGER final BEFORE UPDATE OR DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION invoice_is_final()",
]
FUNCTIONS: list[str] = []
DROPPED: list[str] = []


def upgrade() -> None:
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stripe_event_event_id")),
    )
    op.create_table(
        "invoice_counter",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("next_number", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_invoice_counter_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_invoice_counter")),
        sa.UniqueConstraint("firm_id", "series", name=op.f("uq_invoice_counter_firm_id_series")),
    )
    op.create_table(
        "invoice",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("billing_party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="invoice", nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("credit_of_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("net_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frozen", postgresql.JSONB(), nullable=False, comment="what the document is set from"),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'issued') = (number IS NOT NULL)", name=op.f("ck_invoice_numbered")),
        sa.CheckConstraint("kind IN ('invoice', 'credit')", name=op.f("ck_invoice_kind")),
        sa.CheckConstraint("state IN ('draft', 'issued')", name=op.f("ck_invoice_state")),
        sa.ForeignKeyConstraint(
            ["firm_id", "credit_of_id"], ["invoice.firm_id", "invoice.id"], name=op.f("fk_invoice_firm_id_credit_of_id")
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "session_id"],
            ["training_session.firm_id", "training_session.id"],
            name=op.f("fk_invoice_firm_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "billing_party_id"],
            ["billing_party.firm_id", "billing_party.workspace_id", "billing_party.id"],
            name=op.f("fk_invoice_firm_id_workspace_id_billing_party_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_invoice_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("firm_id", "number", name=op.f("uq_invoice_firm_id_number")),
    )
    op.create_index(
        op.f("ix_invoice_firm_id_workspace_id_issued_on"),
        "invoice",
        ["firm_id", "workspace_id", "issued_on"],
        unique=False,
    )
    op.create_index(
        "uq_invoice_session",
        "invoice",
        ["firm_id", "workspace_id", "session_id"],
        unique=True,
        postgresql_where=sa.text("session_id IS NOT NULL AND kind = 'invoice'"),
    )
    op.create_table(
        "invoice_line",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.CheckConstraint("vat IN ('exempt', 'standard')", name=op.f("ck_invoice_line_vat")),
        sa.ForeignKeyConstraint(
            ["firm_id", "invoice_id"],
            ["invoice.firm_id", "invoice.id"],
            name=op.f("fk_invoice_line_firm_id_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("firm_id", "invoice_id", "position", name=op.f("uq_invoice_line_firm_id_invoice_id_position")),
    )
    op.create_table(
        "payment",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("method IN ('transfer', 'card', 'credit')", name=op.f("ck_payment_method")),
        sa.ForeignKeyConstraint(
            ["firm_id", "invoice_id"], ["invoice.firm_id", "invoice.id"], name=op.f("fk_payment_firm_id_invoice_id")
        ),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint("firm_id", "invoice_id", "reference", name=op.f("uq_payment_firm_id_invoice_id_reference")),
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE payment, invoice_line, invoice, invoice_counter, stripe_event")
    op.execute("DROP FUNCTION invoice_is_final()")

"""Clients found without their accents, a client's look over there, pins read with who is looking, parties taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import definer, drop_definer

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A staff person's rail: their pins, and how many clients they may act for. Read beside who_is, by the same cookie.
RAIL = definer(
    "staff_rail(p_token text, p_firm text)",
    "TABLE(clients bigint, pins jsonb)",
    """
    WITH me AS (
      SELECT st.firm_id, st.id, st.limited
        FROM public.sign_in s
        JOIN public.firm f ON f.slug = p_firm AND f.state = 'active'
        JOIN public.staff st ON st.firm_id = f.id AND st.account_id = s.account_id AND st.left_at IS NULL
       WHERE s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()
         AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                      AND (g.firm_id IS NULL OR g.firm_id = f.id) AND g.workspace_id IS NULL)),
    mine AS (
      SELECT w.firm_id, w.id, w.name, w.slug, w.name_folded
        FROM me JOIN public.workspace w ON w.firm_id = me.firm_id AND w.state = 'active'
       WHERE NOT me.limited OR EXISTS (SELECT 1 FROM public.staff_client sc
               WHERE sc.firm_id = me.firm_id AND sc.staff_id = me.id AND sc.workspace_id = w.id))
    SELECT (SELECT count(*) FROM mine),
           coalesce((SELECT jsonb_agg(jsonb_build_array(mine.id, mine.name, mine.slug) ORDER BY mine.name_folded)
                       FROM me JOIN public.staff_pin p ON p.firm_id = me.firm_id AND p.staff_id = me.id
                       JOIN mine ON mine.firm_id = p.firm_id AND mine.id = p.workspace_id), '[]'::jsonb)
    """,
    "app_login",
)


def upgrade() -> None:
    op.add_column("workspace", sa.Column("name_folded", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE workspace SET name_folded = lower(unaccent(name))")
    op.create_index(op.f("ix_workspace_firm_id_name_folded"), "workspace", ["firm_id", "name_folded"], unique=False)
    op.add_column("workspace", sa.Column("searched", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE workspace SET searched = lower(unaccent(concat_ws(' ', name, city, trade, siren)))")
    for statement in (
        "GRANT DELETE ON billing_party TO ctx_workspace",
        "GRANT SELECT ON staff_pin TO app_definer",
        "CREATE POLICY definer ON staff_pin FOR SELECT TO app_definer USING (true)",
        *RAIL,
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *drop_definer("staff_rail(text, text)"),
        "DROP POLICY definer ON staff_pin",
        "REVOKE SELECT ON staff_pin FROM app_definer",
        "REVOKE DELETE ON billing_party FROM ctx_workspace",
    ):
        op.execute(statement)
    op.drop_column("workspace", "searched")
    op.drop_index(op.f("ix_workspace_firm_id_name_folded"), table_name="workspace")
    op.drop_column("workspace", "name_folded")

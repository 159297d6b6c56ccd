"""Staff's second factors, seen by their firm and taken away by its owner; network addresses of old lines of the journal go."""

from __future__ import annotations

from alembic import op

from tenants.policies import definer, drop_definer

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RIGHTS = [
    "GRANT UPDATE (network) ON journal TO app_definer",
    "GRANT DELETE ON second_factor TO app_definer",
    "CREATE POLICY definer_dropped ON second_factor FOR DELETE TO app_definer USING (true)",
    "GRANT SELECT, DELETE ON recovery_code TO app_definer",
    "CREATE POLICY definer ON recovery_code TO app_definer USING (true)",
]
FUNCTIONS = [
    *definer(
        "staff_with_factor()",
        "SETOF uuid",
        """
        SELECT st.id FROM public.staff st JOIN public.second_factor x ON x.account_id = st.account_id
         WHERE st.firm_id = public.app_firm() AND public.app_workspace() IS NULL AND st.left_at IS NULL
           AND x.confirmed_at IS NOT NULL
        """,
        "ctx_firm",
    ),
    # Of a person who works for this firm alone: nobody takes away what guards another firm.
    # A year is enough to look into what happened; the line itself stays. An injected statement shortens nothing.
    *definer(
        "forget_networks(p_before timestamptz, p_most integer)",
        "bigint",
        """
        WITH gone AS (
          UPDATE public.journal SET network = '' WHERE id IN (
            SELECT id FROM public.journal j WHERE j.firm_id IS NOT DISTINCT FROM public.app_firm() AND j.network <> ''
               AND j.at < least(p_before, now() - interval '12 months') LIMIT p_most)
          RETURNING 1)
        SELECT count(*) FROM gone
        """,
        "ctx_firm, ctx_platform",
        "VOLATILE",
    ),
    *definer(
        "drop_factor(p_staff uuid)",
        "boolean",
        """
        WITH whose AS (
          SELECT st.account_id FROM public.staff st
           WHERE st.firm_id = public.app_firm() AND public.app_workspace() IS NULL AND st.id = p_staff AND st.left_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM public.staff o WHERE o.account_id = st.account_id AND o.firm_id <> st.firm_id
                              AND o.left_at IS NULL)),
        codes AS (DELETE FROM public.recovery_code r USING whose WHERE r.account_id = whose.account_id RETURNING 1),
        gone AS (DELETE FROM public.second_factor x USING whose WHERE x.account_id = whose.account_id RETURNING 1)
        SELECT EXISTS (SELECT 1 FROM gone)
        """,
        "ctx_firm",
        "VOLATILE",
    ),
]


def upgrade() -> None:
    for statement in (*RIGHTS, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *drop_definer("forget_networks(timestamptz, integer)", "drop_factor(uuid)", "staff_with_factor()"),
        "REVOKE UPDATE (network) ON journal FROM app_definer",
        "DROP POLICY definer ON recovery_code",
        "REVOKE SELECT, DELETE ON recovery_code FROM app_definer",
        "DROP POLICY definer_dropped ON second_factor",
        "REVOKE DELETE ON second_factor FROM app_definer",
    ):
        op.execute(statement)

"""Only the owner says that a firm is a demo; offers end by the clock; a closed firm's invitations lead nowhere."""

from __future__ import annotations

from alembic import op

from tenants.policies import definer, drop_definer

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What the platform scope may write of a firm: everything but is_demo, which opens the personae.
WRITABLE = "name, slug, state, stripe_account"
RIGHTS = [
    "REVOKE INSERT, UPDATE ON firm FROM ctx_platform",
    f"GRANT INSERT (id, {WRITABLE}, created_at), UPDATE ({WRITABLE}) ON firm TO ctx_platform",
    # Row-level security binds the owner too. The demo's loader marks one firm, and gives it a journal of its own.
    "CREATE POLICY owner ON firm TO app_owner USING (id = app_firm()) WITH CHECK (id = app_firm())",
    "CREATE POLICY owner ON journal TO app_owner USING (firm_id = app_firm()) WITH CHECK (firm_id = app_firm())",
]
# No policy lets anybody add to the schedule: it is written by migrations.
SCHEDULE = [
    "ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO schedule (name, every) VALUES ('enrolments.sweep_offers', 60) ON CONFLICT DO NOTHING",
    "ALTER TABLE schedule FORCE ROW LEVEL SECURITY",
]
CARD = """
    SELECT f.slug, f.name, w.slug, w.name, w.colour, i.invited_by, i.email_norm,
           CASE WHEN i.revoked_at IS NOT NULL THEN 'revoked' WHEN i.used_at IS NOT NULL THEN 'used'
                WHEN i.expires_at <= now() THEN 'expired' ELSE 'open' END
      FROM public.invitation i JOIN public.firm f ON f.id = i.firm_id {active}
      LEFT JOIN public.workspace w ON w.firm_id = i.firm_id AND w.id = i.workspace_id
     WHERE i.token_hash = p_hash
"""
REDEEM = """
    UPDATE public.invitation i SET used_at = now()
     WHERE i.token_hash = p_hash AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() {active}
    RETURNING i.email_norm
"""


def _invitations(card: str, redeem: str) -> list[str]:
    return [
        *drop_definer("invitation_card(text)", "redeem_invitation(text)"),
        *definer(
            "invitation_card(p_hash text)",
            """TABLE(firm_slug text, firm_name text, workspace_slug text, workspace_name text, colour text,
            invited_by text, email text, state text)""",
            CARD.format(active=card),
            "ctx_platform",
        ),
        *definer("redeem_invitation(p_hash text)", "text", REDEEM.format(active=redeem), "ctx_platform", "VOLATILE"),
    ]


def opened() -> list[str]:
    """The functions of invitations, of active firms only."""
    active = "AND EXISTS (SELECT FROM public.firm f WHERE f.id = i.firm_id AND f.state = 'active')"
    return _invitations("AND f.state = 'active'", active)


def upgrade() -> None:
    for statement in (*RIGHTS, *SCHEDULE, *opened()):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *_invitations("", ""),
        "ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY",
        "DELETE FROM schedule WHERE name = 'enrolments.sweep_offers'",
        "ALTER TABLE schedule FORCE ROW LEVEL SECURITY",
        "DROP POLICY owner ON journal",
        "DROP POLICY owner ON firm",
        f"REVOKE INSERT (id, {WRITABLE}, created_at), UPDATE ({WRITABLE}) ON firm FROM ctx_platform",
        "GRANT INSERT, UPDATE ON firm TO ctx_platform",
    ):
        op.execute(statement)

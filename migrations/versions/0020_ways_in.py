"""Sign-ins with limits, what each opens, a second factor, companies' own identity providers, invitations bound to roles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

POLICIES = [
    *protect("second_factor", platform="siud", definer="s"),
    *protect("recovery_code", platform="siud"),
    *protect("sso_connection", firm="siud", workspace="siud", definer="s"),
    "GRANT UPDATE ON sign_in TO app_definer",
    "CREATE POLICY definer_seen ON sign_in FOR UPDATE TO app_definer USING (true) WITH CHECK (true)",
    "GRANT INSERT ON journal TO app_definer",
    "CREATE POLICY definer ON journal FOR INSERT TO app_definer WITH CHECK (true)",
]
# A grant that came through a provider is worth something while its connection is on.
WORTH = """(g.connection_id IS NULL OR EXISTS (
             SELECT 1 FROM public.sso_connection k WHERE k.id = g.connection_id AND k.state = 'active'))"""
# What opens a firm's staff membership: a grant for everything, or that firm's own provider; no client's ever does.
OPENS_FIRM = "(g.firm_id IS NULL OR (g.firm_id = st.firm_id AND g.workspace_id IS NULL))"
# Whoever may act for a firm with this sign-in has half an hour of idleness and twelve hours; others 30 days and 90.
LIVE = definer(
    "live_sign_in(p_token text)",
    """TABLE(id uuid, account_id uuid, fresh_at timestamptz, factor_at timestamptz, seen_at timestamptz, is_whole boolean,
    has_factor boolean)""",
    f"""
    WITH found AS MATERIALIZED (
      SELECT s.* FROM public.sign_in s WHERE s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()),
    g AS MATERIALIZED (
      SELECT g.* FROM public.sign_in_grant g JOIN found ON g.sign_in_id = found.id WHERE {WORTH}),
    strict AS MATERIALIZED (
      SELECT EXISTS (SELECT 1 FROM found JOIN public.staff st ON st.account_id = found.account_id AND st.left_at IS NULL
                       JOIN public.firm f ON f.id = st.firm_id AND f.state = 'active'
                      WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_FIRM})) AS it_is)
    SELECT s.id, s.account_id, s.fresh_at, s.factor_at, s.seen_at,
           EXISTS (SELECT 1 FROM g WHERE g.firm_id IS NULL),
           EXISTS (SELECT 1 FROM public.second_factor x WHERE x.account_id = s.account_id AND x.confirmed_at IS NOT NULL)
      FROM found s, strict
     WHERE EXISTS (SELECT 1 FROM g)
       AND s.seen_at > now() - CASE WHEN strict.it_is THEN interval '30 minutes' ELSE interval '30 days' END
       AND s.created_at > now() - CASE WHEN strict.it_is THEN interval '12 hours' ELSE interval '90 days' END
    """,
    "app_definer",
)
# Why a membership is there and does not open yet: the second factor is to be typed ('factor') or set up ('enrol'); the
# company lets its people in through its own provider only ('sso').
STAFF_WANTS = """CASE WHEN st.id IS NULL OR s.factor_at IS NOT NULL
                        OR EXISTS (SELECT 1 FROM g WHERE g.mfa AND g.firm_id = st.firm_id AND g.workspace_id IS NULL) THEN NULL
                      WHEN s.has_factor THEN 'factor' WHEN p.needs_second_factor THEN 'enrol' END"""
GUARDED_BY = """(SELECT k.id FROM public.sso_connection k WHERE k.firm_id = w.firm_id AND k.workspace_id = w.id
                   AND k.state = 'active' AND k.enforced ORDER BY k.id LIMIT 1)"""
CAME_THROUGH = """EXISTS (SELECT 1 FROM g JOIN public.sso_connection k ON k.id = g.connection_id
                           WHERE k.firm_id = w.firm_id AND k.workspace_id = w.id AND k.enforced)"""
OPENS_WORKSPACE = "(g.firm_id IS NULL OR (g.firm_id = m.firm_id AND g.workspace_id = m.workspace_id))"
WHO_IS = definer(
    "who_is(p_token text, p_firm text, p_workspace text)",
    """TABLE(sign_in_id uuid, account_id uuid, fresh_at timestamptz, factor_at timestamptz, is_whole boolean, has_factor boolean,
    is_stale boolean, firm_id uuid, firm_name text, is_demo boolean, workspace_id uuid, workspace_name text, colour text,
    workspace_language text, workspace_state text, workspace_logo text, firm_logo text, staff_id uuid, staff_roles text[],
    staff_clients uuid[], member_id uuid, member_roles text[], hr_sites text[], hr_departments text[], name text, email text,
    language text, wants text, connection_id uuid, clients_count bigint, pins jsonb)""",
    f"""
    WITH s AS MATERIALIZED (SELECT * FROM public.live_sign_in(p_token)),
    g AS MATERIALIZED (SELECT g.* FROM public.sign_in_grant g JOIN s ON g.sign_in_id = s.id WHERE {WORTH}),
    who AS MATERIALIZED (
      SELECT s.id AS sign_in_id, s.account_id, s.fresh_at, s.factor_at, coalesce(s.is_whole, false) AS is_whole,
             coalesce(s.has_factor, false) AS has_factor, s.seen_at < now() - interval '1 minute' AS is_stale,
             f.id AS firm_id, f.name AS firm_name, f.is_demo, w.id AS workspace_id, w.name AS workspace_name, w.colour,
             w.language AS workspace_language, w.state AS workspace_state, w.logo AS workspace_logo, p.logo AS firm_logo,
             st.id AS staff_id, st.roles AS staff_roles, st.limited, {STAFF_WANTS} AS staff_wants,
             m.id AS member_id, m.roles AS member_roles, m.hr_sites, m.hr_departments,
             CASE WHEN m.id IS NOT NULL AND NOT {CAME_THROUGH} THEN {GUARDED_BY} END AS connection_id,
             coalesce(c.name, nullif(trim(m.first_name || ' ' || m.last_name), ''),
               (SELECT a.email_norm FROM public.account_address a WHERE a.account_id = s.account_id ORDER BY 1 LIMIT 1)) AS name,
             coalesce(st.email, m.email) AS email, coalesce(m.language, st.language, w.language) AS language
        FROM (SELECT 1) one
        LEFT JOIN s ON true
        LEFT JOIN public.firm f ON f.slug = p_firm AND f.state = 'active'
        LEFT JOIN public.firm_profile p ON p.firm_id = f.id AND p.id = f.id
        LEFT JOIN public.workspace w ON w.firm_id = f.id AND w.slug = p_workspace AND w.state IN ('active', 'archived')
        LEFT JOIN public.staff st ON st.firm_id = f.id AND st.account_id = s.account_id AND st.left_at IS NULL
          AND (w.id IS NULL OR NOT st.limited OR EXISTS (SELECT 1 FROM public.staff_client sc
                 WHERE sc.firm_id = st.firm_id AND sc.staff_id = st.id AND sc.workspace_id = w.id))
          AND EXISTS (SELECT 1 FROM g WHERE {OPENS_FIRM})
        LEFT JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
        LEFT JOIN public.member m ON m.firm_id = f.id AND m.workspace_id = w.id AND m.account_id = s.account_id
          AND m.left_at IS NULL AND w.state = 'active'
          AND EXISTS (SELECT 1 FROM g WHERE {OPENS_WORKSPACE})),
    me AS (SELECT * FROM who WHERE staff_id IS NOT NULL AND staff_wants IS NULL),
    mine AS (
      SELECT w.firm_id, w.id, w.name, w.slug, w.name_folded
        FROM me JOIN public.workspace w ON w.firm_id = me.firm_id AND w.state = 'active'
       WHERE NOT me.limited OR EXISTS (SELECT 1 FROM public.staff_client sc
               WHERE sc.firm_id = me.firm_id AND sc.staff_id = me.staff_id AND sc.workspace_id = w.id))
    SELECT who.sign_in_id, who.account_id, who.fresh_at, who.factor_at, who.is_whole, who.has_factor,
           coalesce(who.is_stale, false), who.firm_id, who.firm_name, who.is_demo, who.workspace_id, who.workspace_name,
           who.colour, who.workspace_language, who.workspace_state, who.workspace_logo, who.firm_logo,
           me.staff_id, me.staff_roles,
           CASE WHEN me.limited THEN ARRAY(SELECT sc.workspace_id FROM public.staff_client sc
                                            WHERE sc.firm_id = me.firm_id AND sc.staff_id = me.staff_id) END,
           CASE WHEN who.connection_id IS NULL THEN who.member_id END,
           CASE WHEN who.connection_id IS NULL THEN who.member_roles END,
           CASE WHEN who.connection_id IS NULL THEN who.hr_sites END,
           CASE WHEN who.connection_id IS NULL THEN who.hr_departments END,
           who.name, who.email, who.language,
           coalesce(who.staff_wants, CASE WHEN who.connection_id IS NOT NULL THEN 'sso' END), who.connection_id,
           (SELECT count(*) FROM mine),
           coalesce((SELECT jsonb_agg(jsonb_build_array(mine.id, mine.name, mine.slug) ORDER BY mine.name_folded)
                       FROM public.staff_pin i JOIN mine ON mine.firm_id = i.firm_id AND mine.id = i.workspace_id
                      WHERE i.firm_id = me.firm_id AND i.staff_id = me.staff_id), '[]'::jsonb)
      FROM who LEFT JOIN me ON true
    """,
    "app_login",
)
MEMBERSHIPS = definer(
    "memberships_of(p_sign_in uuid)",
    """TABLE(firm_slug text, firm_name text, workspace_slug text, workspace_name text, colour text, roles text[],
    name text, email text, language text, wants text)""",
    f"""
    WITH s AS MATERIALIZED (
      SELECT s.id, s.account_id, s.factor_at,
             EXISTS (SELECT 1 FROM public.second_factor x WHERE x.account_id = s.account_id AND x.confirmed_at IS NOT NULL)
               AS has_factor
        FROM public.sign_in s WHERE s.id = p_sign_in AND s.revoked_at IS NULL AND s.expires_at > now()),
    g AS MATERIALIZED (SELECT g.* FROM public.sign_in_grant g JOIN s ON g.sign_in_id = s.id WHERE {WORTH})
    SELECT f.slug, f.name, NULL, NULL, NULL, st.roles, c.name, st.email, st.language, {STAFF_WANTS}
      FROM s JOIN public.staff st ON st.account_id = s.account_id AND st.left_at IS NULL
      JOIN public.firm f ON f.id = st.firm_id AND f.state = 'active'
      JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
      LEFT JOIN public.firm_profile p ON p.firm_id = f.id AND p.id = f.id
     WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_FIRM})
    UNION ALL
    SELECT f.slug, f.name, w.slug, w.name, w.colour, m.roles, m.first_name || ' ' || m.last_name, m.email, m.language,
           CASE WHEN NOT {CAME_THROUGH} AND {GUARDED_BY} IS NOT NULL THEN 'sso' END
      FROM s JOIN public.member m ON m.account_id = s.account_id AND m.left_at IS NULL
      JOIN public.firm f ON f.id = m.firm_id AND f.state = 'active'
      JOIN public.workspace w ON w.firm_id = m.firm_id AND w.id = m.workspace_id AND w.state = 'active'
     WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_WORKSPACE})
     ORDER BY 2, 4
    """,
    "ctx_platform",
)
# The account of a proved address: the one that has it; else that of a person of this address whose account has none yet,
# because their company's provider brought them first; else a new one.
PROVE = definer(
    "prove_address(p_email text, p_new_account uuid)",
    "uuid",
    """
    WITH known AS (SELECT account_id FROM public.account_address WHERE email_norm = p_email),
    adopted AS (
      SELECT m.account_id FROM public.member m
       WHERE m.email_norm = p_email AND m.left_at IS NULL AND m.account_id IS NOT NULL AND NOT EXISTS (SELECT FROM known)
         AND NOT EXISTS (SELECT FROM public.account_address a WHERE a.account_id = m.account_id)
       ORDER BY m.id LIMIT 1),
    wanted AS (SELECT 1 WHERE EXISTS (SELECT FROM public.member WHERE email_norm = p_email AND left_at IS NULL)
                           OR EXISTS (SELECT FROM public.staff WHERE email_norm = p_email AND left_at IS NULL)),
    born AS (INSERT INTO public.account (id) SELECT p_new_account FROM wanted
              WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM adopted) RETURNING id),
    proved AS (INSERT INTO public.account_address (email_norm, account_id)
               SELECT p_email, id FROM born UNION ALL SELECT p_email, account_id FROM adopted RETURNING account_id),
    who AS (SELECT account_id FROM known UNION ALL SELECT account_id FROM proved),
    members AS (UPDATE public.member SET account_id = (SELECT account_id FROM who)
                 WHERE email_norm = p_email AND account_id IS NULL AND left_at IS NULL AND EXISTS (SELECT FROM who)),
    staff_rows AS (UPDATE public.staff SET account_id = (SELECT account_id FROM who)
                 WHERE email_norm = p_email AND account_id IS NULL AND left_at IS NULL AND EXISTS (SELECT FROM who))
    SELECT account_id FROM who
    """,
    "ctx_platform",
    "VOLATILE",
)
# Bound to the roles it was sent for: whoever has been given more since is invited anew.
STILL_FITS = """coalesce((SELECT i.roles @> m.roles FROM public.member m WHERE m.firm_id = i.firm_id
                   AND m.workspace_id = i.workspace_id AND m.id = i.member_id),
                 (SELECT i.roles @> t.roles FROM public.staff t WHERE t.firm_id = i.firm_id AND t.id = i.staff_id), false)"""
OF_WORKSPACE = GUARDED_BY.replace("w.firm_id", "i.firm_id").replace("w.id", "i.workspace_id")
INVITATIONS = [
    *definer(
        "invitation_card(p_hash text)",
        """TABLE(firm_slug text, firm_name text, workspace_slug text, workspace_name text, colour text, invited_by text,
        email text, state text, connection_id uuid, account_id uuid)""",
        f"""
        SELECT f.slug, f.name, w.slug, w.name, w.colour, i.invited_by, i.email_norm,
               CASE WHEN i.revoked_at IS NOT NULL THEN 'revoked' WHEN i.used_at IS NOT NULL THEN 'used'
                    WHEN i.expires_at <= now() THEN 'expired' WHEN NOT {STILL_FITS} THEN 'changed' ELSE 'open' END,
               {OF_WORKSPACE}, (SELECT a.account_id FROM public.account_address a WHERE a.email_norm = i.email_norm)
          FROM public.invitation i JOIN public.firm f ON f.id = i.firm_id AND f.state = 'active'
          LEFT JOIN public.workspace w ON w.firm_id = i.firm_id AND w.id = i.workspace_id
         WHERE i.token_hash = p_hash
        """,
        "ctx_platform",
    ),
    *definer(
        "redeem_invitation(p_hash text)",
        "text",
        f"""
        UPDATE public.invitation i SET used_at = now()
         WHERE i.token_hash = p_hash AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
           AND EXISTS (SELECT FROM public.firm f WHERE f.id = i.firm_id AND f.state = 'active')
           AND {STILL_FITS} AND {OF_WORKSPACE} IS NULL
        RETURNING i.email_norm
        """,
        "ctx_platform",
        "VOLATILE",
    ),
]
OTHERS = [
    *definer(
        "touch_sign_in(p_token text)",
        "boolean",
        """
        UPDATE public.sign_in s SET seen_at = now()
         WHERE s.token_hash = p_token AND s.seen_at < now() - interval '1 minute'
           AND EXISTS (SELECT FROM public.live_sign_in(p_token)) RETURNING true
        """,
        "app_login",
        "VOLATILE",
    ),
    # Written where it concerns others: a firm reads of its staff, a client of its HR, nobody of a manager's sign-ins.
    *definer(
        "note_sign_in(p_sign_in uuid, p_action text)",
        "bigint",
        f"""
        WITH s AS (SELECT s.id, s.account_id FROM public.sign_in s WHERE s.id = p_sign_in),
        g AS (SELECT g.* FROM public.sign_in_grant g JOIN s ON g.sign_in_id = s.id),
        way AS (SELECT coalesce((SELECT g.method FROM g ORDER BY g.at DESC LIMIT 1), '') AS method),
        noted AS (
          INSERT INTO public.journal (id, firm_id, workspace_id, actor_id, actor, action, subject_id, facts)
          SELECT gen_random_uuid(), st.firm_id, NULL, s.account_id, c.name, p_action, st.id, jsonb_build_object('method', way.method)
            FROM way, s JOIN public.staff st ON st.account_id = s.account_id AND st.left_at IS NULL
            JOIN public.firm f ON f.id = st.firm_id AND f.state = 'active'
            JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
           WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_FIRM})
          UNION ALL
          SELECT gen_random_uuid(), m.firm_id, m.workspace_id, s.account_id, m.first_name || ' ' || m.last_name, p_action, m.id,
                 jsonb_build_object('method', way.method)
            FROM way, s JOIN public.member m ON m.account_id = s.account_id AND m.left_at IS NULL AND 'hr' = ANY (m.roles)
            JOIN public.firm f ON f.id = m.firm_id AND f.state = 'active'
           WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_WORKSPACE})
          RETURNING 1)
        SELECT count(*) FROM noted
        """,
        "ctx_platform",
        "VOLATILE",
    ),
]
# A need is said and read by whoever holds a sign-in that opens the seat's own space.
MY_SEAT = """
      SELECT e.firm_id, e.workspace_id, e.id
        FROM public.enrolment e
        JOIN public.member m ON m.firm_id = e.firm_id AND m.workspace_id = e.workspace_id AND m.id = e.member_id
        JOIN public.live_sign_in(p_token) s ON s.account_id = m.account_id
       WHERE e.firm_id = public.app_firm() AND e.workspace_id = public.app_workspace() AND e.id = p_enrolment
         AND e.state IN ('requested', 'waiting', 'offered', 'seated') AND m.left_at IS NULL
         AND EXISTS (SELECT 1 FROM public.sign_in_grant g WHERE g.sign_in_id = s.id
                      AND (g.firm_id IS NULL OR (g.firm_id = m.firm_id AND g.workspace_id = m.workspace_id)))"""
FORMER_SEAT = """
      SELECT e.firm_id, e.workspace_id, e.id
        FROM public.enrolment e
        JOIN public.member m ON m.firm_id = e.firm_id AND m.workspace_id = e.workspace_id AND m.id = e.member_id
        JOIN public.sign_in s ON s.account_id = m.account_id
       WHERE e.firm_id = public.app_firm() AND e.workspace_id = public.app_workspace() AND e.id = p_enrolment
         AND e.state IN ('requested', 'waiting', 'offered', 'seated') AND m.left_at IS NULL
         AND s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()"""
NEEDS = ("my_need(uuid, text)", "say_need(uuid, uuid, text, jsonb, text, jsonb, text)", "forget_need(uuid, text)")


def _needs(mine: str) -> list[str]:
    """The three functions of 0017, for whom `mine` calls the seat's person."""
    return [
        *drop_definer(*NEEDS),
        *definer(
            "my_need(p_enrolment uuid, p_token text)",
            "TABLE(diet jsonb, diet_words text, access jsonb, access_words text)",
            f"""SELECT n.diet, n.diet_words, n.access, n.access_words FROM public.seat_need n JOIN ({mine}) mine
            ON mine.firm_id = n.firm_id AND mine.workspace_id = n.workspace_id AND mine.id = n.enrolment_id""",
            "ctx_workspace",
        ),
        *definer(
            "say_need(p_id uuid, p_enrolment uuid, p_token text, p_diet jsonb, p_diet_words text, p_access jsonb, p_access_words text)",
            "boolean",
            f"""INSERT INTO public.seat_need (firm_id, workspace_id, id, enrolment_id, diet, diet_words, access, access_words)
            SELECT mine.firm_id, mine.workspace_id, p_id, mine.id, p_diet, p_diet_words, p_access, p_access_words FROM ({mine}) mine
            ON CONFLICT (firm_id, workspace_id, enrolment_id) DO UPDATE SET diet = excluded.diet, diet_words = excluded.diet_words,
              access = excluded.access, access_words = excluded.access_words, said_at = now() RETURNING true""",
            "ctx_workspace",
            "VOLATILE",
        ),
        *definer(
            "forget_need(p_enrolment uuid, p_token text)",
            "boolean",
            f"""DELETE FROM public.seat_need n USING ({mine}) mine WHERE n.firm_id = mine.firm_id
            AND n.workspace_id = mine.workspace_id AND n.enrolment_id = mine.id RETURNING true""",
            "ctx_workspace",
            "VOLATILE",
        ),
    ]


DROPPED = (
    "who_is(text, text, text)", "memberships_of(uuid)", "prove_address(text, uuid)", "invitation_card(text)",
    "redeem_invitation(text)",
)  # fmt: skip


def upgrade() -> None:
    _tables()
    _columns()
    op.execute("""UPDATE invitation i SET roles = coalesce(
        (SELECT m.roles FROM member m WHERE m.firm_id = i.firm_id AND m.workspace_id = i.workspace_id AND m.id = i.member_id),
        (SELECT t.roles FROM staff t WHERE t.firm_id = i.firm_id AND t.id = i.staff_id), '{}')""")
    for statement in (*POLICIES, *drop_definer(*DROPPED, "staff_rail(text, text)"), *LIVE, *WHO_IS, *MEMBERSHIPS, *PROVE,
                      *INVITATIONS, *OTHERS, *_needs(MY_SEAT)):  # fmt: skip
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "sso_connection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), server_default="", nullable=False),
        sa.Column("client_id", sa.Text(), server_default="", nullable=False),
        sa.Column("secret", sa.Text(), server_default="", nullable=False, comment="sealed: saas.kit.sealed"),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("enforced", sa.Boolean(), server_default="false", nullable=False, comment="the only way into the workspace"),
        sa.Column("role_claim", sa.Text(), server_default="", nullable=False),
        sa.Column("role_map", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("discovery", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'active', 'off')", name=op.f("ck_sso_connection_state")),
        sa.CheckConstraint("NOT enforced OR workspace_id IS NOT NULL", name=op.f("ck_sso_connection_enforced")),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id"], ["workspace.firm_id", "workspace.id"],
                                name=op.f("fk_sso_connection_firm_id_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_connection")),
    )  # fmt: skip
    op.create_index(op.f("ix_sso_connection_firm_id_workspace_id"), "sso_connection", ["firm_id", "workspace_id"], unique=False)
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False, comment="sealed: saas.kit.sealed"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False, comment="of RFC 6238; each is used once"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)


SIGN_IN = (
    sa.Column("fresh_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False,
              comment="when the person last proved that it is them"),
    sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True, comment="when the second factor was given"),
    sa.Column("browser_hash", sa.Text(), server_default="", nullable=False, comment="of the browser's own long-lived cookie"),
    sa.Column("network", sa.Text(), server_default="", nullable=False, comment="address it was opened from"),
)  # fmt: skip
GRANT = (
    sa.Column("connection_id", sa.Uuid(), nullable=True),
    sa.Column("mfa", sa.Boolean(), server_default="false", nullable=False, comment="the provider vouched for a second factor"),
    sa.Column("subject", sa.Text(), server_default="", nullable=False, comment="the provider's name of the person"),
    sa.Column("sid", sa.Text(), server_default="", nullable=False, comment="the provider's name of its own session"),
)
CODE = (
    sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
    sa.Column("purpose", sa.Text(), server_default="enter", nullable=False),
)


def _columns() -> None:
    for table, columns in (("sign_in", SIGN_IN), ("sign_in_grant", GRANT), ("sign_in_code", CODE)):
        for column in columns:
            op.add_column(table, column)
    op.create_check_constraint("purpose", "sign_in_code", "purpose IN ('enter', 'again')")
    op.create_foreign_key(op.f("fk_sign_in_grant_connection_id"), "sign_in_grant", "sso_connection", ["connection_id"], ["id"],
                          ondelete="CASCADE")  # fmt: skip
    op.create_index(op.f("ix_sign_in_grant_connection_id"), "sign_in_grant", ["connection_id"], unique=False)
    op.drop_constraint("ck_sign_in_grant_method", "sign_in_grant")
    op.create_check_constraint("method", "sign_in_grant", "method IN ('email', 'password', 'demo', 'invitation', 'oidc')")
    op.add_column("firm_profile", sa.Column("needs_second_factor", sa.Boolean(), server_default="false", nullable=False,
                                            comment="of all its staff"))  # fmt: skip
    op.add_column("invitation", sa.Column("roles", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False,
                                          comment="that it was sent for"))  # fmt: skip


def _former(revision: str) -> Any:
    """An earlier migration, whose functions come back."""
    return context.script.get_revision(revision).module


def downgrade() -> None:
    accounts = [s for s in _former("0002").FUNCTIONS if "prove_address" in s or "memberships_of" in s]
    for statement in (
        *drop_definer(*DROPPED[:3], "touch_sign_in(text)", "note_sign_in(uuid, text)"),
        *_needs(FORMER_SEAT),
        *drop_definer("live_sign_in(text)"),
        *_former("0009").WHO_IS,
        *_former("0011").RAIL,
        *accounts,
        *_former("0010").opened(),
        "DROP POLICY definer ON journal", "REVOKE INSERT ON journal FROM app_definer",
        "DROP POLICY definer_seen ON sign_in", "REVOKE UPDATE ON sign_in FROM app_definer",
        "DELETE FROM sign_in_grant WHERE method IN ('invitation', 'oidc')",
    ):  # fmt: skip
        op.execute(statement)
    op.drop_column("invitation", "roles")
    op.drop_column("firm_profile", "needs_second_factor")
    op.drop_constraint("ck_sign_in_grant_method", "sign_in_grant")
    op.create_check_constraint("method", "sign_in_grant", "method IN ('email', 'password', 'demo')")
    for table, columns in (("sign_in", SIGN_IN), ("sign_in_grant", GRANT), ("sign_in_code", CODE)):
        for column in columns:
            op.drop_column(table, column.name)
    op.execute("DROP TABLE recovery_code, second_factor, sso_connection")

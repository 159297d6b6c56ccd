"""Zones of three kinds, dated mandates, a history that newcomers of a closed zone do not read, notices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from tenants.policies import Right, definer, drop_definer, protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MINE = "firm_id = app_firm() AND workspace_id = app_workspace()"
ACTIVE = f"{MINE} AND zone_id = ANY ((SELECT my_zones())::uuid[])"
# What was said before somebody came into a zone with a closed history is not theirs to read.
SINCE = "created_at >= coalesce(((SELECT my_histories()) ->> zone_id::text)::timestamptz, '-infinity')"
OWN = f"{ACTIVE} AND account_id = app_account()"
HERE = "firm_id = public.app_firm() AND workspace_id = public.app_workspace()"


def _here(alias: str) -> str:
    return f"{alias}.firm_id = public.app_firm() AND {alias}.workspace_id = public.app_workspace()"


LEADS = f"""EXISTS (SELECT 1 FROM public.zone_member me WHERE {_here("me")} AND me.zone_id = p_zone
              AND me.account_id = public.app_account() AND me.left_at IS NULL AND me.role IN ('pilot', 'deputy'))"""
IN_ZONE = f"""EXISTS (SELECT 1 FROM public.zone_member me WHERE {_here("me")} AND me.zone_id = p_zone
                AND me.account_id = public.app_account() AND me.left_at IS NULL)"""
# A peer among peers: neither HR nor sponsor, nor anybody else of the company's management in the space.
# What the others read on somebody's card, and in the line that says who reads.
TAGS = "ARRAY(SELECT tag FROM unnest({}.roles) tag WHERE tag IN ('hr', 'sponsor') ORDER BY tag)"
PEER = "'participant' = ANY (m.roles) AND NOT m.roles && ARRAY['hr', 'sponsor']"

POLICIES = [
    *protect("zone_mandate", community=Right("s", ACTIVE), definer="siu"),
    *protect("notice", community=Right("su", OWN), definer="siud"),
    *(f"ALTER POLICY reads ON {table} USING ({ACTIVE} AND {SINCE})" for table in ("thread", "post")),
]
HISTORIES = definer(
    "my_histories()",
    "jsonb",
    f"""
    SELECT coalesce(jsonb_object_agg(zm.zone_id, zm.joined_at), '{{}}'::jsonb)
      FROM public.zone_member zm JOIN public.zone z ON z.firm_id = zm.firm_id AND z.workspace_id = zm.workspace_id
       AND z.id = zm.zone_id AND z.history_closed
     WHERE {_here("zm")} AND zm.account_id = public.app_account() AND zm.left_at IS NULL
    """,
    "ctx_community",
)
JOIN = definer(
    "join_zone(p_id uuid, p_zone uuid)",
    "boolean",
    f"""
    INSERT INTO public.zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, job_title, role, tags)
    SELECT m.firm_id, m.workspace_id, p_id, z.id, m.account_id, trim(m.first_name || ' ' || m.last_name), 'company',
           m.job_title, CASE WHEN m.roles && ARRAY['participant', 'sponsor'] THEN 'member' ELSE 'hr' END, {TAGS.format("m")}
      FROM public.member m JOIN public.zone z ON z.firm_id = m.firm_id AND z.workspace_id = m.workspace_id AND z.id = p_zone
     WHERE {_here("m")} AND m.account_id = public.app_account() AND m.left_at IS NULL AND z.closed_at IS NULL
       AND (z.kind = 'open' OR (z.kind = 'peer' AND {PEER}))
    ON CONFLICT (firm_id, workspace_id, zone_id, account_id) WHERE left_at IS NULL DO NOTHING
    RETURNING true
    """,
    "ctx_community",
    "VOLATILE",
)
OPEN = definer(
    "open_space(p_space uuid, p_zone uuid, p_purpose text, p_name text, p_pilot uuid, p_pilot_name text, p_side text)",
    "boolean",
    """
    WITH born AS (INSERT INTO public.space (firm_id, workspace_id, id, purpose, pilot_name)
                  SELECT public.app_firm(), public.app_workspace(), p_space, p_purpose, p_pilot_name
                   WHERE public.app_workspace() IS NOT NULL AND (
                         EXISTS (SELECT FROM public.staff WHERE firm_id = public.app_firm()
                                    AND account_id = p_pilot AND left_at IS NULL)
                      OR EXISTS (SELECT FROM public.member WHERE firm_id = public.app_firm()
                                    AND workspace_id = public.app_workspace() AND account_id = p_pilot AND left_at IS NULL))
                  ON CONFLICT (firm_id, workspace_id) DO NOTHING RETURNING id),
    place AS (INSERT INTO public.zone (firm_id, workspace_id, id, space_id, name)
              SELECT public.app_firm(), public.app_workspace(), p_zone, id, p_name FROM born RETURNING id),
    led AS (INSERT INTO public.zone_mandate (firm_id, workspace_id, id, zone_id, account_id, role, given_by_name)
            SELECT public.app_firm(), public.app_workspace(), p_space, id, p_pilot, 'pilot', '' FROM place)
    INSERT INTO public.zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, role)
    SELECT public.app_firm(), public.app_workspace(), p_zone, id, p_pilot, p_pilot_name, p_side, 'pilot' FROM place
    RETURNING true
    """,
    "ctx_workspace",
    "VOLATILE",
)
OPEN_SPACE = "open_space(uuid, uuid, text, text, uuid, text, text)"
FUNCTIONS = [
    *HISTORIES,
    *JOIN,
    *OPEN,
    # What is there to join, for whoever is not in yet: a name and a kind, never what is said.
    *definer(
        "zones_to_join()",
        "TABLE(id uuid, name text, kind text)",
        f"""
        SELECT z.id, z.name, z.kind FROM public.zone z
          JOIN public.member m ON m.firm_id = z.firm_id AND m.workspace_id = z.workspace_id
         WHERE {_here("m")} AND m.account_id = public.app_account() AND m.left_at IS NULL AND z.closed_at IS NULL
           AND (z.kind = 'open' OR (z.kind = 'peer' AND {PEER}))
           AND NOT EXISTS (SELECT 1 FROM public.zone_member zm WHERE zm.firm_id = z.firm_id AND zm.workspace_id = z.workspace_id
                            AND zm.zone_id = z.id AND zm.account_id = m.account_id AND zm.left_at IS NULL)
         ORDER BY z.kind, z.name
        """,
        "ctx_community",
    ),
    *definer(
        "leave_zone(p_zone uuid)",
        "boolean",
        f"""
        WITH ended AS (
          UPDATE public.zone_mandate SET until_at = now()
           WHERE {HERE} AND zone_id = p_zone AND account_id = public.app_account() AND until_at IS NULL)
        UPDATE public.zone_member SET left_at = now()
         WHERE {HERE} AND zone_id = p_zone AND account_id = public.app_account() AND left_at IS NULL RETURNING true
        """,
        "ctx_community",
        "VOLATILE",
    ),
    # A peer zone is opened by who leads the open one; whoever may joins it. A room has the people it was opened with: its
    # audience can shrink and never grow.
    *definer(
        "open_zone(p_zone uuid, p_from uuid, p_kind text, p_name text, p_accounts uuid[], p_ids uuid[])",
        "boolean",
        f"""
        WITH me AS (
          SELECT zm.* FROM public.zone_member zm JOIN public.zone z ON z.firm_id = zm.firm_id
            AND z.workspace_id = zm.workspace_id AND z.id = zm.zone_id AND z.kind = 'open'
           WHERE {_here("zm")} AND zm.zone_id = p_from AND zm.account_id = public.app_account() AND zm.left_at IS NULL
             AND p_kind IN ('peer', 'room') AND (p_kind = 'room' OR zm.role IN ('pilot', 'deputy'))
             AND (zm.side = 'firm' OR EXISTS (SELECT 1 FROM public.member m WHERE {_here("m")} AND m.account_id = zm.account_id
                   AND m.left_at IS NULL AND {PEER}))),
        born AS (
          INSERT INTO public.zone (firm_id, workspace_id, id, space_id, name, kind, history_closed, mail_text)
          SELECT z.firm_id, z.workspace_id, p_zone, z.space_id, p_name, p_kind, p_kind = 'peer', false
            FROM public.zone z, me WHERE {_here("z")} AND z.id = p_from RETURNING firm_id, workspace_id, id),
        others AS (
          SELECT zm.account_id, zm.name, zm.side, zm.job_title, row_number() OVER (ORDER BY zm.account_id) AS n
            FROM public.zone_member zm, me
           WHERE {_here("zm")} AND zm.zone_id = p_from AND zm.left_at IS NULL AND p_kind = 'room'
             AND zm.account_id = ANY (p_accounts) AND zm.account_id <> me.account_id AND zm.role <> 'hr'),
        joined AS (
          INSERT INTO public.zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, job_title, role)
          SELECT born.firm_id, born.workspace_id, p_ids[1], born.id, me.account_id, me.name, me.side, me.job_title, 'pilot'
            FROM born, me
          UNION ALL
          SELECT born.firm_id, born.workspace_id, p_ids[1 + o.n], born.id, o.account_id, o.name, o.side, o.job_title, 'member'
            FROM born, others o
          RETURNING 1)
        SELECT EXISTS (SELECT 1 FROM joined)
        """,
        "ctx_community",
        "VOLATILE",
    ),
    # Mandates are given by who leads the zone, to somebody who is in it: nobody comes to read by being appointed.
    *definer(
        "appoint(p_zone uuid, p_account uuid, p_role text, p_id uuid, p_by text)",
        "boolean",
        f"""
        WITH whom AS (
          SELECT zm.id, zm.account_id FROM public.zone_member zm
           WHERE {_here("zm")} AND zm.zone_id = p_zone AND zm.account_id = p_account AND zm.left_at IS NULL AND zm.role <> 'hr'
             AND p_role IN ('pilot', 'deputy', 'ambassador', 'member') AND {LEADS}
             AND (zm.role NOT IN ('pilot', 'deputy') OR p_role IN ('pilot', 'deputy') OR EXISTS (
                   SELECT 1 FROM public.zone_member o WHERE {_here("o")} AND o.zone_id = p_zone AND o.left_at IS NULL
                      AND o.account_id <> p_account AND o.role = 'pilot'))
             FOR UPDATE),
        ended AS (
          UPDATE public.zone_mandate d SET until_at = now() FROM whom
           WHERE {_here("d")} AND d.zone_id = p_zone AND d.account_id = whom.account_id AND d.until_at IS NULL),
        given AS (
          INSERT INTO public.zone_mandate (firm_id, workspace_id, id, zone_id, account_id, role, given_by, given_by_name)
          SELECT public.app_firm(), public.app_workspace(), p_id, p_zone, whom.account_id, p_role, public.app_account(), p_by
            FROM whom WHERE p_role <> 'member')
        UPDATE public.zone_member zm SET role = p_role FROM whom WHERE {_here("zm")} AND zm.id = whom.id RETURNING true
        """,
        "ctx_community",
        "VOLATILE",
    ),
    # When nobody leads the open zone any more, the firm or the client's HR names somebody who is in it already.
    *definer(
        "name_pilot(p_account uuid, p_id uuid, p_by text)",
        "text",
        f"""
        WITH whom AS (
          SELECT zm.id, zm.zone_id, zm.account_id, zm.name FROM public.zone_member zm JOIN public.zone z
              ON z.firm_id = zm.firm_id AND z.workspace_id = zm.workspace_id AND z.id = zm.zone_id AND z.kind = 'open'
           WHERE {_here("zm")} AND zm.account_id = p_account AND zm.left_at IS NULL AND zm.role <> 'hr'
             AND NOT EXISTS (SELECT 1 FROM public.zone_member o WHERE {_here("o")} AND o.zone_id = zm.zone_id
                              AND o.left_at IS NULL AND o.role IN ('pilot', 'deputy'))),
        given AS (
          INSERT INTO public.zone_mandate (firm_id, workspace_id, id, zone_id, account_id, role, given_by, given_by_name)
          SELECT public.app_firm(), public.app_workspace(), p_id, whom.zone_id, whom.account_id, 'pilot', NULL, p_by FROM whom),
        shown AS (UPDATE public.space s SET pilot_name = whom.name FROM whom WHERE {_here("s")}),
        named AS (UPDATE public.zone_member zm SET role = 'pilot' FROM whom WHERE {_here("zm")} AND zm.id = whom.id RETURNING zm.name)
        SELECT name FROM named
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "remove_from_zone(p_zone uuid, p_account uuid)",
        "boolean",
        f"""
        WITH ended AS (
          UPDATE public.zone_mandate SET until_at = now()
           WHERE {HERE} AND zone_id = p_zone AND account_id = p_account AND until_at IS NULL AND {LEADS})
        UPDATE public.zone_member zm SET left_at = now()
         WHERE {_here("zm")} AND zm.zone_id = p_zone AND zm.account_id = p_account AND zm.left_at IS NULL
           AND zm.account_id <> public.app_account() AND {LEADS} RETURNING true
        """,
        "ctx_community",
        "VOLATILE",
    ),
    # One row a person and object, whatever reasons there are; only to who is in the zone, never to who acts.
    *definer(
        "notify(p_zone uuid, p_accounts uuid[], p_reason text, p_kind text, p_object uuid, p_ids uuid[])",
        "bigint",
        f"""
        WITH told AS (
          INSERT INTO public.notice (firm_id, workspace_id, id, zone_id, account_id, kind, object_id, reason)
          SELECT public.app_firm(), public.app_workspace(), p_ids[w.n], p_zone, w.account_id, p_kind, p_object, p_reason
            FROM unnest(p_accounts) WITH ORDINALITY w(account_id, n)
           WHERE {IN_ZONE} AND w.account_id <> public.app_account()
             AND EXISTS (SELECT 1 FROM public.zone_member zm WHERE {_here("zm")} AND zm.zone_id = p_zone
                          AND zm.account_id = w.account_id AND zm.left_at IS NULL)
           ORDER BY w.account_id
          ON CONFLICT (firm_id, workspace_id, account_id, kind, object_id) DO UPDATE
            SET number = CASE WHEN notice.read_at IS NULL THEN notice.number + 1 ELSE 1 END,
                reason = CASE WHEN notice.read_at IS NULL AND notice.reason IN ('mention', 'reply') THEN notice.reason
                              ELSE excluded.reason END,
                last_at = now(), read_at = NULL
          RETURNING 1)
        SELECT count(*) FROM told
        """,
        "ctx_community",
        "VOLATILE",
    ),
    # Whoever becomes HR or sponsor is no peer any more, and is shown as what they are: in the statement that says so.
    f"""CREATE FUNCTION follow_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
         SET search_path = pg_catalog, public, pg_temp AS $fn$
       BEGIN
         UPDATE public.zone_member zm SET tags = {TAGS.format("NEW")}
          WHERE zm.firm_id = NEW.firm_id AND zm.workspace_id = NEW.workspace_id AND zm.account_id = OLD.account_id
            AND zm.left_at IS NULL AND zm.side = 'company';
         IF NEW.roles && ARRAY['hr', 'sponsor'] THEN
         UPDATE public.zone_member zm SET left_at = now() FROM public.zone z
          WHERE zm.firm_id = NEW.firm_id AND zm.workspace_id = NEW.workspace_id AND zm.account_id = OLD.account_id
            AND zm.left_at IS NULL AND zm.side = 'company' AND z.firm_id = zm.firm_id AND z.workspace_id = zm.workspace_id
            AND z.id = zm.zone_id AND z.kind IN ('peer', 'room');
         END IF;
         RETURN NULL;
       END $fn$""",
    "REVOKE ALL ON FUNCTION follow_roles() FROM PUBLIC",
    "ALTER FUNCTION follow_roles() OWNER TO app_definer",
    """CREATE TRIGGER follow_roles AFTER UPDATE OF roles ON member FOR EACH ROW
       WHEN (OLD.account_id IS NOT NULL AND OLD.roles IS DISTINCT FROM NEW.roles) EXECUTE FUNCTION follow_roles()""",
]
DROPPED = (
    "my_histories()", "join_zone(uuid, uuid)", "zones_to_join()", "leave_zone(uuid)",
    "open_zone(uuid, uuid, text, text, uuid[], uuid[])", "appoint(uuid, uuid, text, uuid, text)", "name_pilot(uuid, uuid, text)",
    "remove_from_zone(uuid, uuid)", "notify(uuid, uuid[], text, text, uuid, uuid[])", "follow_roles()",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("zone", sa.Column("history_closed", sa.Boolean(), server_default="false", nullable=False,
                                    comment="newcomers read what is said from then on"))  # fmt: skip
    op.add_column("zone", sa.Column("mail_text", sa.Boolean(), server_default="true", nullable=False,
                                    comment="mails may carry what is said"))  # fmt: skip
    op.add_column("zone", sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False))
    op.add_column("zone", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("ck_zone_kind", "zone")
    op.create_check_constraint("kind", "zone", "kind IN ('open', 'peer', 'room')")
    op.create_table(
        "zone_mandate",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True, comment="account; empty: the firm or HR, outside the zone"),
        sa.Column("given_by_name", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('pilot', 'deputy', 'ambassador')", name=op.f("ck_zone_mandate_role")),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id", "zone_id"], ["zone.firm_id", "zone.workspace_id", "zone.id"],
                                name=op.f("fk_zone_mandate_firm_id_workspace_id_zone_id")),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_zone_mandate")),
    )  # fmt: skip
    op.create_index(op.f("ix_zone_mandate_firm_id_workspace_id_zone_id"), "zone_mandate", ["firm_id", "workspace_id", "zone_id"])
    op.create_table(
        "notice",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="1", nullable=False, comment="of events since it was last read"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('thread', 'occurrence', 'zone')", name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["firm_id", "workspace_id", "zone_id"], ["zone.firm_id", "zone.workspace_id", "zone.id"],
                                name=op.f("fk_notice_firm_id_workspace_id_zone_id")),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_notice")),
        sa.UniqueConstraint("firm_id", "workspace_id", "account_id", "kind", "object_id",
                            name=op.f("uq_notice_firm_id_workspace_id_account_id_kind_object_id")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_notice_firm_id_workspace_id_account_id_last_at"), "notice", ["firm_id", "workspace_id", "account_id", "last_at"]
    )
    op.add_column("zone_member", sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False,
                                           comment="of hr, sponsor: shown to the others"))  # fmt: skip
    op.execute("""UPDATE zone_member zm SET tags = ARRAY(SELECT tag FROM member m, unnest(m.roles) tag
       WHERE m.firm_id = zm.firm_id AND m.workspace_id = zm.workspace_id AND m.account_id = zm.account_id
         AND tag IN ('hr', 'sponsor') ORDER BY tag) WHERE side = 'company'""")
    _definers_may()
    for statement in (
        *drop_definer("join_zone(uuid)", OPEN_SPACE),
        *HISTORIES,
        *POLICIES,
        *[s for s in FUNCTIONS if s not in HISTORIES],
    ):
        op.execute(statement)


def _definers_may() -> None:
    """What the new functions write behind the policies."""
    op.execute("GRANT UPDATE ON space TO app_definer")
    op.execute("CREATE POLICY definer_names ON space FOR UPDATE TO app_definer USING (true) WITH CHECK (true)")


def _former(revision: str) -> Any:
    return context.script.get_revision(revision).module


def _former_functions() -> list[str]:
    return [s for s in _former("0007").FUNCTIONS if "join_zone" in s or "open_space" in s]


def downgrade() -> None:
    op.execute("DROP TRIGGER follow_roles ON member")
    op.execute("DROP TABLE notice, zone_mandate")
    for table in ("thread", "post"):
        op.execute(f"ALTER POLICY reads ON {table} USING ({ACTIVE})")
    for statement in (*drop_definer(*DROPPED, OPEN_SPACE), *_former_functions()):
        op.execute(statement)
    op.execute("DROP POLICY definer_names ON space")
    op.execute("REVOKE UPDATE ON space FROM app_definer")
    op.execute("UPDATE zone SET kind = 'peer' WHERE kind = 'room'")  # still closed to all but its own people
    op.drop_constraint("ck_zone_kind", "zone")
    op.create_check_constraint("kind", "zone", "kind IN ('open', 'peer')")
    op.drop_column("zone_member", "tags")
    for name in ("history_closed", "mail_text", "opened_at", "closed_at"):
        op.drop_column("zone", name)

"""Community spaces: zones whose members alone read and write them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import Right, definer, drop_definer, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ACTIVE = "firm_id = app_firm() AND workspace_id = app_workspace() AND zone_id = ANY ((SELECT my_zones())::uuid[])"
OWN = f"{ACTIVE} AND author_id = app_account()"


def content(table: str, *, changed_by_all: bool) -> list[str]:
    """Content of a zone: its active members read it, each writes in their own name; counts and marks change."""
    changed = ACTIVE if changed_by_all else OWN
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"GRANT SELECT, INSERT, UPDATE ON {table} TO ctx_community",
        f"CREATE POLICY reads ON {table} FOR SELECT TO ctx_community USING ({ACTIVE})",
        f"CREATE POLICY writes ON {table} FOR INSERT TO ctx_community WITH CHECK ({OWN})",
        f"CREATE POLICY changes ON {table} FOR UPDATE TO ctx_community USING ({changed}) WITH CHECK ({changed})",
    ]


BEFORE = [
    *definer(
        "my_zones()",
        "uuid[]",
        """
        SELECT coalesce(array_agg(zone_id), '{}') FROM public.zone_member
         WHERE firm_id = public.app_firm() AND workspace_id = public.app_workspace()
           AND account_id = public.app_account() AND left_at IS NULL
        """,
        "ctx_community",
    ),
]
POLICIES = [
    *BEFORE,
    *protect("zone_member", community=Right("s", ACTIVE), definer="siu"),
    *protect("space", firm="s", workspace="s", community="s", definer="si"),
    *protect("zone", community=Right("s", ACTIVE.replace("zone_id =", "id =")), definer="si"),
    *content("ritual", changed_by_all=False),
    *content("occurrence", changed_by_all=True),
    *content("rsvp", changed_by_all=False),
    *content("thread", changed_by_all=True),
    *content("post", changed_by_all=True),
    *(f"GRANT SELECT ON {table} TO app_definer" for table in ("occurrence", "thread", "post")),
    *(
        f"CREATE POLICY definer ON {table} FOR SELECT TO app_definer USING (firm_id = app_firm())"
        for table in ("occurrence", "thread", "post")
    ),
]
FUNCTIONS = [
    *definer(
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
                  SELECT public.app_firm(), public.app_workspace(), p_zone, id, p_name FROM born RETURNING id)
        INSERT INTO public.zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, role)
        SELECT public.app_firm(), public.app_workspace(), p_zone, id, p_pilot, p_pilot_name, p_side, 'pilot' FROM place
        RETURNING true
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "join_zone(p_id uuid)",
        "boolean",
        """
        INSERT INTO public.zone_member (firm_id, workspace_id, id, zone_id, account_id, name, side, job_title, role)
        SELECT m.firm_id, m.workspace_id, p_id, z.id, m.account_id, trim(m.first_name || ' ' || m.last_name), 'company',
               m.job_title, CASE WHEN m.roles && ARRAY['participant', 'sponsor'] THEN 'member' ELSE 'hr' END
          FROM public.member m JOIN public.zone z ON z.firm_id = m.firm_id AND z.workspace_id = m.workspace_id AND z.kind = 'open'
         WHERE m.firm_id = public.app_firm() AND m.workspace_id = public.app_workspace()
           AND m.account_id = public.app_account() AND m.left_at IS NULL
        ON CONFLICT (firm_id, workspace_id, zone_id, account_id) WHERE left_at IS NULL DO NOTHING
        RETURNING true
        """,
        "ctx_community",
        "VOLATILE",
    ),
    *definer(
        "leave_zones()",
        "boolean",
        """
        UPDATE public.zone_member SET left_at = now()
         WHERE firm_id = public.app_firm() AND workspace_id = public.app_workspace()
           AND account_id = public.app_account() AND left_at IS NULL RETURNING true
        """,
        "ctx_community",
        "VOLATILE",
    ),
    *definer(
        "figures_rhythm()",
        "TABLE(workspace_id uuid, week integer, messages bigint)",
        """
        SELECT said.workspace_id, floor(extract(epoch FROM now() - said.created_at) / 604800)::integer, count(*)
          FROM (SELECT firm_id, workspace_id, created_at FROM public.thread
                UNION ALL SELECT firm_id, workspace_id, created_at FROM public.post) said
         WHERE said.firm_id = public.app_firm() AND (public.app_workspace() IS NULL OR said.workspace_id = public.app_workspace())
           AND said.created_at > now() - interval '56 days'
           AND (SELECT count(*) FROM public.zone_member z WHERE z.firm_id = said.firm_id
                   AND z.workspace_id = said.workspace_id AND z.left_at IS NULL) >= 5
         GROUP BY 1, 2
        """,
        "ctx_firm, ctx_workspace",
    ),
    *definer(
        "figures_unanswered()",
        "TABLE(workspace_id uuid, questions bigint, since timestamptz)",
        """
        SELECT t.workspace_id, count(*), min(t.created_at) FROM public.thread t
         WHERE t.firm_id = public.app_firm() AND t.kind = 'question' AND t.replies = 0
           AND t.created_at < now() - interval '2 days' AND t.created_at > now() - interval '30 days'
           AND (SELECT count(*) FROM public.zone_member z WHERE z.firm_id = t.firm_id
                   AND z.workspace_id = t.workspace_id AND z.left_at IS NULL) >= 5
         GROUP BY 1
        """,
        "ctx_firm",
    ),
]
DROPPED = [
    "figures_unanswered()",
    "figures_rhythm()",
    "leave_zones()",
    "join_zone(uuid)",
    "open_space(uuid, uuid, text, text, uuid, text, text)",
]


def upgrade() -> None:
    op.create_table(
        "space",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("pilot_name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f("fk_space_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_space")),
        sa.UniqueConstraint("firm_id", "workspace_id", name=op.f("uq_space_firm_id_workspace_id")),
    )
    op.create_table(
        "zone",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="open", nullable=False),
        sa.CheckConstraint("kind IN ('open', 'peer')", name=op.f("ck_zone_kind")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "space_id"],
            ["space.firm_id", "space.workspace_id", "space.id"],
            name=op.f("fk_zone_firm_id_workspace_id_space_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_zone")),
    )
    op.create_table(
        "ritual",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('codev', 'market', 'welcome', 'thanks', 'free')", name=op.f("ck_ritual_kind")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_ritual_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_ritual")),
    )
    op.create_table(
        "thread",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="Markdown"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("replies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("helped", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('question', 'share', 'announcement')", name=op.f("ck_thread_kind")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_thread_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_thread")),
    )
    op.create_index(
        op.f("ix_thread_firm_id_workspace_id_last_at"), "thread", ["firm_id", "workspace_id", "last_at"], unique=False
    )
    op.create_index(
        op.f("ix_thread_firm_id_workspace_id_zone_id_last_at"),
        "thread",
        ["firm_id", "workspace_id", "zone_id", "last_at"],
        unique=False,
    )
    op.create_table(
        "zone_member",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment="company or firm"),
        sa.Column("job_title", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="member", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('pilot', 'deputy', 'ambassador', 'member', 'hr')", name=op.f("ck_zone_member_role")),
        sa.CheckConstraint("side IN ('company', 'firm')", name=op.f("ck_zone_member_side")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_zone_member_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_zone_member")),
    )
    op.create_index(
        op.f("ix_zone_member_firm_id_workspace_id_account_id"),
        "zone_member",
        ["firm_id", "workspace_id", "account_id"],
        unique=False,
    )
    op.create_index(
        "uq_zone_member_active",
        "zone_member",
        ["firm_id", "workspace_id", "zone_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "occurrence",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("ritual_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("takeaways", sa.Text(), server_default="", nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_occurrence_times")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "ritual_id"],
            ["ritual.firm_id", "ritual.workspace_id", "ritual.id"],
            name=op.f("fk_occurrence_firm_id_workspace_id_ritual_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_occurrence_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_occurrence")),
    )
    op.create_index(
        op.f("ix_occurrence_firm_id_workspace_id_zone_id_starts_at"),
        "occurrence",
        ["firm_id", "workspace_id", "zone_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "post",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("helped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "thread_id"],
            ["thread.firm_id", "thread.workspace_id", "thread.id"],
            name=op.f("fk_post_firm_id_workspace_id_thread_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_post_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_post")),
    )
    op.create_index(
        op.f("ix_post_firm_id_workspace_id_thread_id_created_at"),
        "post",
        ["firm_id", "workspace_id", "thread_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "rsvp",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'maybe', 'no')", name=op.f("ck_rsvp_answer")),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "occurrence_id"],
            ["occurrence.firm_id", "occurrence.workspace_id", "occurrence.id"],
            name=op.f("fk_rsvp_firm_id_workspace_id_occurrence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id", "zone_id"],
            ["zone.firm_id", "zone.workspace_id", "zone.id"],
            name=op.f("fk_rsvp_firm_id_workspace_id_zone_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f("pk_rsvp")),
        sa.UniqueConstraint(
            "firm_id",
            "workspace_id",
            "occurrence_id",
            "author_id",
            name=op.f("uq_rsvp_firm_id_workspace_id_occurrence_id_author_id"),
        ),
    )
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP TABLE rsvp, post, occurrence, zone_member, thread, ritual, zone, space")
    op.execute("DROP FUNCTION my_zones()")

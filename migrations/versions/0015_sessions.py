"""Venues and rooms, slots of their own place, who decides and what it costs, absences, calendar feeds, states by the clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import definer, drop_definer, protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Of the firm, a workspace reads what a link gives it.
LINKED = """firm_id = app_firm() AND EXISTS (SELECT 1 FROM session_link l WHERE l.firm_id = app_firm()
  AND l.workspace_id = app_workspace() AND l.session_id = former_day.session_id)"""
POLICIES = [
    *protect("venue", firm="siu"),
    *protect("room", firm="siu"),
    *protect("former_day", firm="siud"),
    "GRANT SELECT ON former_day TO ctx_workspace",
    f"CREATE POLICY workspace ON former_day FOR SELECT TO ctx_workspace USING ({LINKED})",
    *protect("trainer_absence", firm="sid"),
    *protect("staff_feed", firm="sid", definer="s"),
    *protect("member_feed", workspace="sid", definer="s"),
]
# A calendar program asks without a sign-in: the token's hash becomes the narrowest scope that holds this person's dates.
# A suspended firm or client, and somebody who has left, have no calendar.
REDEEM = definer(
    "redeem_feed(p_hash text)",
    """TABLE(firm_id uuid, firm_slug text, firm_name text, workspace_id uuid, workspace_slug text, member_id uuid,
    staff_id uuid, clients uuid[], language text)""",
    """
    SELECT f.id, f.slug, f.name, w.id, w.slug, m.id, NULL::uuid, NULL::uuid[], m.language
      FROM public.member_feed x JOIN public.firm f ON f.id = x.firm_id AND f.state = 'active'
      JOIN public.workspace w ON w.firm_id = x.firm_id AND w.id = x.workspace_id AND w.state = 'active'
      JOIN public.member m ON m.firm_id = x.firm_id AND m.workspace_id = x.workspace_id AND m.id = x.member_id
       AND m.left_at IS NULL
     WHERE x.token_hash = p_hash
     UNION ALL
    SELECT f.id, f.slug, f.name, NULL, NULL, NULL, s.id,
           CASE WHEN s.limited THEN (SELECT coalesce(array_agg(c.workspace_id), '{}') FROM public.staff_client c
             WHERE c.firm_id = s.firm_id AND c.staff_id = s.id) END, s.language
      FROM public.staff_feed x JOIN public.firm f ON f.id = x.firm_id AND f.state = 'active'
      JOIN public.staff s ON s.firm_id = x.firm_id AND s.id = x.staff_id AND s.left_at IS NULL
     WHERE x.token_hash = p_hash
    """,
    "ctx_platform",
)
TABLES = ("former_day", "trainer_absence", "staff_feed", "member_feed", "room", "venue")


def _unforced(table: str, change: str) -> None:
    """No policy lets the owner change these rows: row-level security binds it too, but for this statement."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _owned(*more: sa.Column[object]) -> list[sa.Column[object]]:
    return [sa.Column("firm_id", sa.Uuid(), nullable=False), *more, sa.Column("id", sa.Uuid(), nullable=False)]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _moment(name: str, *, now: bool = False, empty: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()") if now else None, nullable=empty)


def _key(table: str, columns: list[str], there: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    lead = columns[:-1]
    name = op.f(f"fk_{table}_{'_'.join(columns)}")
    return sa.ForeignKeyConstraint(columns, [f"{there}.{c}" for c in (*lead, "id")], name=name, ondelete=ondelete)


def _places() -> None:
    op.create_table(
        "venue", *_owned(), sa.Column("name", sa.Text(), nullable=False), _text("address"), _text("access"), _text("accessibility"),
        _moment("ended_at", empty=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_venue_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_venue")),
        sa.UniqueConstraint("firm_id", "name", name=op.f("uq_venue_firm_id_name")),
    )  # fmt: skip
    op.create_table(
        "room", *_owned(), sa.Column("venue_id", sa.Uuid(), nullable=False), sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False), _moment("ended_at", empty=True),
        sa.CheckConstraint("seats BETWEEN 1 AND 1000", name=op.f("ck_room_seats")),
        _key("room", ["firm_id", "venue_id"], "venue"),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_room")),
        sa.UniqueConstraint("firm_id", "venue_id", "name", name=op.f("uq_room_firm_id_venue_id_name")),
    )  # fmt: skip


def _sessions() -> None:
    for table, columns in (
        ("training_session", (_text("accessibility"), sa.Column("room_id", sa.Uuid()),
          sa.Column("entries", sa.Integer(), server_default="0", nullable=False, comment="calendar entries ever made: see Slot.entry"),
          sa.Column("reason", sa.Text(), server_default="", nullable=False, comment="why it was cancelled, for whoever had a seat"),
          sa.Column("searched", sa.Text(), server_default="", nullable=False, comment="titles and place, folded"),
          sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False,
                    comment="what calendars show of it"))),
        ("session_seats", (sa.Column("decider_id", sa.Uuid(), comment="who of the staff confirms or cancels it"),
          sa.Column("cost_cents", sa.BigInteger(), server_default="0", nullable=False,
                    comment="trainers, room, travel, excl. VAT"))),
        ("slot", (sa.Column("entry", sa.Integer(), server_default="1", nullable=False), _text("venue"), _text("address"),
          _text("video_url"), sa.Column("room_id", sa.Uuid()))),
    ):  # fmt: skip
        for column in columns:
            op.add_column(table, column)
    for table, column, there in (
        ("training_session", "room_id", "room"), ("slot", "room_id", "room"), ("session_seats", "decider_id", "staff_card"),
    ):  # fmt: skip
        op.create_foreign_key(op.f(f"fk_{table}_firm_id_{column}"), table, there, ["firm_id", column], ["firm_id", "id"])
    op.create_check_constraint(op.f("ck_session_seats_cost"), "session_seats", "cost_cents >= 0")
    op.create_index(op.f("ix_session_seats_firm_id_decision_on"), "session_seats", ["firm_id", "decision_on"])
    op.create_index(op.f("ix_slot_firm_id_room_id_starts_at"), "slot", ["firm_id", "room_id", "starts_at"])
    op.create_index(
        "ix_training_session_live", "training_session", ["firm_id", "starts_at"],
        postgresql_where=sa.text("state IN ('open', 'confirmed', 'running')"),
    )  # fmt: skip


def _what_was_known() -> None:
    """Days keep the numbers that calendars know them by: their place in the session."""
    _unforced("slot", """UPDATE slot s SET entry = n.entry FROM (SELECT firm_id, id,
        dense_rank() OVER (PARTITION BY firm_id, session_id ORDER BY (starts_at AT TIME ZONE 'Europe/Paris')::date) AS entry
        FROM slot) n WHERE n.firm_id = s.firm_id AND n.id = s.id""")  # fmt: skip
    op.execute("ALTER TABLE slot NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE programme_version NO FORCE ROW LEVEL SECURITY")
    _unforced("training_session", """UPDATE training_session t SET changed_at = created_at,
        entries = coalesce((SELECT max(entry) FROM slot s WHERE s.firm_id = t.firm_id AND s.session_id = t.id), 0),
        searched = (SELECT lower(unaccent(concat_ws(' ', v.title->>'fr', v.title->>'en', t.venue, t.address)))
                      FROM programme_version v WHERE v.firm_id = t.firm_id AND v.id = t.version_id)""")  # fmt: skip
    op.execute("ALTER TABLE programme_version FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE slot FORCE ROW LEVEL SECURITY")


def _around() -> None:
    op.create_table(
        "former_day", *_owned(), sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False), _moment("starts_at"), _moment("ends_at"),
        sa.Column("sequence", sa.Integer(), nullable=False), _moment("gone_at", now=True),
        _key("former_day", ["firm_id", "session_id"], "training_session", "CASCADE"),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_former_day")),
        sa.UniqueConstraint("firm_id", "session_id", "entry", name=op.f("uq_former_day_firm_id_session_id_entry")),
    )  # fmt: skip
    op.create_table(
        "trainer_absence", *_owned(), sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False), sa.Column("last_on", sa.Date(), nullable=False), _text("note"),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_trainer_absence_days")),
        _key("trainer_absence", ["firm_id", "staff_id"], "staff_card"),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_trainer_absence")),
    )  # fmt: skip
    op.create_index(op.f("ix_trainer_absence_firm_id_staff_id_first_on"), "trainer_absence", ["firm_id", "staff_id", "first_on"])


def _feeds() -> None:
    op.create_table(
        "staff_feed", *_owned(), sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False), _moment("created_at", now=True),
        _key("staff_feed", ["firm_id", "staff_id"], "staff", "CASCADE"),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_staff_feed")),
        sa.UniqueConstraint("firm_id", "staff_id", name=op.f("uq_staff_feed_firm_id_staff_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_feed_token_hash")),
    )  # fmt: skip
    space = ["firm_id", "workspace_id"]
    op.create_table(
        "member_feed", *_owned(sa.Column("workspace_id", sa.Uuid(), nullable=False)),
        sa.Column("member_id", sa.Uuid(), nullable=False), sa.Column("token_hash", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _key("member_feed", space, "workspace"),
        _key("member_feed", [*space, "member_id"], "member", "CASCADE"),
        sa.PrimaryKeyConstraint(*space, "id", name=op.f("pk_member_feed")),
        sa.UniqueConstraint(*space, "member_id", name=op.f("uq_member_feed_firm_id_workspace_id_member_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_member_feed_token_hash")),
    )  # fmt: skip


def upgrade() -> None:
    _places()
    _sessions()
    _what_was_known()
    _around()
    _feeds()
    for statement in (*POLICIES, *REDEEM):
        op.execute(statement)
    _unforced("schedule", "INSERT INTO schedule (name, every) VALUES ('catalogue.sweep_sessions', 300) ON CONFLICT DO NOTHING")


def downgrade() -> None:
    _unforced("schedule", "DELETE FROM schedule WHERE name = 'catalogue.sweep_sessions'")
    for statement in drop_definer("redeem_feed(text)"):
        op.execute(statement)
    for table, column in (("training_session", "room_id"), ("slot", "room_id"), ("session_seats", "decider_id")):
        op.drop_constraint(op.f(f"fk_{table}_firm_id_{column}"), table)
    op.drop_index("ix_training_session_live", "training_session")
    op.drop_index(op.f("ix_session_seats_firm_id_decision_on"), "session_seats")
    op.drop_index(op.f("ix_slot_firm_id_room_id_starts_at"), "slot")
    op.drop_constraint(op.f("ck_session_seats_cost"), "session_seats")
    for table, columns in (
        ("training_session", ("accessibility", "room_id", "entries", "reason", "searched", "changed_at")),
        ("session_seats", ("decider_id", "cost_cents")),
        ("slot", ("entry", "venue", "address", "video_url", "room_id")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.execute(f"DROP TABLE {', '.join(TABLES)}")

"""Seats in depth: ceilings and the line honoured by claim_seats, seats named later, prepaid seats, budgets, undo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import definer, drop_definer, protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("seat_budget", "seat_credit", "placeholder", "enrolment_batch")
POLICIES = [
    *protect("enrolment_batch", firm="siu", workspace="siu"),
    *protect("placeholder", firm="siu", workspace="siu", definer="s"),
    *protect("seat_credit", firm="si", workspace="s", definer="si"),
    *protect("seat_budget", firm="siu", workspace="siu"),
    # What the functions below count and mark.
    "GRANT SELECT, UPDATE (covered) ON enrolment TO app_definer",
    "CREATE POLICY definer ON enrolment TO app_definer USING (firm_id = app_firm()) WITH CHECK (firm_id = app_firm())",
    "GRANT SELECT ON training_session TO app_definer",
    "CREATE POLICY definer ON training_session FOR SELECT TO app_definer USING (firm_id = app_firm())",
]
UNDONE = [
    "DROP POLICY definer ON enrolment",
    "REVOKE SELECT, UPDATE (covered) ON enrolment FROM app_definer",
    "DROP POLICY definer ON training_session",
    "REVOKE SELECT ON training_session FROM app_definer",
]
MINE = "(public.app_workspace() IS NULL OR l.workspace_id = public.app_workspace())"
# How many seats of a session one client holds through a link `l`.
HELD = """(SELECT count(*) FROM public.enrolment e WHERE e.firm_id = l.firm_id AND e.workspace_id = l.workspace_id
              AND e.link_id = l.id AND e.state IN ('offered', 'seated'))
        + (SELECT count(*) FROM public.placeholder p WHERE p.firm_id = l.firm_id AND p.workspace_id = l.workspace_id
              AND p.link_id = l.id AND p.state = 'held')"""
# How many seats whoever waits already would take, over all clients of the session `s`: nobody new goes before them.
AHEAD = f"""(SELECT coalesce(sum(least(w.number, greatest(coalesce(l.ceiling - ({HELD}), w.number), 0))), 0)
              FROM public.session_link l JOIN LATERAL (SELECT count(*) AS number FROM public.enrolment q
                WHERE q.firm_id = l.firm_id AND q.workspace_id = l.workspace_id AND q.link_id = l.id
                  AND q.state = 'waiting') w ON w.number > 0
             WHERE l.firm_id = s.firm_id AND l.session_id = s.id)"""
CLAIM = f"""
    SELECT 1 FROM public.session_seats WHERE firm_id = public.app_firm() AND id = p_session AND EXISTS (
      SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm() AND l.session_id = p_session
         AND l.id = p_link AND {MINE}) FOR UPDATE;
    WITH room AS (
      SELECT s.id, greatest(0, least(p_wanted, s.capacity - s.taken - CASE WHEN p_next THEN 0 ELSE {AHEAD} END,
                                     l.ceiling - ({HELD})))::integer AS granted
        FROM public.session_link l
        JOIN public.session_seats s ON s.firm_id = l.firm_id AND s.id = l.session_id
        JOIN public.training_session t ON t.firm_id = l.firm_id AND t.id = l.session_id
       WHERE l.firm_id = public.app_firm() AND l.session_id = p_session AND l.id = p_link AND {MINE}
         AND t.state IN ('open', 'confirmed') AND t.starts_at > now()),
    moved AS (
      UPDATE public.session_seats s SET taken = s.taken + room.granted FROM room
       WHERE s.firm_id = public.app_firm() AND s.id = room.id AND room.granted > 0 RETURNING room.granted)
    SELECT coalesce((SELECT granted FROM moved), (SELECT granted FROM room))
"""
AVAILABILITY = f"""
    SELECT f.id, CASE WHEN f.free <= 0 THEN 'waiting' WHEN f.free <= 3 THEN 'few' ELSE 'available' END
      FROM (SELECT s.id, least(s.capacity - s.taken - {AHEAD}, l.ceiling - ({HELD})) AS free
              FROM public.session_seats s
              JOIN public.session_link l ON l.firm_id = s.firm_id AND l.session_id = s.id
             WHERE s.firm_id = public.app_firm() AND l.workspace_id = public.app_workspace() AND s.id = ANY (p_sessions)) f
"""
CREDITS = "firm_id = public.app_firm() AND workspace_id = public.app_workspace()"
LOCK_CREDITS = "SELECT pg_advisory_xact_lock(hashtextextended('seat credits of ' || public.app_workspace()::text, 0));"
FUNCTIONS = [
    *drop_definer("claim_seats(uuid, integer)", "availability(uuid[])"),
    # Statements of one volatile function each see what was committed before them: the second one counts behind the lock.
    *definer(
        "claim_seats(p_session uuid, p_link uuid, p_wanted integer, p_next boolean)",
        "integer",
        CLAIM,
        "ctx_firm, ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "lock_sessions(p_sessions uuid[])",
        "bigint",
        f"""
        WITH locked AS (SELECT s.id FROM public.session_seats s WHERE s.firm_id = public.app_firm() AND s.id = ANY (p_sessions)
          AND (public.app_workspace() IS NULL OR EXISTS (SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm()
            AND l.session_id = s.id AND {MINE})) ORDER BY s.id FOR UPDATE)
        SELECT count(*) FROM locked
        """,
        "ctx_firm, ctx_workspace",
        "VOLATILE",
    ),
    *definer("availability(p_sessions uuid[])", "TABLE(session_id uuid, word text)", AVAILABILITY, "ctx_workspace"),
    *definer(
        "spend_credits(p_enrolments uuid[], p_ids uuid[], p_by text)",
        "bigint",
        f"""
        {LOCK_CREDITS}
        WITH balance AS (SELECT coalesce(sum(quantity), 0) AS number FROM public.seat_credit WHERE {CREDITS}),
        wanted AS (SELECT w.enrolment_id, w.id, row_number() OVER (ORDER BY w.n) AS n
                     FROM unnest(p_enrolments, p_ids) WITH ORDINALITY AS w(enrolment_id, id, n)
                     JOIN public.enrolment e ON e.firm_id = public.app_firm() AND e.workspace_id = public.app_workspace()
                      AND e.id = w.enrolment_id AND e.state = 'seated' AND NOT e.covered),
        spent AS (INSERT INTO public.seat_credit (firm_id, workspace_id, id, quantity, kind, enrolment_id, by)
                  SELECT public.app_firm(), public.app_workspace(), w.id, -1, 'used', w.enrolment_id, p_by
                    FROM wanted w, balance b WHERE w.n <= b.number RETURNING enrolment_id),
        marked AS (UPDATE public.enrolment SET covered = true WHERE {CREDITS}
                      AND id IN (SELECT enrolment_id FROM spent) RETURNING id)
        SELECT count(*) FROM marked
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "return_credit(p_enrolment uuid, p_id uuid, p_by text)",
        "boolean",
        f"""
        {LOCK_CREDITS}
        WITH back AS (INSERT INTO public.seat_credit (firm_id, workspace_id, id, quantity, kind, enrolment_id, by)
                      SELECT public.app_firm(), public.app_workspace(), p_id, 1, 'returned', p_enrolment, p_by
                       WHERE (SELECT sum(quantity) FROM public.seat_credit
                               WHERE {CREDITS} AND enrolment_id = p_enrolment) < 0 RETURNING enrolment_id),
        unmarked AS (UPDATE public.enrolment SET covered = false WHERE {CREDITS}
                        AND id IN (SELECT enrolment_id FROM back) RETURNING id)
        SELECT count(*) > 0 FROM unmarked
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
]
DROPPED = (
    "claim_seats(uuid, uuid, integer, boolean)",
    "lock_sessions(uuid[])",
    "availability(uuid[])",
    "spend_credits(uuid[], uuid[], text)",
    "return_credit(uuid, uuid, text)",
)
# As they were in 0005.
FORMER = [
    *definer(
        "claim_seats(p_session uuid, p_wanted integer)",
        "integer",
        """
        WITH held AS (SELECT firm_id, id, least(greatest(p_wanted, 0), capacity - taken) AS granted
                        FROM public.session_seats WHERE firm_id = public.app_firm() AND id = p_session
                         AND (public.app_workspace() IS NULL OR EXISTS (SELECT 1 FROM public.session_link l
                           WHERE l.firm_id = public.app_firm() AND l.workspace_id = public.app_workspace()
                             AND l.session_id = p_session)) FOR UPDATE),
        moved AS (UPDATE public.session_seats s SET taken = s.taken + h.granted FROM held h
                   WHERE s.firm_id = h.firm_id AND s.id = h.id AND h.granted > 0 RETURNING h.granted)
        SELECT coalesce((SELECT granted FROM moved), 0)
        """,
        "ctx_firm, ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "availability(p_sessions uuid[])",
        "TABLE(session_id uuid, word text)",
        """
        SELECT s.id, CASE WHEN s.capacity <= s.taken THEN 'waiting' WHEN s.capacity - s.taken <= 3 THEN 'few'
                          ELSE 'available' END
          FROM public.session_seats s JOIN public.session_link l ON l.firm_id = s.firm_id AND l.session_id = s.id
         WHERE s.firm_id = public.app_firm() AND l.workspace_id = public.app_workspace() AND s.id = ANY (p_sessions)
        """,
        "ctx_workspace",
    ),
]


def _of_workspace(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A workspace-owned table, with its primary key and its key to the workspace."""
    op.create_table(
        name,
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["firm_id", "workspace_id"],
            ["workspace.firm_id", "workspace.id"],
            name=op.f(f"fk_{name}_firm_id_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f(f"pk_{name}")),
    )


def _to(name: str, column: str, table: str) -> sa.ForeignKeyConstraint:
    """A key to another row of the same workspace."""
    return sa.ForeignKeyConstraint(
        ["firm_id", "workspace_id", column],
        [f"{table}.firm_id", f"{table}.workspace_id", f"{table}.id"],
        name=op.f(f"fk_{name}_firm_id_workspace_id_{column}"),
    )


def _index(name: str, *columns: str) -> None:
    lead = ["firm_id", "workspace_id", *columns]
    op.create_index(op.f(f"ix_{name}_{'_'.join(lead)}"), name, lead, unique=False)


def _moment(name: str, nullable: bool = True) -> sa.Column[object]:
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _tables() -> None:
    _of_workspace(
        "enrolment_batch",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True, comment="who did it, and may undo it"),
        _moment("at", nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        _moment("undone_at"),
        _to("enrolment_batch", "link_id", "session_link"),
    )
    _index("enrolment_batch", "link_id", "at")
    _of_workspace(
        "placeholder",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="held", nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("billing_party_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        _moment("ended_at"),
        sa.Column("fee_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'named', 'released')", name=op.f("ck_placeholder_state")),
        sa.CheckConstraint("(state = 'named') = (enrolment_id IS NOT NULL)", name=op.f("ck_placeholder_named")),
        _to("placeholder", "link_id", "session_link"),
        _to("placeholder", "billing_party_id", "billing_party"),
        _to("placeholder", "enrolment_id", "enrolment"),
    )
    _index("placeholder", "link_id", "state")
    _of_workspace(
        "seat_credit",
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True, comment="of seats bought: the last day they can be used"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        sa.CheckConstraint("kind IN ('bought', 'used', 'returned', 'corrected', 'expired')", name=op.f("ck_seat_credit_kind")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_seat_credit_quantity")),
        sa.CheckConstraint("kind NOT IN ('bought', 'returned') OR quantity > 0", name=op.f("ck_seat_credit_gained")),
        sa.CheckConstraint("kind NOT IN ('used', 'expired') OR quantity < 0", name=op.f("ck_seat_credit_spent")),
        _to("seat_credit", "enrolment_id", "enrolment"),
    )
    _index("seat_credit", "at")
    _index("seat_credit", "enrolment_id")
    _of_workspace(
        "seat_budget",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_seat_budget_year")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_seat_budget_amount")),
        sa.UniqueConstraint("firm_id", "workspace_id", "year", name=op.f("uq_seat_budget_firm_id_workspace_id_year")),
    )


def _columns() -> None:
    for column in (
        sa.Column("billing_party_id", sa.Uuid(), nullable=True, comment="who pays; empty: the client's usual one"),
        sa.Column("covered", sa.Boolean(), server_default="false", nullable=False, comment="paid by a seat credit"),
        sa.Column("replaces_id", sa.Uuid(), nullable=True, comment="the seat it took over: substitution or transfer"),
        sa.Column("batch_id", sa.Uuid(), nullable=True, comment="enrolled with others, to be undone with them"),
    ):
        op.add_column("enrolment", column)
    for column, table in (("billing_party_id", "billing_party"), ("replaces_id", "enrolment"), ("batch_id", "enrolment_batch")):
        lead = ["firm_id", "workspace_id"]
        op.create_foreign_key(
            op.f(f"fk_enrolment_firm_id_workspace_id_{column}"), "enrolment", table, [*lead, column], [*lead, "id"]
        )
    _index("enrolment", "batch_id")
    _index("enrolment", "replaces_id")
    for name, usual, comment in (
        ("offer_hours", "48", "how long a free seat is kept"),
        ("names_days", "5", "days before the start by which seats have their names"),
    ):
        op.add_column("firm_profile", sa.Column(name, sa.Integer(), server_default=usual, nullable=False, comment=comment))
    op.create_check_constraint(op.f("ck_firm_profile_offer_hours"), "firm_profile", "offer_hours BETWEEN 1 AND 720")
    op.create_check_constraint(op.f("ck_firm_profile_names_days"), "firm_profile", "names_days BETWEEN 0 AND 90")


def _schedule(change: str) -> list[str]:
    # No policy lets anybody add to the schedule: it is written by migrations.
    open_, close = ("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY", "ALTER TABLE schedule FORCE ROW LEVEL SECURITY")
    return [open_, change, close]


def upgrade() -> None:
    _tables()
    _columns()
    daily = "INSERT INTO schedule (name, every) VALUES ('enrolments.sweep_credits', 86400) ON CONFLICT DO NOTHING"
    for statement in (*POLICIES, *FUNCTIONS, *_schedule(daily)):
        op.execute(statement)


def downgrade() -> None:
    forget = _schedule("DELETE FROM schedule WHERE name = 'enrolments.sweep_credits'")
    for statement in (*drop_definer(*DROPPED), *FORMER, *UNDONE, *forget):
        op.execute(statement)
    for name in ("offer_hours", "names_days"):
        op.drop_column("firm_profile", name)
    for column in ("billing_party_id", "covered", "replaces_id", "batch_id"):
        op.drop_column("enrolment", column)
    op.execute("DROP TABLE " + ", ".join(TABLES))

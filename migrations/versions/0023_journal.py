"""The journal knows its requests and networks, and is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import definer, drop_definer, protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Only ever added to: no role of the product may change or remove a seal, nor what a check found, nor what was amended.
POLICIES = [
    *protect("journal_seal", firm="si"), *protect("journal_check", firm="si"), *protect("journal_amendment", firm="s", definer="i"),
]  # fmt: skip
# The digest of a line. What the law has taken out of one (an erasure, the end of its time) goes through functions of
# app_definer alone: the trigger then keeps the digests before and after, so that what was sealed can still be proved.
DIGESTS = (
    """CREATE FUNCTION journal_line(j journal) RETURNS text LANGUAGE sql STABLE AS $fn$
    SELECT encode(sha256(convert_to(jsonb_build_array(j.id, extract(epoch FROM j.at), j.workspace_id, j.actor_id, j.actor, j.action,
           j.subject_id, j.subject, j.facts, j.request, j.network)::text, 'UTF8')), 'hex') $fn$""",
    """CREATE FUNCTION journal_amended() RETURNS trigger LANGUAGE plpgsql AS $fn$
    BEGIN
      INSERT INTO public.journal_amendment (firm_id, id, line_id, line_at, before, after)
      VALUES (OLD.firm_id, gen_random_uuid(), OLD.id, OLD.at, public.journal_line(OLD),
              CASE WHEN TG_OP = 'DELETE' THEN '' ELSE public.journal_line(NEW) END);
      RETURN NULL;
    END $fn$""",
    """CREATE TRIGGER amended AFTER UPDATE OR DELETE ON journal FOR EACH ROW
       WHEN (current_user = 'app_definer' AND OLD.firm_id IS NOT NULL) EXECUTE FUNCTION journal_amended()""",
)
UNDIGESTED = ("DROP TRIGGER amended ON journal", "DROP FUNCTION journal_amended()", "DROP FUNCTION journal_line(journal)")
OPENS_FIRM = "(g.firm_id IS NULL OR (g.firm_id = st.firm_id AND g.workspace_id IS NULL))"
OPENS_WORKSPACE = "(g.firm_id IS NULL OR (g.firm_id = m.firm_id AND g.workspace_id = m.workspace_id))"


def _note_sign_in(more: str, columns: str, values: str) -> list[str]:
    """A sign-in's act, written where it concerns others: a firm reads of its staff, a client of its HR, nobody of a manager's."""
    return definer(
        f"note_sign_in(p_sign_in uuid, p_action text{more})",
        "bigint",
        f"""
        WITH s AS (SELECT s.id, s.account_id FROM public.sign_in s WHERE s.id = p_sign_in),
        g AS (SELECT g.* FROM public.sign_in_grant g JOIN s ON g.sign_in_id = s.id),
        way AS (SELECT coalesce((SELECT g.method FROM g ORDER BY g.at DESC LIMIT 1), '') AS method),
        noted AS (
          INSERT INTO public.journal (id, firm_id, workspace_id, actor_id, actor, action, subject_id, facts{columns})
          SELECT gen_random_uuid(), st.firm_id, NULL, s.account_id, c.name, p_action, st.id,
                 jsonb_build_object('method', way.method){values}
            FROM way, s JOIN public.staff st ON st.account_id = s.account_id AND st.left_at IS NULL
            JOIN public.firm f ON f.id = st.firm_id AND f.state = 'active'
            JOIN public.staff_card c ON c.firm_id = st.firm_id AND c.id = st.id
           WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_FIRM})
          UNION ALL
          SELECT gen_random_uuid(), m.firm_id, m.workspace_id, s.account_id, m.first_name || ' ' || m.last_name, p_action, m.id,
                 jsonb_build_object('method', way.method){values}
            FROM way, s JOIN public.member m ON m.account_id = s.account_id AND m.left_at IS NULL AND 'hr' = ANY (m.roles)
            JOIN public.firm f ON f.id = m.firm_id AND f.state = 'active'
           WHERE EXISTS (SELECT 1 FROM g WHERE {OPENS_WORKSPACE})
          RETURNING 1)
        SELECT count(*) FROM noted
        """,  # noqa: S608
        "ctx_platform",
        "VOLATILE",
    )


KNOWING = [
    *drop_definer("note_sign_in(uuid, text)"),
    *_note_sign_in(", p_request text, p_network text", ", request, network", ", p_request, p_network"),
]
FORMER = [*drop_definer("note_sign_in(uuid, text, text, text)"), *_note_sign_in("", "", "")]
SCHEDULE = {"journal.seal": 3600, "journal.verify": 86400}


def _schedule(*changes: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    for change in changes:
        op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def _of_firm(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f(f"fk_{name}_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f(f"pk_{name}")),
    )


def upgrade() -> None:
    for name, comment in (("request", "the request's number"), ("network", "the client's network address")):
        op.add_column("journal", sa.Column(name, sa.Text(), server_default="", nullable=False, comment=comment))
    op.create_index(op.f("ix_journal_firm_id_actor"), "journal", ["firm_id", "actor"])
    op.create_index(op.f("ix_journal_firm_id_workspace_id_actor"), "journal", ["firm_id", "workspace_id", "actor"])
    _of_firm(
        "journal_seal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="its lines are later than this"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="and no later than this"),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False, comment="the digest before this one"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 over the previous digest and the lines"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.UniqueConstraint("firm_id", "number", name=op.f("uq_journal_seal_firm_id_number")),
    )
    _of_firm(
        "journal_check",
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False, comment="how many were looked at"),
        sa.Column("lines", sa.BigInteger(), nullable=False, comment="how many lines they hold"),
        sa.Column("fault", sa.Text(), server_default="", nullable=False, comment="what does not hold; empty: nothing"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True, comment="where the first fault lies"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("fault IN ('', 'changed', 'removed', 'added', 'unchained')", name=op.f("ck_journal_check_fault")),
    )
    op.create_index(op.f("ix_journal_check_firm_id_at"), "journal_check", ["firm_id", "at"])
    _of_firm(
        "journal_amendment",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="their order"),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("line_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=False, comment="the line's digest before"),
        sa.Column("after", sa.Text(), nullable=False, comment="and after; empty: the line is gone"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index(op.f("ix_journal_amendment_firm_id_line_id"), "journal_amendment", ["firm_id", "line_id"])
    op.create_index(op.f("ix_journal_amendment_firm_id_line_at"), "journal_amendment", ["firm_id", "line_at"])
    op.create_index(op.f("ix_journal_amendment_firm_id_at"), "journal_amendment", ["firm_id", "at"])
    for statement in (*POLICIES, *KNOWING, *DIGESTS):
        op.execute(statement)
    _schedule(*[
        f"INSERT INTO schedule (name, every) VALUES ('{name}', {every}) ON CONFLICT DO NOTHING"
        for name, every in SCHEDULE.items()
    ])  # fmt: skip


def downgrade() -> None:
    _schedule(*[f"DELETE FROM schedule WHERE name = '{name}'" for name in SCHEDULE])
    for statement in (*FORMER, *UNDIGESTED):
        op.execute(statement)
    op.execute("DROP TABLE journal_amendment, journal_check, journal_seal")
    op.drop_index(op.f("ix_journal_firm_id_workspace_id_actor"), "journal")
    op.drop_index(op.f("ix_journal_firm_id_actor"), "journal")
    for name in ("network", "request"):
        op.drop_column("journal", name)

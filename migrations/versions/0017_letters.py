"""Mails about seats: texts, what was told, what became of them; absences announced; needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import Right, definer, drop_definer, protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ZERO_OBJECT = sa.text("'{}'::jsonb")
ZERO_LIST = sa.text("'[]'::jsonb")
# What the firm says to all of its clients is read by each of them, as its name is; no other firm's.
OF_MY_FIRM = "firm_id = app_firm() AND EXISTS (SELECT 1 FROM workspace w WHERE w.firm_id = app_firm() AND w.id = app_workspace())"
LIVE = "'requested', 'waiting', 'offered', 'seated'"
# The seat is that of whoever is signed in with this token: another person of the client, HR first, has no such token.
MY_SEAT = f"""
          SELECT e.firm_id, e.workspace_id, e.id
            FROM public.enrolment e
            JOIN public.member m ON m.firm_id = e.firm_id AND m.workspace_id = e.workspace_id AND m.id = e.member_id
            JOIN public.sign_in s ON s.account_id = m.account_id
           WHERE e.firm_id = public.app_firm() AND e.workspace_id = public.app_workspace() AND e.id = p_enrolment
             AND e.state IN ({LIVE}) AND m.left_at IS NULL
             AND s.token_hash = p_token AND s.revoked_at IS NULL AND s.expires_at > now()"""

POLICIES = [
    *protect("letter_text", firm="si", workspace=Right("s", OF_MY_FIRM)),
    *protect("client_letter_text", firm="si", workspace="s"),
    *protect("letter_settings", firm="siu", workspace=Right("s", OF_MY_FIRM)),
    *protect("enrolment_told", firm="siu", workspace="siu"),
    *protect("link_news", firm="siu", workspace="siu"),
    *protect("absence", firm="su", workspace="siu"),
    *protect("seat_need", firm="sd", definer="siud"),
    "GRANT SELECT, UPDATE ON mail_log TO app_definer",
    "CREATE POLICY definer ON mail_log TO app_definer USING (true) WITH CHECK (true)",
]
FUNCTIONS = [
    *definer(
        "note_bounce(p_message text, p_status text)",
        "bigint",
        """
        WITH found AS (
          UPDATE public.mail_log SET state = 'bounced', bounced_at = now(), bounce = p_status
           WHERE message_id = p_message AND state = 'sent' RETURNING firm_id, workspace_id, lower("to") AS address),
        refused AS (
          UPDATE public.member m SET refused_email = m.email_norm FROM found f
           WHERE m.firm_id = f.firm_id AND m.workspace_id = f.workspace_id AND m.email_norm = f.address RETURNING 1)
        SELECT count(*) FROM found
        """,
        "ctx_platform",
        "VOLATILE",
    ),
    *definer(
        "letters_under_way(p_enrolments uuid[])",
        "TABLE(enrolment_id uuid, kind text, due_at timestamptz, failed boolean)",
        """
        SELECT e.id, o.kind, o.due_at, o.dead_at IS NOT NULL
          FROM public.outbox o JOIN public.enrolment e ON e.firm_id = o.firm_id AND e.id::text = o.payload->>'enrolment_id'
         WHERE o.firm_id = public.app_firm() AND o.done_at IS NULL AND o.kind LIKE 'enrolments.%\\_mail'
           AND e.id = ANY (p_enrolments)
           AND (public.app_workspace() IS NULL OR e.workspace_id = public.app_workspace())
           AND NOT o.payload ? 'to_id'
        """,
        "ctx_firm, ctx_workspace",
    ),
    *definer(
        "tell_the_firm(p_kind text, p_enrolment uuid, p_id uuid)",
        "uuid",
        """
        INSERT INTO public.outbox (id, firm_id, kind, scope, payload)
        SELECT p_id, public.app_firm(), p_kind, 'firm', jsonb_build_object('enrolment_id', p_enrolment)
         WHERE p_kind IN ('enrolments.trainer_substituted_mail', 'enrolments.trainer_absence_mail')
           AND public.app_workspace() IS NOT NULL
           AND EXISTS (SELECT 1 FROM public.enrolment e WHERE e.firm_id = public.app_firm()
                          AND e.workspace_id = public.app_workspace() AND e.id = p_enrolment)
        RETURNING id
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "my_need(p_enrolment uuid, p_token text)",
        "TABLE(diet jsonb, diet_words text, access jsonb, access_words text)",
        f"""
        SELECT n.diet, n.diet_words, n.access, n.access_words FROM public.seat_need n
          JOIN ({MY_SEAT}) mine ON mine.firm_id = n.firm_id AND mine.workspace_id = n.workspace_id AND mine.id = n.enrolment_id
        """,
        "ctx_workspace",
    ),
    *definer(
        "say_need(p_id uuid, p_enrolment uuid, p_token text, p_diet jsonb, p_diet_words text, p_access jsonb, p_access_words text)",
        "boolean",
        f"""
        INSERT INTO public.seat_need (firm_id, workspace_id, id, enrolment_id, diet, diet_words, access, access_words)
        SELECT mine.firm_id, mine.workspace_id, p_id, mine.id, p_diet, p_diet_words, p_access, p_access_words FROM ({MY_SEAT}) mine
        ON CONFLICT (firm_id, workspace_id, enrolment_id) DO UPDATE SET diet = excluded.diet, diet_words = excluded.diet_words,
          access = excluded.access, access_words = excluded.access_words, said_at = now()
        RETURNING true
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    *definer(
        "forget_need(p_enrolment uuid, p_token text)",
        "boolean",
        f"""
        DELETE FROM public.seat_need n USING ({MY_SEAT}) mine
         WHERE n.firm_id = mine.firm_id AND n.workspace_id = mine.workspace_id AND n.enrolment_id = mine.id RETURNING true
        """,
        "ctx_workspace",
        "VOLATILE",
    ),
    # Whatever ends a seat, or gives it to somebody else, ends what its holder needed: in the same statement.
    """CREATE FUNCTION end_needs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
         SET search_path = pg_catalog, public, pg_temp AS $fn$
       BEGIN
         DELETE FROM public.seat_need n
          WHERE n.firm_id = OLD.firm_id AND n.workspace_id = OLD.workspace_id AND n.enrolment_id = OLD.id;
         RETURN NULL;
       END $fn$""",
    "REVOKE ALL ON FUNCTION end_needs() FROM PUBLIC",
    "ALTER FUNCTION end_needs() OWNER TO app_definer",
    f"""CREATE TRIGGER end_needs AFTER UPDATE OF state, member_id ON enrolment FOR EACH ROW
       WHEN (OLD.member_id <> NEW.member_id OR NEW.state NOT IN ({LIVE}, 'attended', 'absent'))
       EXECUTE FUNCTION end_needs()""",
]
DROPPED = [
    "note_bounce(text, text)", "letters_under_way(uuid[])", "tell_the_firm(text, uuid, uuid)", "my_need(uuid, text)",
    "say_need(uuid, uuid, text, jsonb, text, jsonb, text)", "forget_need(uuid, text)", "end_needs()",
]  # fmt: skip
LOG = (
    sa.Column("about_id", sa.Uuid(), nullable=True, comment="the enrolment or the session it is about"),
    sa.Column("member_id", sa.Uuid(), nullable=True, comment="whom it was sent to"),
    sa.Column("message_id", sa.Text(), server_default="", nullable=False),
    sa.Column("state", sa.Text(), server_default="sent", nullable=False),
    sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("bounce", sa.Text(), server_default="", nullable=False, comment="status code of the report, RFC 3463"),
)
SCHEDULED = (("enrolments.sweep_convocations", 900), ("enrolments.sweep_needs", 21600))


def _schedule(change: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    for column in LOG:
        op.add_column("mail_log", column)
    op.create_check_constraint("state", "mail_log", "state IN ('sent', 'bounced')")
    op.create_index(op.f("ix_mail_log_firm_id_about_id"), "mail_log", ["firm_id", "about_id"])
    op.create_index(op.f("ix_mail_log_firm_id_workspace_id_to"), "mail_log", ["firm_id", "workspace_id", "to"])
    op.create_index("ix_mail_log_message_id", "mail_log", ["message_id"])
    op.add_column("member", sa.Column("refused_email", sa.Text(), server_default="", nullable=False,
                                      comment="the address that a server last refused"))  # fmt: skip
    _texts()
    _rows_of_seats()
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)
    values = ", ".join(f"('{name}', {every})" for name, every in SCHEDULED)
    _schedule(f"INSERT INTO schedule (name, every) VALUES {values} ON CONFLICT DO NOTHING")


def _texts() -> None:
    for table, owners in (("letter_text", ("firm_id",)), ("client_letter_text", ("firm_id", "workspace_id"))):
        lead = "_".join(owners)
        key = (
            sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f(f"fk_{table}_firm_id"))
            if len(owners) == 1
            else sa.ForeignKeyConstraint(
                [*owners], ["workspace.firm_id", "workspace.id"], name=op.f(f"fk_{table}_firm_id_workspace_id")
            )
        )
        op.create_table(
            table,
            *[sa.Column(owner, sa.Uuid(), nullable=False) for owner in owners],
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("kind", sa.Text(), nullable=False),
            sa.Column("language", sa.Text(), nullable=False),
            *[sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("subject", "opening", "closing")],
            sa.Column("is_ours", sa.Boolean(), server_default="false", nullable=False),
            sa.Column("made_by", sa.Text(), nullable=False),
            sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
            sa.CheckConstraint("language IN ('fr', 'en')", name=op.f(f"ck_{table}_language")),
            key,
            sa.PrimaryKeyConstraint(*owners, "id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{lead}_kind_language_made_at"), table, [*owners, "kind", "language", "made_at"])
    op.create_table(
        "letter_settings",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("convocation_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("access_contact", sa.Text(), server_default="", nullable=False),
        sa.Column("to_bring", postgresql.JSONB(), server_default=ZERO_OBJECT, nullable=False, comment="{fr, en}"),
        sa.CheckConstraint("convocation_days BETWEEN 1 AND 60", name=op.f("ck_letter_settings_days")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_letter_settings_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_letter_settings")),
    )


def _seat_table(name: str, *columns: sa.Column[object] | sa.Constraint, target: str = "enrolment", more: str = "") -> None:
    """A workspace's table with one row a seat (or a link), or one a seat and `more`."""
    column = "link_id" if target == "session_link" else "enrolment_id"
    key = ["firm_id", "workspace_id", column]
    op.create_table(
        name,
        *[sa.Column(n, sa.Uuid(), nullable=False) for n in ("firm_id", "workspace_id", "id", column)],
        *columns,
        sa.ForeignKeyConstraint(
            key, [f"{target}.firm_id", f"{target}.workspace_id", f"{target}.id"],
            name=op.f(f"fk_{name}_firm_id_workspace_id_{column}"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "workspace_id", "id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(
            *key, *([more] if more else []),
            name=op.f(f"uq_{name}_firm_id_workspace_id_{column}{'_' + more if more else ''}"),
        ),
    )  # fmt: skip


def _moment(name: str, *, now: bool = False, comment: str | None = None) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now, comment=comment)


def _rows_of_seats() -> None:
    _seat_table(
        "enrolment_told",
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("-1"), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=ZERO_OBJECT, nullable=False),
        _moment("convoked_at"),
        _moment("asked_at", comment="when the clock last asked for the convocation"),
        _moment("at", now=True),
    )
    _seat_table(
        "link_news",
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        target="session_link",
    )
    _seat_table(
        "absence",
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        _moment("said_at", now=True),
        _moment("taken_back_at"),
        _moment("told_at"),
        sa.CheckConstraint("kind IN ('absent', 'late')", name=op.f("ck_absence_kind")),
        more="starts_at",
    )
    op.create_index(op.f("ix_absence_firm_id_starts_at"), "absence", ["firm_id", "starts_at"])
    _seat_table(
        "seat_need",
        sa.Column("diet", postgresql.JSONB(), server_default=ZERO_LIST, nullable=False),
        sa.Column("diet_words", sa.Text(), server_default="", nullable=False),
        sa.Column("access", postgresql.JSONB(), server_default=ZERO_LIST, nullable=False),
        sa.Column("access_words", sa.Text(), server_default="", nullable=False),
        _moment("said_at", now=True),
    )


def downgrade() -> None:
    names = ", ".join(f"'{name}'" for name, _every in SCHEDULED)
    _schedule(f"DELETE FROM schedule WHERE name IN ({names})")
    op.execute("DROP TRIGGER end_needs ON enrolment")
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    op.execute("DROP POLICY definer ON mail_log")
    op.execute("REVOKE SELECT, UPDATE ON mail_log FROM app_definer")
    op.execute("DROP TABLE seat_need, absence, link_news, enrolment_told, letter_settings, client_letter_text, letter_text")
    op.drop_column("member", "refused_email")
    op.drop_index("ix_mail_log_message_id", "mail_log")
    op.drop_index(op.f("ix_mail_log_firm_id_workspace_id_to"), "mail_log")
    op.drop_index(op.f("ix_mail_log_firm_id_about_id"), "mail_log")
    op.drop_constraint("ck_mail_log_state", "mail_log")
    for column in LOG:
        op.drop_column("mail_log", column.name)

"""Personal data: corrections, erasures, what erases and lets go, and what the privacy page says of the firm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants.policies import definer, drop_definer, protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LEAD = ["firm_id", "workspace_id"]
# What the functions below may do that app_definer could not before: table, verbs, and the rows when no policy opened them yet.
OF_FIRM = "firm_id = app_firm()"
# The tables' owner is a member of app_definer: what has no firm is opened to functions alone, not to a careless statement of its.
ANY = "current_user = 'app_definer'"
GRANTS = (
    ("journal", "SELECT, UPDATE (actor_id, actor, subject, facts), DELETE", f"firm_id IS NOT DISTINCT FROM app_firm() AND {ANY}"),
    ("sign_in_code", "SELECT, DELETE", ANY),
    ("enrolment_event", "SELECT, UPDATE (actor)", OF_FIRM),
    ("ritual", "SELECT, UPDATE (author_id, title, purpose)", OF_FIRM),
    ("occurrence", "UPDATE (author_id, takeaways)", OF_FIRM),
    ("rsvp", "SELECT, DELETE", OF_FIRM),
    ("thread", "UPDATE (author_id, title, body)", OF_FIRM),
    ("post", "UPDATE (author_id, body)", OF_FIRM),
    ("attendance_mark", "SELECT, UPDATE (signed_name, drawing)", OF_FIRM),
    ("certificate", "UPDATE (data)", OF_FIRM),
    ("document", "SELECT, DELETE", OF_FIRM),
    ("people_import", "SELECT, DELETE", OF_FIRM),
    ("import_row", "SELECT, DELETE", OF_FIRM),
    ("desk_message", "DELETE", OF_FIRM),
    ("programme_wish", "SELECT, DELETE", OF_FIRM),
    ("member_feed", "DELETE", OF_FIRM),
    ("mail_log", "DELETE", ""),
    ("account", "DELETE", ""),
    ("invitation", "DELETE", ""),
    ("seat_credit", "UPDATE (by)", ""),
    ("space", "UPDATE (pilot_name)", ""),
)
POLICIES = [
    *protect("correction_request", firm="s", workspace="siud", definer="sd"),
    *protect("erasure", firm="siu", workspace="siu", definer="s"),
]
for _table, _verbs, _rows in GRANTS:
    POLICIES.append(f"GRANT {_verbs} ON {_table} TO app_definer")
    if _rows:
        POLICIES.append(f"CREATE POLICY erasure ON {_table} TO app_definer USING ({_rows}) WITH CHECK ({_rows})")

HERE = "firm_id = public.app_firm() AND workspace_id = public.app_workspace()"
# Somebody whose erasure was accepted and is not done. `called` is empty when another person bears the same name: a line that
# holds a name alone would then not say whose it is.
WHO = """(SELECT m.firm_id, m.workspace_id, m.id, m.account_id, coalesce(m.email_norm, '') AS address, coalesce(m.email, '') AS written,
           CASE WHEN n.called LIKE '% %'
                 AND NOT EXISTS (SELECT FROM public.member o WHERE o.firm_id = m.firm_id AND o.workspace_id = m.workspace_id
                                    AND o.id <> m.id AND o.name_folded = m.name_folded)
                 AND NOT EXISTS (SELECT FROM public.staff_card c WHERE c.firm_id = m.firm_id AND lower(c.name) = lower(n.called))
                THEN n.called ELSE '' END AS called
      FROM public.member m, LATERAL (SELECT trim(m.first_name || ' ' || m.last_name) AS called) n
     WHERE m.firm_id = public.app_firm() AND m.workspace_id = public.app_workspace() AND m.id = p_member AND m.erased_at IS NULL
       AND EXISTS (SELECT FROM public.erasure e WHERE e.firm_id = m.firm_id AND e.workspace_id = m.workspace_id
                      AND e.member_id = m.id AND e.state = 'accepted')) w"""


def _says(text: str) -> str:
    return f"(w.called <> '' AND strpos({text}, w.called) > 0 OR w.address <> '' AND strpos(lower({text}), w.address) > 0)"


def _without(text: str) -> str:
    return f"replace(replace(replace({text}, w.called, p_name), w.written, p_name), w.address, p_name)"


NOBODY_ELSE = """NOT EXISTS (SELECT FROM public.member o WHERE o.email_norm = w.address AND o.id <> w.id)
         AND NOT EXISTS (SELECT FROM public.staff s WHERE s.email_norm = w.address)"""
TRACES = f"""
    UPDATE public.journal j SET
           actor_id = CASE WHEN j.actor_id = w.account_id THEN NULL ELSE j.actor_id END,
           actor = CASE WHEN j.actor_id = w.account_id OR j.actor = w.called THEN p_name ELSE j.actor END,
           subject = CASE WHEN j.subject_id = w.id AND j.subject <> '' THEN p_name ELSE {_without("j.subject")} END,
           facts = {_without("j.facts::text")}::jsonb
      FROM {WHO}
     WHERE j.firm_id = w.firm_id AND j.workspace_id = w.workspace_id
       AND (j.actor_id = w.account_id OR j.subject_id = w.id OR j.actor = w.called OR {_says("j.subject")}
            OR {_says("j.facts::text")});
    UPDATE public.journal j SET subject = {_without("j.subject")}, facts = {_without("j.facts::text")}::jsonb
      FROM {WHO}
     WHERE j.firm_id = w.firm_id AND j.workspace_id IS NULL AND ({_says("j.subject")} OR {_says("j.facts::text")});
    UPDATE public.mail_log l SET
           "to" = CASE WHEN l.member_id = w.id OR lower(l."to") = w.address THEN '' ELSE l."to" END,
           subject = {_without("l.subject")}
      FROM {WHO}
     WHERE l.firm_id = w.firm_id AND (l.workspace_id = w.workspace_id OR l.workspace_id IS NULL)
       AND (l.member_id = w.id OR lower(l."to") = w.address OR {_says("l.subject")});
    UPDATE public.mail_log l SET "to" = '' FROM {WHO}
     WHERE l.firm_id IS NULL AND w.address <> '' AND lower(l."to") = w.address AND {NOBODY_ELSE};
    DELETE FROM public.sign_in_code c USING {WHO}
     WHERE w.address <> '' AND c.email_norm = w.address AND {NOBODY_ELSE};
    UPDATE public.outbox o SET asked_by = {_without("o.asked_by")}, error = {_without("o.error")} FROM {WHO}
     WHERE o.firm_id = w.firm_id AND (o.workspace_id = w.workspace_id OR o.workspace_id IS NULL)
       AND ({_says("o.asked_by")} OR {_says("o.error")});
    UPDATE public.enrolment_event e SET actor = p_name FROM {WHO}
     WHERE e.firm_id = w.firm_id AND e.workspace_id = w.workspace_id AND w.called <> '' AND e.actor = w.called;
    UPDATE public.seat_credit c SET by = p_name FROM {WHO}
     WHERE c.firm_id = w.firm_id AND c.workspace_id = w.workspace_id AND w.called <> '' AND c.by = w.called;
    DELETE FROM public.seat_need n USING {WHO}
     WHERE n.firm_id = w.firm_id AND n.workspace_id = w.workspace_id AND n.enrolment_id IN (SELECT e.id FROM public.enrolment e
       WHERE e.firm_id = w.firm_id AND e.workspace_id = w.workspace_id AND e.member_id = w.id);
    SELECT EXISTS (SELECT FROM {WHO})
"""
# Whoever pilots as the firm's staff is known there by the same account: what they wrote stays theirs.
COMPANY = f"""{WHO} WHERE NOT EXISTS (SELECT FROM public.zone_member z WHERE z.firm_id = w.firm_id
      AND z.workspace_id = w.workspace_id AND z.account_id = w.account_id AND z.side = 'firm')"""


def _authored(table: str, *texts: str) -> str:
    """One's own rows of a table of the community pass to nobody; their texts too go when that was asked for."""
    gone = "".join(
        f", {name} = CASE WHEN p_removed = '' THEN t.{name} ELSE CASE WHEN t.{name} = '' THEN '' ELSE p_removed END END"
        for name in texts
    )
    return f"""UPDATE public.{table} t SET author_id = p_alias{gone} FROM (SELECT w.* FROM {COMPANY}) w
     WHERE t.firm_id = w.firm_id AND t.workspace_id = w.workspace_id AND t.author_id = w.account_id;"""


SAID = f"""
    {_authored("thread", "title", "body")}
    {_authored("post", "body")}
    {_authored("ritual", "title", "purpose")}
    {_authored("occurrence", "takeaways")}
    DELETE FROM public.rsvp r USING {WHO}
     WHERE r.firm_id = w.firm_id AND r.workspace_id = w.workspace_id AND r.author_id = w.account_id;
    UPDATE public.space s SET pilot_name = p_name FROM {WHO}
     WHERE s.firm_id = w.firm_id AND s.workspace_id = w.workspace_id AND w.called <> '' AND s.pilot_name = w.called;
    UPDATE public.zone_member z SET name = p_name, job_title = '', left_at = coalesce(z.left_at, now()), account_id = p_alias
      FROM {WHO}
     WHERE z.firm_id = w.firm_id AND z.workspace_id = w.workspace_id AND z.account_id = w.account_id AND z.side = 'company';
    SELECT EXISTS (SELECT FROM {WHO})
"""
# Somebody erased, whose last hold is over.
FREE = """(SELECT e.id FROM public.enrolment e JOIN public.member m ON m.firm_id = e.firm_id
      AND m.workspace_id = e.workspace_id AND m.id = e.member_id
     WHERE e.firm_id = public.app_firm() AND e.workspace_id = public.app_workspace() AND m.id = p_member
       AND m.erased_at IS NOT NULL AND m.held_until < current_date)"""
EVIDENCE = f"""
    WITH mine AS (SELECT id FROM {FREE} f),
    drawn AS (SELECT drawing AS key FROM public.attendance_mark WHERE {HERE} AND drawing <> '' AND enrolment_id IN (SELECT id FROM mine)),
    blank AS (UPDATE public.attendance_mark SET signed_name = '', drawing = ''
               WHERE {HERE} AND enrolment_id IN (SELECT id FROM mine) RETURNING 1),
    papers AS (UPDATE public.certificate SET data = data || '{{"person": ""}}'
                WHERE {HERE} AND enrolment_id IN (SELECT id FROM mine) RETURNING document_id),
    files AS (DELETE FROM public.document WHERE {HERE} AND id IN (SELECT document_id FROM papers) RETURNING key)
    SELECT key FROM drawn UNION ALL SELECT key FROM files
"""
ACCOUNT = """
    UPDATE public.mail_log SET "to" = '' WHERE firm_id IS NULL AND lower("to") IN
      (SELECT email_norm FROM public.account_address WHERE account_id = p_account)
       AND NOT EXISTS (SELECT FROM public.member m WHERE m.account_id = p_account)
       AND NOT EXISTS (SELECT FROM public.staff s WHERE s.account_id = p_account);
    DELETE FROM public.sign_in_code WHERE email_norm IN (SELECT email_norm FROM public.account_address WHERE account_id = p_account)
       AND NOT EXISTS (SELECT FROM public.member m WHERE m.account_id = p_account)
       AND NOT EXISTS (SELECT FROM public.staff s WHERE s.account_id = p_account);
    DELETE FROM public.account a WHERE a.id = p_account
       AND NOT EXISTS (SELECT FROM public.member m WHERE m.account_id = a.id)
       AND NOT EXISTS (SELECT FROM public.staff s WHERE s.account_id = a.id)
    RETURNING true
"""
MINE = "firm_id IS NOT DISTINCT FROM public.app_firm()"
# Each kind has an age below which nothing goes, whatever is asked: an injected statement could not empty the journal.
OLD = {
    "journal": ("journal", MINE, "at", "5 years"),
    "mail_log": ("mail_log", MINE, "sent_at", "12 months"),
    "invitation": ("invitation", f"{MINE} AND (used_at IS NOT NULL OR revoked_at IS NOT NULL OR expires_at < now())", "created_at", "12 months"),
    "import_row": (
        "import_row",
        """firm_id = public.app_firm() AND EXISTS (SELECT FROM public.people_import i WHERE i.firm_id = t.firm_id
            AND i.workspace_id = t.workspace_id AND i.id = t.import_id AND coalesce(i.applied_at, i.created_at) < least(p_before, now() - interval '30 days'))""",
        "",
        "",
    ),
    "people_import": ("people_import", "firm_id = public.app_firm() AND state IN ('draft', 'failed')", "created_at", "30 days"),
    "desk_message": ("desk_message", "firm_id = public.app_firm()", "at", "5 years"),
    "programme_wish": ("programme_wish", "firm_id = public.app_firm() AND state IN ('declined', 'withdrawn', 'met')", "coalesce(answered_at, at)", "3 years"),
    "correction_request": ("correction_request", "firm_id = public.app_firm() AND state <> 'open'", "coalesce(answered_at, at)", "12 months"),
    "member_feed": (
        "member_feed",
        """firm_id = public.app_firm() AND EXISTS (SELECT FROM public.member m WHERE m.firm_id = t.firm_id
            AND m.workspace_id = t.workspace_id AND m.id = t.member_id AND m.left_at < p_before)""",
        "",
        "",
    ),
}  # fmt: skip


def _old() -> str:
    pieces = []
    for kind, (table, rows, at, age) in OLD.items():
        since = f" AND {at} < least(p_before, now() - interval '{age}')" if at else ""
        pieces.append(
            f"{kind}_ AS (DELETE FROM public.{table} WHERE p_what = '{kind}' AND id IN (SELECT id FROM public.{table} t"
            f" WHERE p_what = '{kind}' AND {rows}{since} LIMIT p_most) RETURNING 1)"
        )
    return f"WITH {', '.join(pieces)} SELECT {' + '.join(f'(SELECT count(*) FROM {kind}_)' for kind in OLD)}"


# All that an account said in a client's communities, also where it is no member any more: for the person alone.
OWN = "t.firm_id = public.app_firm() AND t.workspace_id = public.app_workspace() AND t.author_id = public.app_account()"
WORDS = f"""
    SELECT 'card', t.name, t.job_title, t.joined_at, t.left_at FROM public.zone_member t WHERE {OWN.replace("author_id", "account_id")}
    UNION ALL SELECT 'thread', t.title, t.body, t.created_at, NULL FROM public.thread t WHERE {OWN}
    UNION ALL SELECT 'post', '', t.body, t.created_at, NULL FROM public.post t WHERE {OWN}
    UNION ALL SELECT 'ritual', t.title, t.purpose, t.created_at, NULL FROM public.ritual t WHERE {OWN}
    UNION ALL SELECT 'takeaways', '', t.takeaways, t.starts_at, NULL FROM public.occurrence t WHERE {OWN} AND t.takeaways <> ''
    UNION ALL SELECT 'rsvp', r.title, t.answer, o.starts_at, NULL FROM public.rsvp t
      JOIN public.occurrence o ON o.firm_id = t.firm_id AND o.workspace_id = t.workspace_id AND o.id = t.occurrence_id
      JOIN public.ritual r ON r.firm_id = o.firm_id AND r.workspace_id = o.workspace_id AND r.id = o.ritual_id WHERE {OWN}
    ORDER BY 4
"""
CONTROLLER = """
    SELECT coalesce(nullif(p.legal_name, ''), f.name), coalesce(p.legal_form, ''), coalesce(p.siret, ''), coalesce(p.street, ''),
           coalesce(p.postcode, ''), coalesce(p.city, ''), coalesce(nullif(p.privacy_contact, ''), p.email, ''),
           coalesce(p.evidence_years, 6), coalesce(p.is_catalogue_public, false)
      FROM public.firm f LEFT JOIN public.firm_profile p ON p.firm_id = f.id AND p.id = f.id WHERE f.id = public.app_firm()
"""
FUNCTIONS = [
    *definer("forget_traces(p_member uuid, p_name text)", "boolean", TRACES, "ctx_workspace", "VOLATILE"),
    *definer(
        "forget_said(p_member uuid, p_alias uuid, p_name text, p_removed text)", "boolean", SAID, "ctx_workspace", "VOLATILE"
    ),
    *definer("my_words()", "TABLE(kind text, title text, words text, at timestamptz, until timestamptz)", WORDS, "ctx_community"),
    *definer("end_evidence(p_member uuid)", "TABLE(key text)", EVIDENCE, "ctx_workspace", "VOLATILE"),
    *definer("forget_account(p_account uuid)", "boolean", ACCOUNT, "ctx_platform", "VOLATILE"),
    *definer(
        "forget_old(p_what text, p_before timestamptz, p_most integer)", "bigint", _old(), "ctx_firm, ctx_platform", "VOLATILE"
    ),
    *definer(
        "controller()",
        "TABLE(legal_name text, legal_form text, siret text, street text, postcode text, city text, contact text,"
        " evidence_years integer, has_catalogue boolean)",
        CONTROLLER,
        "ctx_public, ctx_workspace",
    ),
]
DROPPED = (
    "my_words()", "forget_traces(uuid, text)", "forget_said(uuid, uuid, text, text)", "end_evidence(uuid)", "forget_account(uuid)",
    "forget_old(text, timestamptz, integer)", "controller()",
)  # fmt: skip
PERIODIC = "privacy.sweep"


def _schedule(change: str) -> None:
    """No policy lets anybody add to the schedule: it is written by migrations."""
    op.execute("ALTER TABLE schedule NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute("ALTER TABLE schedule FORCE ROW LEVEL SECURITY")


def _of_member(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A workspace-owned table about one member."""
    op.create_table(
        name,
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(LEAD, ["workspace.firm_id", "workspace.id"], name=op.f(f"fk_{name}_firm_id_workspace_id")),
        sa.ForeignKeyConstraint(
            [*LEAD, "member_id"],
            ["member.firm_id", "member.workspace_id", "member.id"],
            name=op.f(f"fk_{name}_firm_id_workspace_id_member_id"),
        ),
        sa.PrimaryKeyConstraint(*LEAD, "id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_firm_id_workspace_id_member_id_at"), name, [*LEAD, "member_id", "at"])


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _later(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _text(name: str, usual: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=usual, nullable=False)


def _tables() -> None:
    _of_member(
        "correction_request",
        sa.Column("text", sa.Text(), nullable=False),
        _text("state", "open"),
        _text("answer"),
        _text("answered_by"),
        _now("at"),
        _later("answered_at"),
        sa.CheckConstraint("state IN ('open', 'done', 'refused', 'withdrawn')", name=op.f("ck_correction_request_state")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 1000", name=op.f("ck_correction_request_text")),
    )
    _of_member(
        "erasure",
        sa.Column("origin", sa.Text(), nullable=False),
        _text("state", "asked"),
        sa.Column("with_posts", sa.Boolean(), server_default="false", nullable=False),
        _now("at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        _text("reason"),
        _text("decided_by"),
        _later("decided_at"),
        _later("done_at"),
        sa.CheckConstraint("origin IN ('person', 'desk', 'clock')", name=op.f("ck_erasure_origin")),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn', 'done')", name=op.f("ck_erasure_state")),
    )
    for name, table, where in (
        ("uq_correction_request_open", "correction_request", "state = 'open'"),
        ("uq_erasure_open", "erasure", "state IN ('asked', 'accepted')"),
    ):
        op.create_index(name, table, [*LEAD, "member_id"], unique=True, postgresql_where=sa.text(where))
    op.create_index(op.f("ix_erasure_firm_id_workspace_id_state_at"), "erasure", [*LEAD, "state", "at"])


def _columns() -> None:
    op.add_column("member", sa.Column("erased_at", sa.DateTime(timezone=True), comment="when all that no law keeps went"))
    op.add_column(
        "member", sa.Column("held_until", sa.Date(), comment="of somebody erased: until when documents still name them")
    )
    for name, column, where in (
        ("ix_member_gone", "left_at", "left_at IS NOT NULL AND erased_at IS NULL"),
        ("ix_member_held", "held_until", "held_until IS NOT NULL"),
    ):
        op.create_index(name, "member", ["firm_id", column], postgresql_where=sa.text(where))
    contact = "who answers about personal data; empty: email"
    op.add_column("firm_profile", sa.Column("privacy_contact", sa.Text(), server_default="", nullable=False, comment=contact))
    years = "how long attendance sheets and certificates are kept"
    op.add_column("firm_profile", sa.Column("evidence_years", sa.Integer(), server_default="6", nullable=False, comment=years))
    op.create_check_constraint(op.f("ck_firm_profile_evidence_years"), "firm_profile", "evidence_years IN (6, 10)")


def upgrade() -> None:
    _tables()
    _columns()
    for statement in (*POLICIES, *FUNCTIONS):
        op.execute(statement)
    _schedule(f"INSERT INTO schedule (name, every) VALUES ('{PERIODIC}', 86400) ON CONFLICT DO NOTHING")


def downgrade() -> None:
    _schedule(f"DELETE FROM schedule WHERE name = '{PERIODIC}'")
    for statement in drop_definer(*DROPPED):
        op.execute(statement)
    for table, verbs, rows in GRANTS:
        if rows:
            op.execute(f"DROP POLICY erasure ON {table}")
        op.execute(f"REVOKE {verbs} ON {table} FROM app_definer")
    for name in ("evidence_years", "privacy_contact"):
        op.drop_column("firm_profile", name)
    for name in ("ix_member_held", "ix_member_gone"):
        op.drop_index(name, "member")
    for name in ("held_until", "erased_at"):
        op.drop_column("member", name)
    op.execute("DROP TABLE erasure, correction_request")

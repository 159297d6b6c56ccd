"""Programmes are edited in versions, offered for a time, imported, tailored to one client, and shown to the public."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.policies import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("programme", "programme_version", "offer")
FALSE, EMPTY = sa.text("false"), sa.text("''")
# What anybody may know of a firm: never its bank, nor what documents alone say.
FACTS = (
    "firm_id, id, legal_name, legal_form, capital_cents, siret, vat_number, activity_number, activity_region, street, postcode,"
    " city, email, phone, website, logo, colour, vat_regime, is_catalogue_public"
)
# What anybody may know of a session that the firm shows: no way in, no video link.
DATES = "firm_id, id, version_id, kind, state, language, is_public, starts_at, ends_at, time_zone, venue, address"
SHOWN = """firm_id = app_firm() AND visibility = 'public' AND state = 'published' AND EXISTS (SELECT 1 FROM firm_profile f
  WHERE f.firm_id = app_firm() AND f.is_catalogue_public)"""
SHOWN_BEFORE = "firm_id = app_firm() AND visibility = 'public' AND state = 'published'"
SHOWN_SESSION = """firm_id = app_firm() AND is_public AND kind = 'inter' AND state IN ('open', 'confirmed')
  AND EXISTS (SELECT 1 FROM programme_version v WHERE v.firm_id = app_firm() AND v.id = training_session.version_id)"""
SHOWN_SLOT = """firm_id = app_firm() AND EXISTS (SELECT 1 FROM training_session t WHERE t.firm_id = app_firm()
  AND t.id = slot.session_id)"""
READABLE = """firm_id = app_firm() AND (EXISTS (SELECT 1 FROM offer o WHERE o.firm_id = app_firm()
  AND o.workspace_id = app_workspace() AND o.version_id = programme_version.id{live})
  OR EXISTS (SELECT 1 FROM session_link l JOIN training_session t ON t.firm_id = l.firm_id AND t.id = l.session_id
  WHERE l.firm_id = app_firm() AND l.workspace_id = app_workspace() AND t.version_id = programme_version.id))"""
# A programme made for one client is offered to nobody else, and no session of it opened to anybody else.
FOR_OTHERS = """firm_id = app_firm() AND NOT EXISTS (SELECT 1 FROM programme p WHERE p.firm_id = app_firm()
  AND p.id = offer.programme_id AND p.tailored_for <> offer.workspace_id)"""
LINKED_TO_OTHERS = """firm_id = app_firm() AND NOT EXISTS (SELECT 1 FROM training_session t
  JOIN programme_version v ON v.firm_id = t.firm_id AND v.id = t.version_id
  JOIN programme p ON p.firm_id = v.firm_id AND p.id = v.programme_id
  WHERE t.firm_id = app_firm() AND t.id = session_link.session_id AND p.tailored_for <> session_link.workspace_id)"""
RIGHTS = [
    "DROP POLICY public ON programme",
    f"CREATE POLICY public ON programme FOR SELECT TO ctx_public USING ({SHOWN})",
    "DROP POLICY workspace ON programme_version",
    f"CREATE POLICY workspace ON programme_version FOR SELECT TO ctx_workspace USING ({READABLE.format(live=' AND o.ended_at IS NULL')})",
    "GRANT DELETE ON programme, programme_version TO ctx_firm",
    "REVOKE SELECT ON firm_profile FROM ctx_public",
    f"GRANT SELECT ({FACTS}) ON firm_profile TO ctx_public",
    f"GRANT SELECT ({DATES}) ON training_session TO ctx_public",
    f"CREATE POLICY public ON training_session FOR SELECT TO ctx_public USING ({SHOWN_SESSION})",
    "GRANT SELECT ON slot TO ctx_public",
    f"CREATE POLICY public ON slot FOR SELECT TO ctx_public USING ({SHOWN_SLOT})",
]
for _table, _rule in (("offer", FOR_OTHERS), ("session_link", LINKED_TO_OTHERS)):
    RIGHTS += [
        f"CREATE POLICY tailored_{name} ON {_table} AS RESTRICTIVE FOR {verb} TO ctx_firm {using} WITH CHECK ({_rule})"
        for name, verb, using in (("new", "INSERT", ""), ("changed", "UPDATE", "USING (firm_id = app_firm())"))
    ]
RIGHTS += protect("programme_import", firm="siu")


def _fold(text: str) -> str:
    for ligature, letters in (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"), ("ø", "o"), ("Ø", "o")):
        text = text.replace(ligature, letters)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def upgrade() -> None:
    op.add_column("firm_profile", sa.Column("is_catalogue_public", sa.Boolean(), server_default=FALSE, nullable=False))
    op.add_column("training_session", sa.Column("is_public", sa.Boolean(), server_default=FALSE, nullable=False,
                                                comment="shown in the public catalogue"))  # fmt: skip
    op.create_check_constraint("public", "training_session", "NOT is_public OR kind = 'inter'")
    op.add_column("programme", sa.Column("slug", sa.Text(), nullable=True))
    op.add_column("programme", sa.Column("searched", sa.Text(), server_default=EMPTY, nullable=False))
    op.add_column("programme", sa.Column("tailored_for", sa.Uuid(), nullable=True,
                                         comment="the only workspace it may be offered to"))  # fmt: skip
    for column in _version_columns():
        op.add_column("programme_version", column)
    op.add_column("offer", sa.Column("programme_id", sa.Uuid(), nullable=True))
    op.add_column("offer", sa.Column("title", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.add_column("offer", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("offer", sa.Column("until_on", sa.Date(), nullable=True))
    _as_owner(_fill)
    _keys()
    op.create_table(
        "programme_import",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'applied')", name=op.f("ck_programme_import_state")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_programme_import_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f("pk_programme_import")),
    )
    for statement in RIGHTS:
        op.execute(statement)


def _version_columns() -> list[sa.Column[Any]]:
    now = sa.text("now()")
    return [
        sa.Column("languages", postgresql.JSONB(), server_default=sa.text("'[\"fr\"]'::jsonb"), nullable=False, comment="it is given in"),
        sa.Column("searched", sa.Text(), server_default=EMPTY, nullable=False, comment="titles and summaries, folded"),
        sa.Column("is_newest", sa.Boolean(), server_default=FALSE, nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=FALSE, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("edited_by", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("published_by", sa.Text(), server_default=EMPTY, nullable=False),
    ]  # fmt: skip


def _as_owner(work: Any) -> None:
    """Row-level security binds the owner of the tables too, except here."""
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    work()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _fill() -> None:
    """What the new columns say of the programmes that are there."""
    op.execute("UPDATE programme SET visibility = 'offered' WHERE visibility = 'tailored'")
    op.execute(
        "UPDATE programme p SET slug = s.slug || CASE WHEN s.n > 1 THEN '-' || s.n ELSE '' END FROM ("
        "SELECT firm_id, id, slug, row_number() OVER (PARTITION BY firm_id, slug ORDER BY id) AS n FROM (SELECT firm_id, id,"
        " coalesce(nullif(trim(both '-' from regexp_replace(lower(reference), '[^a-z0-9]+', '-', 'g')), ''), 'programme') AS slug"
        " FROM programme) q) s WHERE s.firm_id = p.firm_id AND s.id = p.id"
    )
    op.execute(
        "UPDATE programme_version v SET is_newest = v.number = n.newest, is_current = coalesce(v.number = n.current, false) FROM ("
        "SELECT firm_id, programme_id, max(number) AS newest, max(number) FILTER (WHERE published_at IS NOT NULL) AS current"
        " FROM programme_version GROUP BY 1, 2) n WHERE n.firm_id = v.firm_id AND n.programme_id = v.programme_id"
    )
    op.execute(
        "UPDATE offer o SET programme_id = v.programme_id FROM programme_version v"
        " WHERE v.firm_id = o.firm_id AND v.id = o.version_id"
    )
    connection = op.get_bind()
    for firm_id, row_id, reference in connection.execute(sa.text("SELECT firm_id, id, reference FROM programme")).all():
        values = {"said": _fold(reference), "firm": firm_id, "id": row_id}
        connection.execute(sa.text("UPDATE programme SET searched = :said WHERE firm_id = :firm AND id = :id"), values)
    rows = connection.execute(sa.text("SELECT firm_id, id, title, texts FROM programme_version")).all()
    for firm_id, row_id, title, texts in rows:
        said = [both.get(code, "") for both in (title, texts.get("summary", {})) for code in ("fr", "en")]
        texts["modules"] = [_with_content(module) for module in texts.get("modules", [])]
        values = {"said": _fold(" ".join(said)), "texts": json.dumps(texts), "firm": firm_id, "id": row_id}
        update = "UPDATE programme_version SET searched = :said, texts = CAST(:texts AS jsonb) WHERE firm_id = :firm AND id = :id"
        connection.execute(sa.text(update), values)


def _with_content(module: dict[str, Any]) -> dict[str, Any]:
    """A module's points become its content, one a line."""
    points = module.get("points", [])
    content = {code: "\n".join(point[code] for point in points if point.get(code)) for code in ("fr", "en")}
    return {"title": module.get("title", {}), "content": module.get("content") or {c: t for c, t in content.items() if t}}


def _with_points(module: dict[str, Any]) -> dict[str, Any]:
    lines = {code: text.splitlines() for code, text in module.get("content", {}).items()}
    longest = max((len(said) for said in lines.values()), default=0)
    points = [{code: said[n] for code, said in lines.items() if n < len(said)} for n in range(longest)]
    return {"title": module.get("title", {}), "points": points}


def _keys() -> None:
    op.alter_column("programme", "slug", nullable=False)
    op.alter_column("offer", "programme_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_programme_firm_id_tailored_for"), "programme", "workspace", ["firm_id", "tailored_for"], ["firm_id", "id"]
    )
    op.create_unique_constraint(op.f("uq_programme_firm_id_slug"), "programme", ["firm_id", "slug"])
    op.create_check_constraint("tailored", "programme", "(visibility = 'tailored') = (tailored_for IS NOT NULL)")
    op.create_unique_constraint(
        op.f("uq_programme_version_firm_id_programme_id_id"), "programme_version", ["firm_id", "programme_id", "id"]
    )
    for name in ("newest", "current"):
        op.create_index(
            f"uq_programme_version_{name}", "programme_version", ["firm_id", "programme_id"], unique=True,
            postgresql_where=sa.text(f"is_{name}"),
        )  # fmt: skip
    op.drop_constraint("uq_offer_firm_id_workspace_id_version_id", "offer")
    op.drop_constraint("fk_offer_firm_id_version_id", "offer")
    op.create_foreign_key(
        op.f("fk_offer_firm_id_programme_id_version_id"), "offer", "programme_version",
        ["firm_id", "programme_id", "version_id"], ["firm_id", "programme_id", "id"],
    )  # fmt: skip
    op.create_unique_constraint(
        op.f("uq_offer_firm_id_workspace_id_programme_id"), "offer", ["firm_id", "workspace_id", "programme_id"]
    )
    op.create_index(op.f("ix_offer_firm_id_programme_id"), "offer", ["firm_id", "programme_id"])
    op.create_check_constraint("dates", "offer", "until_on >= starts_on")


def downgrade() -> None:
    op.execute("DROP TABLE programme_import")
    for table in ("offer", "session_link"):
        for name in ("new", "changed"):
            op.execute(f"DROP POLICY tailored_{name} ON {table}")
    for table in ("slot", "training_session", "programme"):
        op.execute(f"DROP POLICY public ON {table}")
    op.execute(f"CREATE POLICY public ON programme FOR SELECT TO ctx_public USING ({SHOWN_BEFORE})")
    op.execute("DROP POLICY workspace ON programme_version")
    op.execute(f"CREATE POLICY workspace ON programme_version FOR SELECT TO ctx_workspace USING ({READABLE.format(live='')})")
    op.execute("REVOKE DELETE ON programme, programme_version FROM ctx_firm")
    op.execute("REVOKE SELECT ON slot FROM ctx_public")
    op.execute(f"REVOKE SELECT ({DATES}) ON training_session FROM ctx_public")
    op.execute(f"REVOKE SELECT ({FACTS}) ON firm_profile FROM ctx_public")
    op.execute("GRANT SELECT ON firm_profile TO ctx_public")
    op.drop_constraint("uq_offer_firm_id_workspace_id_programme_id", "offer")
    op.drop_constraint("fk_offer_firm_id_programme_id_version_id", "offer")
    op.create_foreign_key(
        op.f("fk_offer_firm_id_version_id"), "offer", "programme_version", ["firm_id", "version_id"], ["firm_id", "id"]
    )
    op.create_unique_constraint(
        op.f("uq_offer_firm_id_workspace_id_version_id"), "offer", ["firm_id", "workspace_id", "version_id"]
    )
    for table, columns in (
        ("offer", ("until_on", "starts_on", "title", "programme_id")),
        ("programme_version", tuple(column.name for column in _version_columns())),
        ("training_session", ("is_public",)), ("firm_profile", ("is_catalogue_public",)),
    ):  # fmt: skip
        for column in columns:
            op.drop_column(table, column)
    op.drop_constraint("uq_programme_version_firm_id_programme_id_id", "programme_version")
    _as_owner(_back)
    for column in ("tailored_for", "searched", "slug"):
        op.drop_column("programme", column)


def _back() -> None:
    op.execute("UPDATE programme SET tailored_for = NULL, visibility = 'offered' WHERE visibility = 'tailored'")
    connection = op.get_bind()
    for firm_id, row_id, texts in connection.execute(sa.text("SELECT firm_id, id, texts FROM programme_version")).all():
        texts["modules"] = [_with_points(module) for module in texts.get("modules", [])]
        values = {"texts": json.dumps(texts), "firm": firm_id, "id": row_id}
        connection.execute(
            sa.text("UPDATE programme_version SET texts = CAST(:texts AS jsonb) WHERE firm_id = :firm AND id = :id"), values
        )

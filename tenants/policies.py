"""Row-level security and definer functions as SQL for the migrations, and what the catalogue test allows."""

from __future__ import annotations

from dataclasses import dataclass

FIRM = "firm_id = app_firm()"
WORKSPACE = "firm_id = app_firm() AND workspace_id = app_workspace()"
ALL = "true"
USING = {"platform": ALL, "public": FIRM, "firm": FIRM, "workspace": WORKSPACE, "community": WORKSPACE, "definer": ALL}
VERBS = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

SETTINGS = """
CREATE FUNCTION app_firm() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.firm_id', true), '')::uuid $$;
CREATE FUNCTION app_workspace() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.workspace_id', true), '')::uuid $$;
CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.account_id', true), '')::uuid $$;
"""
SEARCH_PATH = "SET search_path = pg_catalog, public, pg_temp"


@dataclass(frozen=True, slots=True)
class Right:
    """What one role may do with one table: letters of VERBS, and which rows (the role's own rows unless told)."""

    verbs: str
    using: str | None = None
    check: str | None = None


def protect(table: str, **rights: str | Right) -> list[str]:
    """The statements that close `table` to everybody, then open it to the roles named, one plain policy each.

    Keywords are scope names (firm, workspace, community, public, platform) or `definer`; values are letters among
    s(elect) i(nsert) u(pdate) d(elete), or a Right when the rows differ from the scope's own.
    """
    sql = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
    for who, given in rights.items():
        right = given if isinstance(given, Right) else Right(given)
        role = "app_definer" if who == "definer" else f"ctx_{who}"
        using = right.using or USING[who]
        check = right.check or using
        verbs = [VERBS[letter] for letter in right.verbs]
        sql.append(f"GRANT {', '.join(verbs)} ON {table} TO {role}")
        if verbs == ["SELECT"]:
            sql.append(f"CREATE POLICY {who} ON {table} FOR SELECT TO {role} USING ({using})")
        elif verbs == ["INSERT"]:
            sql.append(f"CREATE POLICY {who} ON {table} FOR INSERT TO {role} WITH CHECK ({check})")
        else:
            sql.append(f"CREATE POLICY {who} ON {table} TO {role} USING ({using}) WITH CHECK ({check})")
    return sql


def definer(signature: str, returns: str, body: str, callers: str, volatile: str = "STABLE") -> list[str]:
    """The statements of one definer function: SQL only, search_path pinned, owned by app_definer, callers named."""
    name = signature
    types = ", ".join(part.split()[1] for part in signature.split("(", 1)[1].rstrip(")").split(",") if part.strip())
    plain = f"{name.split('(', 1)[0]}({types})"
    return [
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql {volatile} SECURITY DEFINER {SEARCH_PATH}"
        f" AS $fn$ {body} $fn$",
        f"REVOKE ALL ON FUNCTION {plain} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {plain} TO {callers}",
        f"ALTER FUNCTION {plain} OWNER TO app_definer",
    ]


def drop_definer(*names: str) -> list[str]:
    """Statements that drop functions owned by app_definer (whose member the owner is)."""
    return [f"DROP FUNCTION {name}" for name in names]

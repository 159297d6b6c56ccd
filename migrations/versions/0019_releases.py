"""Seats are released by counting who holds one, and only the firm goes before the line."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from tenants.policies import definer, drop_definer

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MINE = "(public.app_workspace() IS NULL OR l.workspace_id = public.app_workspace())"
LINKED = f"""EXISTS (SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm()
          AND l.session_id = p_session AND {MINE})"""
# How many seats of a session one client holds through a link `l`, while people may come and go.
HELD = """(SELECT count(*) FROM public.enrolment e WHERE e.firm_id = l.firm_id AND e.workspace_id = l.workspace_id
              AND e.link_id = l.id AND e.state IN ('offered', 'seated'))
        + (SELECT count(*) FROM public.placeholder p WHERE p.firm_id = l.firm_id AND p.workspace_id = l.workspace_id
              AND p.link_id = l.id AND p.state = 'held')"""
# The same, once people have come.
EVER_HELD = HELD.replace("('offered', 'seated')", "('offered', 'seated', 'attended', 'absent')")
AHEAD = f"""(SELECT coalesce(sum(least(w.number, greatest(coalesce(l.ceiling - ({HELD}), w.number), 0))), 0)
              FROM public.session_link l JOIN LATERAL (SELECT count(*) AS number FROM public.enrolment q
                WHERE q.firm_id = l.firm_id AND q.workspace_id = l.workspace_id AND q.link_id = l.id
                  AND q.state = 'waiting') w ON w.number > 0
             WHERE l.firm_id = s.firm_id AND l.session_id = s.id)"""
# Nobody says how many seats are free: they are counted, behind the lock that every act on seats takes. A client that
# releases what it does not hold moves nothing, and learns nothing: the answer is the same, whatever others hold.
RELEASE = f"""
    SELECT 1 FROM public.session_seats WHERE firm_id = public.app_firm() AND id = p_session AND {LINKED} FOR UPDATE;
    UPDATE public.session_seats s
       SET taken = (SELECT coalesce(sum({EVER_HELD}), 0) FROM public.session_link l
                     WHERE l.firm_id = s.firm_id AND l.session_id = s.id)
     WHERE s.firm_id = public.app_firm() AND s.id = p_session AND {LINKED} RETURNING true
"""
FORMER_RELEASE = f"""
        UPDATE public.session_seats SET taken = taken - p_freed
         WHERE firm_id = public.app_firm() AND id = p_session AND {LINKED} AND p_freed BETWEEN 1 AND 1000 RETURNING true
        """


def _claim(in_line: str) -> list[str]:
    """claim_seats as in 0016; `in_line`: when a seat may be given to the first of those who wait."""
    body = f"""
    SELECT 1 FROM public.session_seats WHERE firm_id = public.app_firm() AND id = p_session AND EXISTS (
      SELECT 1 FROM public.session_link l WHERE l.firm_id = public.app_firm() AND l.session_id = p_session
         AND l.id = p_link AND {MINE}) FOR UPDATE;
    WITH room AS (
      SELECT s.id, greatest(0, least(p_wanted, s.capacity - s.taken - CASE WHEN {in_line} THEN 0 ELSE {AHEAD} END,
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
    signature = "claim_seats(p_session uuid, p_link uuid, p_wanted integer, p_next boolean)"
    return [
        *drop_definer("claim_seats(uuid, uuid, integer, boolean)"),
        *definer(signature, "integer", body, "ctx_firm, ctx_workspace", "VOLATILE"),
    ]


def _release(former: str, signature: str, body: str) -> list[str]:
    made = definer(signature, "boolean", body, "ctx_firm, ctx_workspace", "VOLATILE")
    return [*drop_definer(former), *made]


def _run(statements: Sequence[str]) -> None:
    for statement in statements:
        op.execute(statement)


def upgrade() -> None:
    _run(_release("release_seats(uuid, integer)", "release_seats(p_session uuid)", RELEASE))
    _run(_claim("p_next AND public.app_workspace() IS NULL"))


def downgrade() -> None:
    _run(_claim("p_next"))
    _run(_release("release_seats(uuid)", "release_seats(p_session uuid, p_freed integer)", FORMER_RELEASE))

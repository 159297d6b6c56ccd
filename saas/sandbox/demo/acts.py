"""What the demo firm's journal tells of its last days: hours ago, who, what, of what, for which client (None: the firm), facts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from saas.kit.clock import now

Act = tuple[int, str, str, str, int | None, dict[str, Any]]
PAPER, WEAR = "Manager engagé : du cap à l’équipe", "Prévenir l’usure dans son équipe"
ACTS: tuple[Act, ...] = (
    (2, "Hélène Roux", "enrolments.made", PAPER, 0, {"seated": 4, "waiting": 1}),
    (3, "Hélène Roux", "member.changed", "Sofia Marchetti", 0, {"fields": ["job_title", "site"]}),
    (5, "Inès Caradec", "attendance.countersigned", PAPER, 2, {}),
    (7, "Constance Delage", "import.applied", "managers-novembre.xlsx", 2, {"create": 23, "update": 6, "same": 41, "fix": 2, "left": 0}),
    (9, "Constance Delage", "people.invited", "23", 2, {"people": []}),
    (22, "Nadia Ferrand", "invoice.issued", "F2026-0008", 3, {}),
    (23, "Nadia Ferrand", "invoice.paid", "F2026-0007", None, {"cents": 552_000, "method": "transfer"}),
    (26, "Camille Lenoir", "staff.limited", "Julie Perrin", None, {"clients": 3}),
    (27, "Marc Oudin", "offer.made", WEAR, 1, {"clients": 1, "price_cents": 98_000}),
    (30, "Julie Perrin", "workspace.created", "Banque Téranne", 4, {}),
    (31, "Julie Perrin", "member.made_hr", "Bertrand Colin", 4, {}),
    (46, "Hélène Roux", "enrolment.substituted", "Paul Vasseur → Manon Benali", 0, {}),
    (50, "Marc Oudin", "session.changed", PAPER, None, {"changed": ["place", "trainers"]}),
    (52, "Hélène Roux", "people.changed", "3", 0,
     {"people": [], "before": {"department": ["Atelier", "Atelier", "Atelier"]}, "became": {"department": "Production"}, "fields": ["department"]}),
    (71, "Hélène Roux", "enrolment.withdrawn", "Karim Haddad", 0, {"fee_cents": 57_500}),
    (74, "Camille Lenoir", "staff.changed", "Marc Oudin", None, {"roles": ["advisor", "trainer"]}),
    (78, "Camille Lenoir", "firm.cancellation", "Equoranda", None, {}),
    (96, "Marc Oudin", "credits.bought", "20", 1, {}),
    (99, "Marc Oudin", "programme.published", "PRE-02", None, {"number": 3}),
    (120, "Hélène Roux", "member.left", "Élodie Garnier", 0, {"on": "2026-10-30"}),
)  # fmt: skip


def lines(spaces: Sequence[UUID], draw: random.Random) -> list[dict[str, object]]:
    """Rows of the journal, from addresses of the documentation's networks (RFC 5737)."""
    return [
        {
            "at": now() - dt.timedelta(hours=hours), "actor_id": None, "actor": actor, "action": action, "subject": subject,
            "subject_id": None, "facts": facts, "workspace_id": None if client is None else spaces[client],
            "request": f"{draw.getrandbits(128):032x}", "network": f"203.0.113.{sum(actor.encode()) % 250 + 1}",
        }
        for hours, actor, action, subject, client, facts in ACTS
    ]  # fmt: skip

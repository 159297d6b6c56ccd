"""Roles that a directory gives, and takes back. In workspace scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import any_, func, select

from saas.identity.models import Member
from saas.identity.sso.commands.connecting import MAPPED
from saas.identity.sso.models import SsoConnection, SsoIdentity
from saas.kit import journal
from tenants.db import db


def apply_roles(connection: SsoConnection | None, identity: SsoIdentity, member: Member, *claim_sets: Mapping[str, Any]) -> None:
    """Give what the claim says now and take back only what this connection had given. The last HR stays HR."""
    if connection is None or not (connection.role_claim or identity.gave):
        return
    wanted = wanted_roles(connection, *claim_sets)
    gained, lost = wanted - set(member.roles), (set(identity.gave) & set(member.roles)) - wanted
    if "hr" in lost and _is_last_hr(member):
        lost.discard("hr")
    after = (set(member.roles) | gained) - lost
    identity.gave = sorted(((set(identity.gave) | gained) - lost) & after)
    if gained or lost:
        member.roles = sorted(after) or ["participant"]
        db.session.flush()
        journal.note("sso.roles", member.name, member.id, gained=sorted(gained), lost=sorted(lost))


def wanted_roles(connection: SsoConnection, *claim_sets: Mapping[str, Any]) -> set[str]:
    """By the connection's own list, from the first claim set that has the claim; what is not in the list is nothing."""
    said = next((claims[connection.role_claim] for claims in claim_sets if connection.role_claim in claims), None)
    values = said if isinstance(said, list) else [said]
    found = {connection.role_map.get(value) for value in values if isinstance(value, str)}
    return {role for role in found if role in MAPPED}


def _is_last_hr(member: Member) -> bool:
    """Whether nobody else is HR of the whole company. The HR are locked: two directories' people may come at once."""
    whole = func.cardinality(Member.hr_sites) == 0, func.cardinality(Member.hr_departments) == 0
    hr = select(Member.id).where(Member.left_at.is_(None), any_(Member.roles) == "hr", *whole).order_by(Member.id)
    return not set(db.session.scalars(hr.with_for_update())) - {member.id}

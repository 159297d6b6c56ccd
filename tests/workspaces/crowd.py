"""People of a client company for tests, and what they are asked through a browser."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from saas.identity.commands.people import add_member
from saas.identity.models import Member
from saas.kit.journal import Journal
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company


def add(company: Company, first: str, last: str = "Roux", address: str | None = "", **more: Any) -> UUID:
    """One person; their address is made of their first name, None: none."""
    with inside(company.scope):
        email = f"{first.lower()}@{company.slug}.example" if address == "" else address
        return add_member(first, last, email, roles=more.pop("roles", ["participant"]), language="en", **more).id


def limit(company: Company, member_id: UUID, sites: list[str], departments: list[str] = []) -> None:  # noqa: B006
    with inside(company.scope):
        values = {"hr_sites": sites, "hr_departments": departments}
        db.session.execute(update(Member).where(Member.id == member_id).values(**values))


def the(company: Company, member_id: UUID) -> dict[str, Any]:
    """A member's row as it stands."""
    with inside(company.scope):
        row = db.session.execute(select(Member.__table__).where(Member.id == member_id)).one()
        return dict(row._mapping)


def acts(company: Company, action: str) -> int:
    with inside(company.scope):
        return db.session.scalar(select(func.count()).where(Journal.action == action)) or 0


def base(company: Company) -> str:
    return f"/{company.firm}/w/{company.slug}/people"


def names(page: str) -> list[str]:
    """The people of the list, in its order."""
    return re.findall(r'<th scope="row">.*?people/[0-9a-f-]{36}">([^<]+)</a>', page, re.DOTALL)

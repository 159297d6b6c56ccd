"""People of a firm and of a client company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.models import Member, Staff, StaffCard, StaffClient
from saas.kit.errors import Refused
from saas.kit.names import email_norm, is_email
from tenants.db import db, new_id
from tenants.scope import current_scope


def add_member(first_name: str, last_name: str, email: str | None, *, roles: list[str], language: str, **more: Any) -> Member:
    """Workspace scope (or firm scope with workspace_id): add a person. Raises Refused on a bad or taken address."""
    if email and not is_email(email):
        raise Refused(_l("Enter an address such as name@company.com."), "email")
    here = Member.workspace_id == (more.get("workspace_id") or current_scope().workspace_id)
    if email and db.session.scalar(select(Member.id).where(here, Member.email_norm == email_norm(email))):
        raise Refused(_l("Somebody in this workspace has this address already."), "email")
    member = Member(
        id=new_id(), first_name=first_name.strip(), last_name=last_name.strip(), roles=roles, language=language,
        name_folded=Member.folded(first_name, last_name), email=email, email_norm=email_norm(email) if email else None,
        **more,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    return member


def add_staff(name: str, email: str, roles: list[str], language: str = "fr", bio: dict[str, str] | None = None) -> Staff:
    """Firm scope: add a person of the firm's staff, with their card."""
    staff = Staff(id=new_id(), email=email, email_norm=email_norm(email), roles=roles, language=language)
    db.session.add(staff)
    db.session.flush()
    db.session.add(StaffCard(id=staff.id, name=name, email=email, bio=bio or {}, trains="trainer" in roles))
    db.session.flush()
    return staff


def look_after(workspace_id: UUID) -> None:
    """Firm scope: whoever is limited to some clients looks after the one they have just opened."""
    if current_scope().clients is not None:
        db.session.add(StaffClient(staff_id=g.viewer.staff_id, workspace_id=workspace_id))
        db.session.flush()

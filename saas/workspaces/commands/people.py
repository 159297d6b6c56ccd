"""Writes about the people of a client company. In workspace scope."""

from __future__ import annotations

from sqlalchemy import select

from saas.identity.commands import add_member, invite_member
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.names import email_norm
from tenants.db import db


def invite_hr(first_name: str, last_name: str, email: str, language: str, invited_by: str) -> Member:
    """Workspace scope: make somebody HR of this client and send them the link; a known person gains the role."""
    known = db.session.scalar(select(Member).where(Member.email_norm == email_norm(email)))
    if known is not None:
        known.roles = sorted({*known.roles, "hr"})
        member = known
    else:
        member = add_member(first_name, last_name, email, roles=["hr"], language=language)
    if member.account_id is None:
        invite_member(member, invited_by)
    journal.note("member.made_hr", member.name, member.id)
    return member

"""The HR contacts of a client: named, invited, invited again, no longer awaited."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.commands.inviting import invite_member, withdraw_invitations
from saas.identity.commands.people import add_member
from saas.identity.models import Invitation, Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm, is_email
from saas.workspaces.policy import must_answer_for_all
from tenants.db import db
from tenants.models import Workspace


def invite_hr(first_name: str, last_name: str, email: str, language: str, invited_by: str) -> Member:
    """Workspace scope: make somebody HR of this client and send them the link; a known person gains the role.

    Raises Refused.
    """
    must_answer_for_all()
    member = db.session.scalar(select(Member).where(Member.email_norm == email_norm(email)))
    if member is not None:
        member.roles = sorted({*member.roles, "hr"})
        member.left_at = None
    else:
        member = add_member(first_name, last_name, email, roles=["hr"], language=language)
    if member.account_id is None:
        invite_member(member, invited_by)
    journal.note("member.made_hr", member.name, member.id)
    return member


def first_hr(workspace: Workspace, first_name: str, last_name: str, email: str, invited_by: str) -> Member:
    """Firm scope: the first HR contact of a client that has just been opened, invited at once. Raises Refused."""
    if not is_email(email):
        raise Refused(_l("Enter an address such as name@company.com."), "hr_email")
    member = add_member(first_name, last_name, email, roles=["hr"], language=workspace.language, workspace_id=workspace.id)
    invite_member(member, invited_by)
    journal.note("member.made_hr", member.name, member.id)
    return member


def resend(member: Member, invited_by: str) -> None:
    """Workspace scope: send an HR contact who has not joined the link again. Raises Refused when they have."""
    _must_be_awaited(member)
    invite_member(member, invited_by)


def revoke(member: Member) -> None:
    """Workspace scope: withdraw an HR contact's invitation, and the role with it: their address alone would open the space.

    Raises Refused when they have joined.
    """
    _must_be_awaited(member)
    withdraw_invitations(Invitation.member_id == member.id)
    others = [role for role in member.roles if role != "hr"]
    if others:
        member.roles = others
    else:
        member.left_at = now()
    journal.note("invitation.revoked", member.name, member.id)
    db.session.flush()


def _must_be_awaited(member: Member) -> None:
    if "hr" not in member.roles:
        raise Refused(_l("%(name)s is no HR contact here.", name=member.name))
    if member.account_id is not None:
        raise Refused(_l("%(name)s has joined already.", name=member.name))

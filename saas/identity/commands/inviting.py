"""Invitations: single-use links that open one membership."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select, update

from saas.identity.commands.links import prove
from saas.identity.models import Invitation, Member, Staff
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.tokens import derived, hashed
from tenants.db import db, new_id
from tenants.queue import later

INVITATION_LIVES = dt.timedelta(days=7)


def invite_member(member: Member, invited_by: str) -> Invitation:
    """Workspace scope: send a member a link that opens their membership."""
    invitation = member_invitation(member, invited_by)
    _send(invitation)
    return invitation


def member_invitation(member: Member, invited_by: str) -> Invitation:
    """The same link, for another mail to carry. Raises Refused without an address."""
    if not member.email_norm:
        raise Refused(_l("%(name)s has no e-mail address: add one first.", name=member.name))
    return _invite(invited_by, member.email_norm, list(member.roles), member_id=member.id, workspace_id=member.workspace_id)


def invite_staff(staff: Staff, invited_by: str) -> Invitation:
    """Firm scope: the same for a person of the firm's staff."""
    invitation = _invite(invited_by, staff.email_norm, list(staff.roles), staff_id=staff.id)
    _send(invitation)
    return invitation


def is_invited(member: Member) -> bool:
    """Whether an invitation of this person still opens."""
    return (
        db.session.scalar(select(Invitation.id).where(Invitation.member_id == member.id, Invitation.still_opens()).limit(1))
        is not None
    )


def withdraw_invitations(whose: ColumnElement[bool]) -> int:
    """End the invitations of a member, a staff row or a workspace that nobody has used; returns how many there were."""
    ended = update(Invitation).where(whose, Invitation.is_awaited()).values(revoked_at=now()).returning(Invitation.id)
    return len(db.session.scalars(ended).all())


def _invite(invited_by: str, address: str, roles: list[str], **whom: UUID) -> Invitation:
    """The invitation that is still open for this person and address, or a new one: a link sent twice works once."""
    column, value = next((getattr(Invitation, k), v) for k, v in whom.items() if k != "workspace_id")
    known = db.session.scalars(
        select(Invitation).where(column == value, Invitation.email_norm == address, Invitation.still_opens()).limit(1)
    ).first()
    if known is not None:
        known.roles = roles
        invitation_token(known)
        return known
    invitation = Invitation(
        id=new_id(), email_norm=address, invited_by=invited_by, roles=roles, expires_at=now() + INVITATION_LIVES, **whom
    )
    invitation_token(invitation)
    db.session.add(invitation)
    db.session.flush()
    return invitation


def _send(invitation: Invitation) -> None:
    later("identity.invitation", invitation_id=invitation.id, asked_by=invitation.invited_by)
    invitation.sent_at = now()
    journal.note("invitation.sent", invitation.email_norm, invitation.member_id or invitation.staff_id)


def invitation_token(invitation: Invitation) -> str:
    """The link's secret, made again from the row; the row keeps its hash, anew when SECRET_KEY has changed since."""
    token = derived("invitation", invitation.id)
    if invitation.token_hash != hashed(token):
        invitation.token_hash = hashed(token)
    return token


def join(token: str) -> UUID:
    """Platform scope: use an invitation; returns the account. Works once, whatever comes at the same moment."""
    address = db.session.scalar(select(func.redeem_invitation(hashed(token))))
    account_id = prove(address) if address else None
    if account_id is None:
        raise Refused(_l("This invitation has been used, has expired or was withdrawn."))
    return account_id

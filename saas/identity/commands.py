"""Writes of identity: proving an address, signing in and out, inviting, joining."""

from __future__ import annotations

import datetime as dt
import secrets
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select, update

from saas.identity.models import (
    Account,
    AccountAddress,
    Invitation,
    Member,
    SignIn,
    SignInCode,
    SignInGrant,
    Staff,
    StaffCard,
    StaffClient,
)
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm, is_email
from saas.kit.tokens import derived, hashed, new_token
from tenants.db import db, new_id
from tenants.queue import later
from tenants.scope import current_scope

CODE_LIVES = dt.timedelta(minutes=15)
INVITATION_LIVES = dt.timedelta(days=14)
SIGN_IN_LIVES = dt.timedelta(days=90)
STAFF_SIGN_IN_LIVES = dt.timedelta(hours=12)

# OWASP password storage cheat sheet: argon2id, t=2, 19 MiB, p=1. Few at once, so that a flood cannot exhaust memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = BoundedSemaphore(4)
_NOBODY = _hasher.hash(secrets.token_hex(16))


def ask_for_link(address: str, language: str, next_page: str) -> None:
    """Platform scope: prepare a sign-in link. Nothing here tells whether anybody has the address; the job decides."""
    code = SignInCode(
        id=new_id(), email_norm=email_norm(address), language=language, next=next_page, expires_at=now() + CODE_LIVES
    )
    code.token_hash = hashed(derived("sign-in", code.id))
    db.session.add(code)
    db.session.flush()
    later("identity.sign_in_link", code_id=code.id)


def use_link(token: str) -> tuple[UUID, str]:
    """Platform scope: the account that a link's address belongs to, and the page to go on to. Works once."""
    row = db.session.execute(
        update(SignInCode)
        .where(SignInCode.token_hash == hashed(token), SignInCode.used_at.is_(None), SignInCode.expires_at > now())
        .values(used_at=now())
        .returning(SignInCode.email_norm, SignInCode.next)
    ).one_or_none()
    account_id = prove(row.email_norm) if row else None
    if row is None or account_id is None:
        raise Refused(_l("This link has been used or is too old. Ask for a new one."))
    return account_id, row.next


def prove(address: str) -> UUID | None:
    """Platform scope: the account of a proved address, with the memberships that were waiting for it. None: nobody's."""
    found: UUID | None = db.session.scalar(select(func.prove_address(email_norm(address), new_id())))
    return found


def check_password(address: str, password: str) -> UUID:
    """Platform scope: the account that this address and password open. Takes as long when there is none."""
    account = db.session.scalar(
        select(Account)
        .join(AccountAddress, AccountAddress.account_id == Account.id)
        .where(AccountAddress.email_norm == email_norm(address))
    )
    stored = account.password_hash if account and account.password_hash else _NOBODY
    with _slots:
        try:
            right: bool = _hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            right = False
    if account is None or not account.password_hash or not right:
        raise Refused(_l("This address and this password do not go together."))
    if _hasher.check_needs_rehash(stored):
        account.password_hash = _hasher.hash(password)
    return account.id


def set_password(account_id: UUID, password: str) -> None:
    """Platform scope: give an account a password."""
    if len(password) < 12:
        raise Refused(_l("Choose at least 12 characters."), "password")
    with _slots:
        db.session.get_one(Account, account_id).password_hash = _hasher.hash(password)


def sign_in(account_id: UUID, method: str, device: str, *, is_staff: bool) -> str:
    """Platform scope: open a sign-in with its grant; returns the cookie's token."""
    token, life = new_token(), STAFF_SIGN_IN_LIVES if is_staff else SIGN_IN_LIVES
    opened = SignIn(id=new_id(), token_hash=hashed(token), account_id=account_id, device=device[:200], expires_at=now() + life)
    db.session.add(opened)
    db.session.flush()
    db.session.add(SignInGrant(sign_in_id=opened.id, method=method))
    return token


def sign_out(token: str) -> None:
    """Platform scope: end the sign-in of this device."""
    db.session.execute(update(SignIn).where(SignIn.token_hash == hashed(token)).values(revoked_at=now()))


def invite_member(member: Member, invited_by: str) -> Invitation:
    """Workspace scope: send a member a link that opens their membership."""
    invitation = member_invitation(member, invited_by)
    _send(invitation)
    return invitation


def member_invitation(member: Member, invited_by: str) -> Invitation:
    """The same link, for another mail to carry. Raises Refused without an address."""
    if not member.email_norm:
        raise Refused(_l("%(name)s has no e-mail address: add one first.", name=member.name))
    return _invite(invited_by, member.email_norm, member_id=member.id, workspace_id=member.workspace_id)


def invite_staff(staff: Staff, invited_by: str) -> Invitation:
    """Firm scope: the same for a person of the firm's staff."""
    invitation = _invite(invited_by, staff.email_norm, staff_id=staff.id)
    _send(invitation)
    return invitation


def withdraw_invitations(whose: ColumnElement[bool]) -> int:
    """End the invitations of a member, a staff row or a workspace that nobody has used; returns how many there were."""
    ended = update(Invitation).where(whose, Invitation.is_awaited()).values(revoked_at=now()).returning(Invitation.id)
    return len(db.session.scalars(ended).all())


def _invite(invited_by: str, address: str, **whom: UUID) -> Invitation:
    """The invitation that is still open for this person and address, or a new one: a link sent twice works once."""
    column, value = next((getattr(Invitation, k), v) for k, v in whom.items() if k != "workspace_id")
    known = db.session.scalars(
        select(Invitation).where(column == value, Invitation.email_norm == address, Invitation.still_opens()).limit(1)
    ).first()
    if known is not None:
        invitation_token(known)
        return known
    invitation = Invitation(id=new_id(), email_norm=address, invited_by=invited_by, expires_at=now() + INVITATION_LIVES, **whom)
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

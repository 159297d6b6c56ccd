"""Writes about the firm's staff: invite, change, limit to clients, remove, take back. In firm scope."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import any_, delete, select
from sqlalchemy.exc import IntegrityError

from saas.identity.commands.inviting import invite_staff, withdraw_invitations
from saas.identity.commands.people import add_staff
from saas.identity.models import STAFF_ROLES, Invitation, Staff, StaffClient
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm, is_email
from tenants.db import db
from tenants.models import Workspace

TAKEN = _l("Somebody of your staff has this address already.")


def invite(name: str, email: str, roles: Collection[str], language: str) -> Staff:
    """Add somebody to the staff and send them the link; whoever left comes back with these roles. Raises Refused."""
    if not is_email(email):
        raise Refused(_l("Enter an address such as name@company.com."), "email")
    known = db.session.scalar(select(Staff).where(Staff.email_norm == email_norm(email)))
    if known is not None and known.left_at is None:
        raise Refused(TAKEN, "email")
    if known is None:
        known = _added(name.strip(), email.strip(), _roles(roles), language)
    else:
        known.left_at, known.language, known.card.name = None, language, name.strip()
        _set_roles(known, roles)
    invite_staff(known, g.viewer.name)
    journal.note("staff.invited", known.card.name, known.id)
    return known


def _added(name: str, email: str, roles: list[str], language: str) -> Staff:
    try:
        with db.session.begin_nested():
            return add_staff(name, email, roles, language)
    except IntegrityError:  # the same form, sent twice at once
        raise Refused(TAKEN, "email") from None


def _roles(roles: Collection[str]) -> list[str]:
    kept = [role for role in STAFF_ROLES if role in roles]
    if not kept:
        raise Refused(_l("Choose at least one role."), "roles")
    return kept


def _set_roles(staff: Staff, roles: Collection[str]) -> None:
    staff.roles = _roles(roles)
    staff.card.trains = "trainer" in staff.roles
    if staff.limited and ("owner" in roles or "advisor" not in roles):
        _open_all_clients(staff)
    db.session.flush()


def _open_all_clients(staff: Staff) -> None:
    db.session.execute(delete(StaffClient).where(StaffClient.staff_id == staff.id))
    staff.limited = False


def change(staff: Staff, *, name: str, roles: Collection[str], language: str, phone: str, bio: dict[str, str]) -> None:
    """Change somebody's roles, language and card. Raises Refused when the firm would be left without an owner."""
    if "owner" in staff.roles and "owner" not in roles:
        _must_not_be_the_last_owner(staff, "roles")
    gains = set(roles) - set(staff.roles)
    _set_roles(staff, roles)
    if gains and staff.account_id is None and staff.left_at is None:
        invite_staff(staff, g.viewer.name)  # the mail they have was for less, and opens nothing any more
    staff.language = language
    staff.card.name, staff.card.phone = name.strip(), phone.strip()
    staff.card.bio = {code: text.strip() for code, text in bio.items() if text.strip()}
    journal.note("staff.changed", staff.card.name, staff.id, roles=staff.roles)


def _must_not_be_the_last_owner(staff: Staff, field: str | None = None) -> None:
    """Owners are locked, in one order, so that two of them cannot leave at the same moment.

    Somebody who has not joined yet is no owner to count on: their address may be mistyped.
    """
    owners = db.session.scalars(
        select(Staff.id)
        .where(any_(Staff.roles) == "owner", Staff.left_at.is_(None), Staff.account_id.is_not(None))
        .order_by(Staff.id)
        .with_for_update()
    ).all()
    if not set(owners) - {staff.id}:
        raise Refused(_l("The firm needs an owner who has joined: make somebody else owner first."), field)


def limit(staff: Staff, workspace_ids: Collection[UUID] | None) -> None:
    """Limit an advisor to some clients, or (None) open all of them again. It holds from their next request on.

    Raises Refused for an owner, for somebody who is no advisor, and for a client that is not of this firm.
    """
    _open_all_clients(staff)
    if workspace_ids is not None:
        staff.limited = True
        if "owner" in staff.roles or "advisor" not in staff.roles:
            raise Refused(_l("Only an advisor who is not an owner is limited to some clients."), "limited")
        known = set(db.session.scalars(select(Workspace.id)))
        if not workspace_ids or not set(workspace_ids) <= known:
            raise Refused(_l("Choose at least one of your clients."), "clients")
        db.session.add_all(StaffClient(staff_id=staff.id, workspace_id=one) for one in dict.fromkeys(workspace_ids))
    db.session.flush()
    journal.note("staff.limited", staff.card.name, staff.id, clients=None if workspace_ids is None else len(workspace_ids))


def send_again(staff: Staff) -> None:
    """Send somebody their invitation again; a new one when the last has ended. Raises Refused for whoever joined or left."""
    if staff.account_id is not None or staff.left_at is not None:
        raise Refused(_l("Only somebody who has not joined yet is invited again."))
    invite_staff(staff, g.viewer.name)


def revoke(staff: Staff) -> None:
    """Withdraw the invitation of somebody who has not joined; doing it twice changes nothing. Raises Refused once they have.

    Their membership ends with it: else a sign-in link to the same address would still let them in.
    """
    if staff.account_id is not None:
        raise Refused(_l("They have joined in the meantime: remove them instead."))
    if staff.left_at is None:
        _end(staff)
        journal.note("invitation.revoked", staff.card.name, staff.id)


def _end(staff: Staff) -> None:
    withdraw_invitations(Invitation.staff_id == staff.id)
    staff.left_at, staff.card.trains = now(), False
    db.session.flush()


def remove(staff: Staff) -> None:
    """End somebody's membership: they are refused everywhere from their next request on. What they did stays.

    Raises Refused for oneself and for the last owner.
    """
    if staff.id == g.viewer.staff_id:
        raise Refused(_l("You cannot remove yourself: ask another owner."))
    if staff.left_at is not None:
        return
    if "owner" in staff.roles:
        _must_not_be_the_last_owner(staff)
    _end(staff)
    journal.note("staff.removed", staff.card.name, staff.id)


def take_back(staff: Staff) -> None:
    """Let somebody who left in again, with the roles they had. They need no invitation when they had joined."""
    if staff.left_at is None:
        return
    staff.left_at, staff.card.trains = None, "trainer" in staff.roles
    db.session.flush()
    if staff.account_id is None:
        invite_staff(staff, g.viewer.name)
    journal.note("staff.taken_back", staff.card.name, staff.id)

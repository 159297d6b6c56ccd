"""Mails of identity, one job each."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.identity.commands.inviting import invitation_token
from saas.identity.commands.links import digits
from saas.identity.models import Invitation, Member, SignIn, SignInCode, Staff
from saas.identity.queries import address_is_known, memberships_of
from saas.identity.sso.queries import connections_for
from saas.kit import mail
from saas.kit.tokens import derived
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job
from tenants.resolver import link


@job("identity.sign_in_link")
def sign_in_link(code_id: str) -> None:
    """Platform scope: send a code, and to enter also a link, if the address is anybody's."""
    code = db.session.get_one(SignInCode, UUID(code_id))
    if code.used_at is not None or not address_is_known(code.email_norm):
        return
    url = link(None, "identity.use_link", token=derived("sign-in", code.id)) if code.purpose == "enter" else ""
    kind = "sign_in" if url else "again"
    ways = [(known.label, link(None, "sso.start", connection_id=known.id)) for known in connections_for(code.email_norm) if url]
    mail.send(("", code.email_norm), code.language, f"identity/mails/{kind}", url=url, digits=digits(code.id), directories=ways)


@job("identity.new_browser")
def new_browser(sign_in_id: str) -> None:
    """Platform scope: tell somebody that their account was opened from a browser they had not used."""
    _tell(sign_in_id, "identity/mails/new_browser")


@job("identity.recovery_used")
def recovery_used(sign_in_id: str) -> None:
    """Platform scope: tell somebody that one of their recovery codes was used."""
    _tell(sign_in_id, "identity/mails/recovery_used")


def _tell(sign_in_id: str, template: str) -> None:
    """Each address under which this sign-in opens something hears of it once."""
    opened = db.session.get(SignIn, UUID(sign_in_id))
    if opened is None:
        return
    known = {m.email: m for m in memberships_of(opened.id) if m.email}
    for address, membership in known.items():
        mail.send(
            (membership.name, address), membership.language, template, at=opened.created_at, device=opened.device,
            network=opened.network, url=link(None, "identity.account"),
        )  # fmt: skip


@job("identity.invitation")
def invitation(invitation_id: str) -> None:
    """Workspace or firm scope: send an invitation that is still open."""
    found = db.session.get_one(Invitation, UUID(invitation_id))
    if found.revoked_at or found.used_at:
        return
    url = link(None, "identity.invitation", token=invitation_token(found))
    firm = db.session.scalars(select(Firm)).one()
    if found.member_id:
        member = db.session.scalars(select(Member).where(Member.id == found.member_id)).one()
        space = db.session.scalars(select(Workspace).where(Workspace.id == found.workspace_id)).one()
        person, language, place = member.name, member.language, space.name
    else:
        staff = db.session.scalars(select(Staff).where(Staff.id == found.staff_id)).one()
        person, language, place = staff.card.name, staff.language, firm.name
    mail.send(
        (person, found.email_norm), language, "identity/mails/invitation",
        sender=firm.name, url=url, place=place, firm_name=firm.name, invited_by=found.invited_by,
    )  # fmt: skip

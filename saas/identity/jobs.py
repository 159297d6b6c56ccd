"""Mails of identity, one job each."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.identity.commands.inviting import invitation_token
from saas.identity.models import Invitation, Member, SignInCode, Staff
from saas.identity.queries import address_is_known
from saas.kit import mail
from saas.kit.tokens import derived
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job
from tenants.resolver import link


@job("identity.sign_in_link")
def sign_in_link(code_id: str) -> None:
    """Platform scope: send a link, if the address is anybody's."""
    code = db.session.get_one(SignInCode, UUID(code_id))
    if code.used_at is None and address_is_known(code.email_norm):
        url = link(None, "identity.use_link", token=derived("sign-in", code.id))
        mail.send(("", code.email_norm), code.language, "identity/mails/sign_in", url=url)


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

"""Certificates and the mail that brings them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.queries.sessions import session
from saas.delivery import commands
from saas.delivery.models import Certificate
from saas.enrolments.models import Enrolment
from saas.kit import mail
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job
from tenants.resolver import link


@job("delivery.certificates")
def certificates(session_id: str) -> None:
    """Firm scope."""
    commands.certify(session(UUID(session_id)))


@job("delivery.certificate_mail")
def certificate_mail(certificate_id: str) -> None:
    """Firm scope: tell a person that their certificate is there."""
    found = db.session.scalars(select(Certificate).where(Certificate.id == UUID(certificate_id))).one()
    row = db.session.scalars(
        select(Enrolment).where(Enrolment.id == found.enrolment_id).options(joinedload(Enrolment.member))
    ).one()
    if not row.member.email:
        return
    firm = db.session.scalars(select(Firm)).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == row.workspace_id)).one()
    url = link(firm.slug, "seats.show", workspace=workspace.slug, enrolment_id=row.id)
    mail.send(
        (row.member.name, row.member.email), row.member.language, "delivery/mails/certificate", sender=firm.name,
        workspace_id=row.workspace_id, url=url, member=row.member, title=found.data["title"],
    )  # fmt: skip

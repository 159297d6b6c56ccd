"""The mail that answers a wish."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import Offer
from saas.enrolments.wishes.models import ProgrammeWish
from saas.kit import mail
from saas.kit.i18n import pick, reader_in
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job
from tenants.resolver import link


@job("enrolments.wish_answered_mail")
def wish_answered_mail(wish_id: str) -> None:
    """Workspace scope: HR has answered; nobody is told who has left, or whose wish moved on since."""
    row = db.session.scalars(
        select(ProgrammeWish)
        .where(ProgrammeWish.id == UUID(wish_id))
        .options(joinedload(ProgrammeWish.member), joinedload(ProgrammeWish.offer).joinedload(Offer.version))
    ).one()
    person = row.member
    if not person.email or person.left_at is not None or row.state not in ("planned", "declined"):
        return
    firm = db.session.scalars(select(Firm)).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == row.workspace_id)).one()
    with reader_in(person.language):
        title = pick(row.offer.version.title)
    mail.send(
        (person.name, person.email), person.language, "enrolments/mails/wish_answered",
        sender=firm.name, workspace_id=row.workspace_id, member=person, row=row, title=title,
        url=link(firm.slug, "wishes.mine", workspace=workspace.slug),
    )  # fmt: skip

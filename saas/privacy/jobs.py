"""Erasing, letting go, and the mails about it: work done later."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.identity.models import Member
from saas.kit import journal, mail
from saas.kit.retention import BATCH, KEPT, purged_in
from saas.privacy.commands import erasing
from saas.privacy.models import Erasure
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job, later
from tenants.resolver import link
from tenants.scope import Kind, Scope, inside


@job("privacy.erase")
def erase(erasure_id: str) -> None:
    """Workspace scope: see saas.privacy.commands.erasing.erase."""
    erasing.erase(UUID(erasure_id))


@job("privacy.end_hold")
def end_hold(member_id: str) -> None:
    """Workspace scope."""
    erasing.end_hold(UUID(member_id))


@job("privacy.drop_account")
def drop_account(account_id: str) -> None:
    """Workspace scope, once the erasure that asked for it has committed; it works in the platform's."""
    erasing.drop_account(UUID(account_id))


@job("privacy.refused_mail")
def refused_mail(erasure_id: str) -> None:
    """Workspace scope: tell a person that their erasure was refused. The reason is read on the page."""
    row = db.session.scalars(select(Erasure).where(Erasure.id == UUID(erasure_id))).one()
    person = db.session.scalars(select(Member).where(Member.id == row.member_id)).one()
    if row.state != "refused" or not person.email:
        return
    firm = db.session.scalars(select(Firm)).one()
    slug = db.session.scalars(select(Workspace.slug).where(Workspace.id == person.workspace_id)).one()
    url = link(firm.slug, "me.erasure", workspace=slug)
    mail.send(
        (person.name, person.email), person.language, "privacy/mails/refused", sender=firm.name, url=url,
        record=mail.Record(member_id=person.id, workspace_id=person.workspace_id),
    )  # fmt: skip


@job("privacy.sweep")
def sweep() -> None:
    """Platform scope, daily: every firm, suspended ones too, lets go of what it has kept long enough; and so does the platform."""
    for entry in purged_in(Kind.PLATFORM):
        later("privacy.purge", key=entry.key)
    for firm_id in db.session.scalars(select(Firm.id)):
        with inside(Scope.firm(firm_id)):
            for entry in purged_in(Kind.FIRM):
                later("privacy.purge", key=entry.key)


@job("privacy.purge")
def purge(key: str, so_far: int = 0) -> None:
    """Firm or platform scope: let go of a batch of one kind of thing; a full one asks for the next, in its own transaction.

    The total is a line of the journal, when there was anything.
    """
    entry = KEPT.get(key)
    if entry is None or entry.purge is None:
        return
    number = entry.purge(entry.before(), BATCH)
    if number >= BATCH:
        later("privacy.purge", key=key, so_far=so_far + number)
    elif so_far + number:
        journal.note("retention.purged", key=key, number=so_far + number)

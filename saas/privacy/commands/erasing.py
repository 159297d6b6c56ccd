"""Erasing a person: one transaction a membership, in workspace scope, that may run again.

It starts with the features on top, so that each still finds whom it is about; then what they wrote down on the way goes, and
the member's row last. What the law
keeps is left as it is, and goes with the last hold.
"""

from __future__ import annotations

from smtplib import SMTPException
from uuid import UUID, uuid4

import structlog
from flask_babel import gettext as _
from sqlalchemy import func, select

from saas.identity.models import Member
from saas.kit import journal, mail
from saas.kit.clock import now, today
from saas.kit.i18n import reader_in
from saas.kit.personal import REGISTRY, Erasing, in_order
from saas.privacy import queries
from saas.privacy.models import Erasure
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import later
from tenants.scope import Scope, inside

log = structlog.get_logger()


def erase(erasure_id: UUID) -> None:
    """Take away all of a person that no law keeps. Done twice, it does nothing more."""
    erasure = db.session.scalar(select(Erasure).where(Erasure.id == erasure_id).with_for_update())
    if erasure is None or erasure.state != "accepted":
        return
    row = db.session.scalars(select(Member).where(Member.id == erasure.member_id).with_for_update()).one()
    person, how = queries.as_person(row), _how(row, with_posts=erasure.with_posts)
    holds = queries.holds(person)
    _say_so(row)
    for part in in_order():
        if part.erase is not None:
            part.erase(person, how)
    row.held_until = max((hold.until for hold in holds if hold.names), default=None)
    erasure.state, erasure.done_at = "done", now()
    db.session.flush()
    until = row.held_until.isoformat() if row.held_until else ""
    journal.note("member.erased", "", row.id, origin=erasure.origin, held_until=until)
    if person.account_id is not None:
        later("privacy.drop_account", account_id=person.account_id)


def _how(row: Member, *, with_posts: bool) -> Erasing:
    """In the language of the space: what stays is read by its people."""
    language = db.session.scalar(select(Workspace.language).where(Workspace.id == row.workspace_id)) or "fr"
    called = row.name if queries.is_nobody_elses(row) else ""
    with reader_in(language):
        return Erasing(_("Erased person"), _("Former member"), _("Removed at the author's request."), with_posts, called, uuid4())


def _say_so(row: Member) -> None:
    """Tell the person before their address goes. A mail server that is away keeps nobody from being erased."""
    if not row.email:
        return
    firm = db.session.scalars(select(Firm)).one()
    record = mail.Record(member_id=row.id, workspace_id=row.workspace_id)
    try:
        mail.send(
            (row.name, row.email), row.language, "privacy/mails/erased", sender=firm.name, record=record, firm_name=firm.name
        )
    except (OSError, SMTPException) as error:
        log.warning("the mail that tells of an erasure did not leave", error=type(error).__name__)


def end_hold(member_id: UUID) -> None:
    """What named an erased person until the last hold ended goes too."""
    row = db.session.scalar(select(Member).where(Member.id == member_id).with_for_update())
    if row is None or row.erased_at is None or row.held_until is None or row.held_until >= today():
        return
    person = queries.as_person(row)
    longest = max((hold.until for hold in queries.holds(person) if hold.names), default=None)
    if longest is not None and longest >= today():
        row.held_until = longest  # the firm keeps its proofs longer than it did
        return
    for part in reversed(REGISTRY.parts):
        if part.end is not None:
            part.end(person)
    row.held_until = None
    db.session.flush()
    journal.note("member.hold_ended", "", row.id)


def drop_account(account_id: UUID) -> None:
    """An account that leads to nothing any more goes, with its addresses and sign-ins. In the platform's scope."""
    with inside(Scope.platform()):
        db.session.scalar(select(func.forget_account(account_id)))

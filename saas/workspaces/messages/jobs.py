"""Mails that say there is a message. They never carry it: it is read on the page."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.kit import mail
from saas.workspaces.messages import queries
from saas.workspaces.messages.models import DeskMessage
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job
from tenants.resolver import link


def _of(message_id: str) -> tuple[DeskMessage, Workspace, Firm]:
    message = db.session.scalars(select(DeskMessage).where(DeskMessage.id == UUID(message_id))).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == message.workspace_id)).one()
    return message, workspace, db.session.scalars(select(Firm)).one()


@job("workspaces.message_mail")
def message_mail(subject_id: str) -> None:
    """Firm scope: a client wrote; whoever looks after it is told."""
    message, workspace, firm = _of(subject_id)
    if message.settled_at is not None:
        return
    url = link(firm.slug, "messages.index", workspace=workspace.slug)
    for reader in queries.readers(workspace):
        mail.send(
            (reader.card.name, reader.email), reader.language, "workspaces/mails/message",
            sender=firm.name, workspace_id=workspace.id, url=url, by=message.by, place=workspace.name,
        )  # fmt: skip


@job("workspaces.answer_mail")
def answer_mail(message_id: str) -> None:
    """Workspace scope: the firm wrote; the client's HR are told."""
    message, workspace, firm = _of(message_id)
    url = link(firm.slug, "messages.index", workspace=workspace.slug)
    for reader in queries.hr_to_tell():
        mail.send(
            (reader.name, reader.email or ""), reader.language, "workspaces/mails/message",
            sender=firm.name, workspace_id=workspace.id, url=url, by=message.by, place=firm.name,
        )  # fmt: skip

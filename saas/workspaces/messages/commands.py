"""Writing to the firm, or to a client's HR. In workspace scope."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from saas.identity.models import StaffCard
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.journal import actor_name
from saas.workspaces.messages.models import DeskMessage
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.queue import later

MOST = 4000


def write(workspace_id: UUID, text: str, member_id: UUID | None) -> DeskMessage:
    """Write a message: the client's when a member writes, else the firm's, which answers what waited. Raises Refused."""
    text = text.strip()
    if not text:
        raise Refused(_l("Write a message."), "text")
    if len(text) > MOST:
        raise Refused(_l("At most 4,000 characters."), "text")
    message = DeskMessage(
        id=new_id(), workspace_id=workspace_id, side="client" if member_id else "firm", member_id=member_id, by=actor_name(),
        text=text,
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    if member_id is None:
        settle()
        later("workspaces.answer_mail", message_id=message.id)
    else:
        _tell_the_firm(message.id)
    journal.note("message.written", "", message.id)
    return message


def _tell_the_firm(message_id: UUID) -> None:
    """In firm scope, which knows who looks after this client."""
    row_id = new_id()
    if db.session.scalar(select(func.upward("workspaces.message_mail", message_id, row_id))):
        db.session.info.setdefault("pushes", []).append(row_id)


def settle() -> int:
    """What the client wrote is answered, or needs no answer; returns how many messages waited."""
    waiting = update(DeskMessage).where(DeskMessage.side == "client", DeskMessage.settled_at.is_(None))
    return len(db.session.scalars(waiting.values(settled_at=now()).returning(DeskMessage.id)).all())


def look_after(client: Workspace, card: StaffCard | None) -> None:
    """Firm scope: say who of the staff a client writes to; None: the owners."""
    client.advisor_id = card.id if card else None
    journal.note("client.advisor", card.name if card else "", client.id)
    db.session.flush()

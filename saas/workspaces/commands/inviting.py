"""Invitations of people, one or thousands at a time. In workspace scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update

from saas.identity.commands.inviting import INVITATION_LIVES, invitation_token, withdraw_invitations
from saas.identity.models import Invitation, Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.tokens import hashed
from saas.workspaces.queries.people import in_state, invitations
from tenants.db import db, new_id
from tenants.queue import later

# A second click within this time sends nothing, unless somebody asks for it.
QUIET = dt.timedelta(hours=24)
CHUNK = 500
TABLE: Any = Invitation.__table__


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Of some people: how many would be sent an invitation, and why the others would not."""

    all: int
    sent: int
    recent: int
    joined: int
    without_address: int


def is_recent(invitation: Invitation | None) -> bool:
    """Whether somebody got an open invitation within the last 24 hours."""
    return _opens(invitation) and invitation is not None and (invitation.sent_at or invitation.created_at) > now() - QUIET


def _opens(invitation: Invitation | None) -> bool:
    return bool(
        invitation and not invitation.used_at and not invitation.revoked_at and invitation.expires_at > now()
    )  # fmt: skip


def reckon(who: Select[Member]) -> Reckoning:
    """What inviting these people would do, in one statement."""
    people = who.order_by(None).where(Member.left_at.is_(None)).with_only_columns(Member.id, Member.account_id, Member.email_norm)
    some, lately = people.subquery(), _recently()
    waiting = some.c.account_id.is_(None) & some.c.email_norm.is_not(None)
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(waiting),
            func.count().filter(waiting & some.c.id.in_(lately)),
            func.count().filter(some.c.account_id.is_not(None)),
        ).select_from(some)
    ).one()
    return Reckoning(row[0], row[1] - row[2], row[2], row[3], row[0] - row[1] - row[3])


def _recently() -> Select[UUID | None]:
    last = func.coalesce(Invitation.sent_at, Invitation.created_at)
    return select(Invitation.member_id).where(Invitation.still_opens(), last > now() - QUIET, Invitation.member_id.is_not(None))


def invite_all(who: Select[Member], invited_by: str, *, again: bool = False) -> int:
    """Send an invitation to whom it opens something; returns how many. `again` sends to those of the last 24 hours too.

    The people are locked first, so that a second click waits, sees that they have theirs, and sends nothing.
    """
    waiting = in_state("").self_group() & Member.account_id.is_(None) & Member.email_norm.is_not(None)
    found = (
        who.order_by(None)
        .where(waiting)
        .with_only_columns(Member.id, Member.email_norm, Member.first_name, Member.last_name, Member.roles)
    )
    rows = db.session.execute(found.order_by(Member.id).with_for_update(of=Member)).all()
    known = _open([row.id for row in rows])
    rows = [row for row in rows if again or not is_recent(known.get(row.id))]
    sent = [known[row.id].id for row in rows if row.id in known]
    theirs = select(Member.roles).where(Member.id == Invitation.member_id, Member.workspace_id == Invitation.workspace_id)
    db.session.execute(
        update(Invitation)
        .where(Invitation.id.in_(sent))
        .values(sent_at=now(), expires_at=now() + INVITATION_LIVES, roles=theirs.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    sent += _made([(row.id, row.email_norm, row.roles) for row in rows if row.id not in known], invited_by)
    for start in range(0, len(sent), CHUNK):
        later("workspaces.send_invitations", invitation_ids=[str(i) for i in sent[start : start + CHUNK]])
    if len(rows) == 1:
        journal.note("invitation.sent", f"{rows[0].first_name} {rows[0].last_name}".strip(), rows[0].id)
    elif rows:
        journal.note("people.invited", str(len(rows)), new_id(), people=[str(row.id) for row in rows])
    return len(rows)


def _open(member_ids: Sequence[UUID]) -> dict[UUID, Invitation]:
    return {i: invitation for i, invitation in invitations(member_ids).items() if _opens(invitation)}


def _made(people: Sequence[tuple[UUID, str, list[str]]], invited_by: str) -> list[UUID]:
    """New invitations, in one statement; returns their ids."""
    made = []
    for member_id, address, roles in people:
        invitation = Invitation(id=new_id(), member_id=member_id, email_norm=address, invited_by=invited_by)
        made.append(
            {
                "id": invitation.id, "member_id": member_id, "email_norm": address, "invited_by": invited_by, "roles": roles,
                "token_hash": hashed(invitation_token(invitation)), "expires_at": now() + INVITATION_LIVES, "sent_at": now(),
            }
        )  # fmt: skip
    if made:
        db.session.execute(insert(TABLE), made)
    return [row["id"] for row in made]  # type: ignore[misc]


def revoke_all(member_ids: Sequence[UUID]) -> int:
    """End the open invitations of these people; returns how many there were."""
    return withdraw_invitations(Invitation.member_id.in_(member_ids))


def revoke(person: Member) -> int:
    """End somebody's open invitations: the links sent open nothing any more."""
    ended = revoke_all([person.id])
    if ended:
        journal.note("invitation.revoked", person.name, person.id)
    return ended

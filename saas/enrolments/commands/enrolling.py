"""Asking for seats and giving them: one, many, a manager's request and HR's answer, and taking a whole act back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, g, has_request_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select

from saas.catalogue.models import SessionLink
from saas.enrolments.commands import credits
from saas.enrolments.commands.steps import (
    claim,
    free_seats,
    lock_members,
    lock_sessions,
    must_be,
    must_be_open,
    new_enrolment,
    step,
    tell,
)
from saas.enrolments.models import SHOWN, Enrolment, EnrolmentBatch, EnrolmentEvent
from saas.enrolments.queries import conflicts
from saas.enrolments.wishes import commands as wishes
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.i18n import pick
from saas.kit.journal import actor_name
from saas.workspaces.queries.firm import cancellation_terms
from tenants.db import db, new_id
from tenants.queue import later_each

EVENTS: Any = EnrolmentEvent.__table__


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of people who were to be enrolled. `clashing` have another seat at that hour; `already` were in."""

    seated: list[Enrolment]
    waiting: list[Enrolment]
    already: list[Member]
    clashing: list[Member]
    no_seat: list[Member]
    batch: EnrolmentBatch | None = None


def enrol(
    link: SessionLink, members: Sequence[Member], *, waits: bool = True, party_id: UUID | None = None, undoable: bool = False
) -> Enrolled:
    """Enrol people: those for whom there is a seat, then (`waits`) those who wait, in the order given.

    Whoever is in already, or has a seat elsewhere at that hour, is left as they are and named in the answer. `undoable`:
    the mails leave when the time to undo is over. Raises Refused when the session takes no more enrolments.
    """
    must_be_open(link.session)
    lock_members(member.id for member in members)
    claim(link, 0)  # locks the session: what is read from here on stays so
    known = _known(link, members)
    clashing = {i for i, clash in conflicts.of(link.session_id, [m.id for m in members]).items() if clash.is_wall}
    new = [m for m in members if m.id not in known and m.id not in clashing]
    # A manager's own request is answered by being enrolled.
    asked = [row for row in known.values() if row.state == "requested" and row.member_id not in clashing]
    granted = claim(link, len(new) + len(asked))
    terms = cancellation_terms() if new else []
    for row in asked:
        row.billing_party_id = party_id or row.billing_party_id
    wanted = [*asked, *[new_enrolment(link, member.id, terms, party_id) for member in new]]
    seated, rest = wanted[:granted], wanted[granted:]
    waiting, left_out = (rest, []) if waits else ([], rest)
    batch = _batch(link) if undoable and (seated or waiting) else None
    _write(seated, waiting, batch)
    wishes.meet(link.session, [row.member_id for row in (*seated, *waiting)])
    if seated or waiting:
        journal.note(
            "enrolments.made", link.session.version.title.get("fr", ""), link.id, seated=len(seated), waiting=len(waiting)
        )
    credits.spend(seated)  # last: until the end, nobody else of this client spends
    chosen = {row.member_id for row in wanted}
    names = {m.id: m for m in members}
    return Enrolled(
        seated, waiting, [m for m in members if m.id in known and m.id not in chosen | clashing],
        [m for m in members if m.id in clashing], [names[row.member_id] for row in left_out if row.member_id in names], batch,
    )  # fmt: skip


def _known(link: SessionLink, members: Sequence[Member]) -> dict[UUID, Enrolment]:
    """What these people have in a session already, locked: a request may be answered, or taken back, at this moment."""
    here = select(Enrolment).where(
        Enrolment.link_id == link.id, Enrolment.member_id.in_([m.id for m in members]), Enrolment.state.in_(SHOWN)
    )
    rows = db.session.scalars(here.order_by(Enrolment.id).with_for_update(), execution_options={"populate_existing": True})
    return {row.member_id: row for row in rows}


def _batch(link: SessionLink) -> EnrolmentBatch:
    window = dt.timedelta(seconds=current_app.config["UNDO_SECONDS"])
    batch = EnrolmentBatch(
        id=new_id(), workspace_id=link.workspace_id, link_id=link.id, by=actor_name(), undo_until=now() + window,
        account_id=g.viewer.account_id if has_request_context() else None,
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    return batch


def _write(seated: Sequence[Enrolment], waiting: Sequence[Enrolment], batch: EnrolmentBatch | None) -> None:
    """Write many enrolments with their first step and their mails, in a few statements."""
    moment, actor = now(), actor_name()
    for row in (*seated, *waiting):
        row.batch_id = batch.id if batch else None
    for row in seated:
        row.state, row.seated_at = "seated", moment
    for row in waiting:
        row.state, row.queued_at = "waiting", moment
    db.session.add_all([*seated, *waiting])
    db.session.flush()
    steps = [
        {
            "id": new_id(),
            "workspace_id": row.workspace_id,
            "enrolment_id": row.id,
            "at": moment,
            "actor": actor,
            "step": row.state,
        }
        for row in (*seated, *waiting)
    ]
    if steps:
        db.session.execute(insert(EVENTS), steps)
    due = batch.undo_until if batch else None
    for kind, rows in (("seated", seated), ("waiting", waiting)):
        later_each(f"enrolments.{kind}_mail", "enrolment_id", [row.id for row in rows], due=due)


def undo(batch: EnrolmentBatch) -> int:
    """Take an act of enrolling back, within its time and before anything left; returns how many enrolments went.

    Those that moved on since (taken over, given back) stay. Raises Refused when the time is over.
    """
    db.session.refresh(batch, with_for_update=True)
    if batch.undone_at is not None:
        raise Refused(_l("This is undone already."))
    if batch.undo_until <= now():
        raise Refused(_l("It is too late to undo this: people have been told."))
    batch.undone_at = now()
    session_id = db.session.scalars(select(SessionLink.session_id).where(SessionLink.id == batch.link_id)).one()
    lock_sessions([session_id])
    rows = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.batch_id == batch.id, Enrolment.state.in_(("seated", "waiting")))
        .order_by(Enrolment.id)
        .with_for_update()
    ).all()
    # A manager's own request was answered by this act: it waits for an answer again.
    asked = set(
        db.session.scalars(
            select(EnrolmentEvent.enrolment_id).where(
                EnrolmentEvent.enrolment_id.in_([row.id for row in rows]), EnrolmentEvent.step == "requested"
            )
        )
    )
    seats = sum(row.state == "seated" for row in rows)
    for row in rows:
        if row.covered:
            credits.give_back(row)
        step(row, "requested" if row.id in asked else "withdrawn", "undone")
        if row.id in asked:
            row.queued_at = row.seated_at = None
    free_seats(session_id, seats)
    journal.note("enrolments.undone", "", batch.link_id, people=len(rows))
    return len(rows)


def must_not_overlap(link: SessionLink, member_ids: Sequence[UUID], leaving: Enrolment | None = None) -> None:
    """Raises Refused when one of these people has a seat at the hours of a session, but for the one they are leaving."""
    for clash in conflicts.of(link.session_id, member_ids, but=leaving.id if leaving else None).values():
        if clash.is_wall:
            raise Refused(_("%(name)s has a seat at that hour: “%(title)s”.", name=clash.name, title=pick(clash.title)))


def request(link: SessionLink, member: Member) -> Enrolment:
    """A manager asks for a seat; HR decides. Asking again changes nothing."""
    must_be_open(link.session)
    claim(link, 0)
    known = _known(link, [member]).get(member.id)
    if known is not None:
        return known
    must_not_overlap(link, [member.id])
    row = new_enrolment(link, member.id, cancellation_terms())
    db.session.add(row)
    db.session.flush()
    step(row, "requested")
    tell("requested", row)
    return row


def approve(row: Enrolment) -> None:
    """HR says yes to a request: a seat when there is one, else the waiting list."""
    lock_members([row.member_id])
    must_be_open(row.link.session)
    granted = claim(row.link, 1)
    must_be(row, "requested")
    must_not_overlap(row.link, [row.member_id])
    step(row, "seated" if granted else "waiting", "approved")
    credits.spend([row] if granted else [])
    wishes.meet(row.link.session, [row.member_id])
    tell("approved" if granted else "waiting", row)  # a place in line is no seat: its mail says so


def refuse(row: Enrolment, reason: str) -> None:
    """HR says no to a request, with a reason."""
    must_be(row, "requested")
    row.reason = reason
    step(row, "refused")
    tell("refused", row)

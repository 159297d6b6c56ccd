"""What an import does to the members: apply, undo, invite. Each in one transaction, so that it happens whole and once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, func, insert, select, update

from saas.identity.models import Invitation, Member
from saas.kit import journal, progress
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.workspaces.commands.inviting import invite_all, revoke_all
from saas.workspaces.imports.commands import TABLE, must_be, rejudge
from saas.workspaces.models import ImportRow, PeopleImport
from saas.workspaces.signals import members_in_use, members_left
from tenants.db import db
from tenants.queue import later

UNDO = dt.timedelta(minutes=30)
CHUNK = 1000
MEMBER: Any = Member.__table__
# Nobody is a member of a zone, or signed in, by an address that has not been proved.
UNLINKED = {"account_id": None}


def apply(draft: PeopleImport) -> None:
    """Job: make and update the members, in one transaction; invitations wait out the undo. A second copy does nothing."""
    if draft.state != "applying":
        return
    rejudge(draft, {})
    rows = _rows(draft, ("create", "update"))
    created = [row for row in rows if row.verdict == "create"]
    updated = [row for row in rows if row.verdict == "update"]
    for start in range(0, len(created), CHUNK):
        progress.tell(draft.id, start, len(rows))
        db.session.execute(insert(MEMBER), [_made(row) for row in created[start : start + CHUNK]])
    moved = [row.member_id for row in updated if "email" in row.before]
    _end_zones(moved)
    revoke_all(moved)
    for number, row in enumerate(updated):
        if number % 100 == 0:
            progress.tell(draft.id, len(created) + number, len(rows))
        _set(row.member_id, _changes(row))
    left = _let_leave(draft)
    draft.details = {**draft.details, "left": [str(member_id) for member_id in left]}
    draft.state, draft.applied_at, draft.undo_until = "applied", now(), now() + UNDO
    journal.note("import.applied", draft.filename, draft.id, left=len(left), **draft.counts)
    later("workspaces.invite_imported", due=draft.undo_until, import_id=draft.id)


def _rows(draft: PeopleImport, verdicts: Sequence[str]) -> Sequence[Any]:
    columns = [TABLE.c[name] for name in ("id", "verdict", "values", "before", "member_id")]
    mine = (TABLE.c.firm_id == draft.firm_id) & (TABLE.c.workspace_id == draft.workspace_id) & (TABLE.c.import_id == draft.id)
    return db.session.execute(select(*columns).where(mine, TABLE.c.verdict.in_(verdicts)).order_by(TABLE.c.line)).all()


def _made(row: Any) -> dict[str, Any]:
    """A new member's columns. They take the id of their row, so that an undo knows them."""
    return {"id": row.id, **_columns(row.values)}


def _changes(row: Any) -> dict[str, Any]:
    changed = _columns({name: row.values[name] for name in row.before if name != "left"} | _names(row.values))
    if "left" in row.before:
        changed["left_at"] = None
    return changed | (UNLINKED if "email" in row.before else {})


def _names(values: Mapping[str, str]) -> dict[str, str]:
    return {"first_name": values["first_name"], "last_name": values["last_name"]}


def _columns(values: Mapping[str, str]) -> dict[str, Any]:
    """A row's values as the member's columns."""
    out: dict[str, Any] = {name: value for name, value in values.items() if name != "left_on"}
    if "email" in out:
        out["email_norm"] = email_norm(out["email"]) or None
        out["email"] = out["email"] or None
    if "employee_number" in out:
        out["employee_number"] = out["employee_number"] or None
    if "entered_on" in out:
        out["entered_on"] = dt.date.fromisoformat(out["entered_on"]) if out["entered_on"] else None
    if "first_name" in out and "last_name" in out:
        out["name_folded"] = Member.folded(out["first_name"], out["last_name"])
    return out


def _set(member_id: UUID | None, values: dict[str, Any]) -> None:
    db.session.execute(update(Member).where(Member.id == member_id).values(**values))


def _end_zones(member_ids: Iterable[UUID | None]) -> None:
    """Before a link is dropped or a person leaves: what was theirs in the community closes at once."""
    ids = list(member_ids)
    if ids:
        db.session.scalar(select(func.end_zones(ids)))


def _let_leave(draft: PeopleImport) -> list[UUID]:
    """Those who were chosen to leave, if they are still here."""
    chosen = [UUID(member_id) for member_id in draft.leavers]
    if not chosen:
        return []
    met = select(ImportRow.member_id).where(ImportRow.import_id == draft.id, ImportRow.verdict.in_(("update", "same")))
    here = select(Member.id).where(Member.id.in_(chosen), Member.left_at.is_(None), Member.id.not_in(met.where(
        ImportRow.member_id.is_not(None))))  # fmt: skip
    left = list(db.session.scalars(here))
    _end_zones(left)
    members_left.send(db, member_ids=left)
    revoke_all(left)
    db.session.execute(update(Member).where(Member.id.in_(left)).values(left_at=now()))
    return left


def note_failure(draft: PeopleImport, *, dead: bool) -> None:
    """After a failed try: the page says so; after the last one, a person may ask again."""
    if draft.state == "applying":
        draft.details = {**draft.details, "trouble": now().isoformat()}
        draft.state = "failed" if dead else draft.state


def undo(draft: PeopleImport) -> int:
    """Take an applied import back within 30 minutes; returns how many people stay because they are used already."""
    must_be(draft, "applied")
    if draft.undo_until is None or draft.undo_until <= now():
        raise Refused(_l("The 30 minutes are over: this import can no longer be undone."))
    rows = _rows(draft, ("create", "update"))
    created = {row.id for row in rows if row.verdict == "create"}
    used = _used(created)
    for start in range(0, len(created), CHUNK):
        some = list(created - used)[start : start + CHUNK]
        db.session.execute(delete(Member).where(Member.id.in_(some)))
    updated = [row for row in rows if row.verdict == "update"]
    _end_zones(row.member_id for row in updated if "email" in row.before or "left" in row.before)
    for row in updated:
        _set(row.member_id, _as_before(row))
    came_back = [UUID(member_id) for member_id in draft.details.get("left", ())]
    db.session.execute(update(Member).where(Member.id.in_(came_back)).values(left_at=None))
    draft.state, draft.undo_until = "undone", None
    journal.note("import.undone", draft.filename, draft.id, kept=len(used))
    return len(used)


def _used(created: Collection[UUID]) -> set[UUID]:
    """Those of the new people who are enrolled, or have joined by an invitation sent by hand."""
    used = set(db.session.scalars(select(Member.id).where(Member.id.in_(created), Member.account_id.is_not(None))))
    for _receiver, ids in members_in_use.send(db, member_ids=created):
        used |= ids
    return used


def _as_before(row: Any) -> dict[str, Any]:
    before = {name: value for name, value in row.before.items() if name != "left"}
    values = _columns({**_names(row.values), **before})
    if "left" in row.before:
        values["left_at"] = dt.datetime.fromisoformat(row.before["left"])
    return values | (UNLINKED if "email" in row.before else {})


def send_now(draft: PeopleImport, asked_by: str) -> None:
    """End the undo window and invite at once."""
    must_be(draft, "applied")
    draft.undo_until = now()
    later("workspaces.invite_imported", import_id=draft.id, asked_by=asked_by)


def invite_imported(draft: PeopleImport) -> None:
    """Job: invite whom an import made, once, when its undo window is over; what it no longer needs is forgotten."""
    if draft.state != "applied" or draft.details.get("invited") or (draft.undo_until and draft.undo_until > now()):
        return
    draft.details = {**draft.details, "invited": True}
    made = select(ImportRow.id).where(ImportRow.import_id == draft.id, ImportRow.verdict == "create")
    # Whoever was enrolled meanwhile carries an invitation in that mail already.
    invited = select(Invitation.member_id).where(Invitation.member_id.is_not(None), Invitation.revoked_at.is_(None))
    invite_all(select(Member).where(Member.id.in_(made), Member.id.not_in(invited)), draft.created_by)
    forget = (
        update(TABLE)
        .where(TABLE.c.firm_id == draft.firm_id, TABLE.c.workspace_id == draft.workspace_id)
        .where(TABLE.c.import_id == draft.id, TABLE.c.verdict.in_(bindparam("done", expanding=True)))
        .values(cells=[])
    )
    db.session.execute(forget, {"done": ["create", "update", "same"]})

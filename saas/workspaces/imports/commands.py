"""The acts of an import: stage, map, fix, apply, undo. Nothing is a member before apply."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from saas.identity.commands import invite_member
from saas.identity.models import Invitation, Member
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.workspaces.imports import columns
from saas.workspaces.imports.judging import Judged, Known, judge
from saas.workspaces.imports.reading import Table
from saas.workspaces.models import ImportRow, PeopleImport
from saas.workspaces.signals import members_in_use
from tenants.db import db, new_id
from tenants.queue import later

UNDO = dt.timedelta(minutes=30)


def stage(table: Table, filename: str, language: str, created_by: str) -> PeopleImport:
    """Keep a file's rows beside the members, with what would happen to each."""
    draft = PeopleImport(
        id=new_id(), filename=filename, headers=table.headers, details=table.details | {"language": language},
        mapping=columns.guess(table.headers, _remembered(table.headers)), created_by=created_by,
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    _write(draft, [(line, cells, {}) for line, cells in table.rows])
    return draft


def _remembered(headers: list[str]) -> Mapping[str, int]:
    """The mapping a person settled on for a file with the same headers."""
    last = db.session.scalars(
        select(PeopleImport)
        .where(PeopleImport.state.in_(("applied", "undone")), PeopleImport.headers == headers)
        .order_by(PeopleImport.created_at.desc())
        .limit(1)
    ).first()
    return last.mapping if last else {}


def remap(draft: PeopleImport, mapping: dict[str, int]) -> None:
    """Judge the file again with the columns a person chose. Raises Refused without a name."""
    draft.mapping = mapping
    if not ({"first_name", "last_name"} <= mapping.keys() or "full_name" in mapping):
        raise Refused(_l("Say which column holds the names."), "last_name")
    _rejudge(draft, {})


def fix(draft: PeopleImport, changes: Mapping[UUID, dict[str, str]]) -> None:
    """Correct rows in place; what the file said is kept. Raises Refused once the import has left the draft."""
    _must_be(draft, "draft")
    _rejudge(draft, changes)


def _must_be(draft: PeopleImport, state: str) -> None:
    if draft.state != state:
        raise Refused(_l("This import has moved on: reload the page."))


def _rejudge(draft: PeopleImport, changes: Mapping[UUID, dict[str, str]]) -> None:
    rows = db.session.execute(
        select(ImportRow.id, ImportRow.line, ImportRow.cells, ImportRow.fixes)
        .where(ImportRow.import_id == draft.id)
        .order_by(ImportRow.line)
    ).all()
    staged = [(row.line, row.cells, {**row.fixes, **changes.get(row.id, {})}) for row in rows]
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == draft.id))
    _write(draft, staged, [row.id for row in rows])


def _write(draft: PeopleImport, rows: list[tuple[int, list[str], dict[str, str]]], ids: Sequence[UUID] | None = None) -> None:
    judged = judge(rows, draft.mapping, known_people(), draft.details["language"])
    row_ids = ids or [new_id() for _ in judged]
    for start in range(0, len(judged), 2000):
        chunk = zip(row_ids[start : start + 2000], judged[start : start + 2000], strict=True)
        db.session.execute(insert(ImportRow.__table__), [_staged(draft.id, i, row) for i, row in chunk])  # type: ignore[arg-type]
    draft.counts = dict(Counter(row.verdict for row in judged))


def _staged(import_id: UUID, row_id: UUID, row: Judged) -> dict[str, Any]:
    return {
        "id": row_id, "import_id": import_id, "line": row.line, "cells": row.cells, "fixes": row.fixes,
        "values": row.values, "verdict": row.verdict, "problems": [p.plain() for p in row.problems],
        "member_id": row.member_id, "before": row.before,
    }  # fmt: skip


def known_people() -> list[Known]:
    """The people who are here, as the judge compares them. Says nothing of accounts."""
    rows = db.session.execute(
        select(
            Member.id, Member.first_name, Member.last_name, Member.email_norm, Member.employee_number, Member.department,
            Member.site, Member.job_title, Member.line_manager, Member.language, Member.entered_on,
        )
    )  # fmt: skip
    return [
        Known(
            r.id,
            {
                "first_name": r.first_name, "last_name": r.last_name, "email": r.email_norm or "",
                "employee_number": r.employee_number or "", "department": r.department, "site": r.site,
                "job_title": r.job_title, "line_manager": r.line_manager, "language": r.language,
                "entered_on": r.entered_on.isoformat() if r.entered_on else "",
            },
        )
        for r in rows
    ]  # fmt: skip


def ask_to_apply(draft: PeopleImport, asked_by: str) -> None:
    """Send the valid rows on their way. Asking twice does it once."""
    moved = db.session.execute(
        update(PeopleImport)
        .where(PeopleImport.id == draft.id, PeopleImport.state == "draft")
        .values(state="applying")
        .returning(PeopleImport.id)
    ).one_or_none()
    if moved:
        later("workspaces.apply_import", import_id=draft.id, asked_by=asked_by)


def apply(draft: PeopleImport) -> None:
    """Job: make and update the members, in one transaction; invitations wait out the undo."""
    _must_be(draft, "applying")
    _rejudge(draft, {})
    rows = db.session.scalars(
        select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.verdict.in_(("create", "update")))
    ).all()
    created = [row for row in rows if row.verdict == "create"]
    for row in created:
        row.member_id = new_id()
    for start in range(0, len(created), 2000):
        people = [{"id": row.member_id, **_columns(row.values)} for row in created[start : start + 2000]]
        db.session.execute(insert(Member.__table__), people)  # type: ignore[arg-type]
    for row in rows:
        if row.verdict == "update":
            changed = _columns({name: row.values[name] for name in row.before} | _names(row.values))
            _set(row.member_id, changed, moved="email" in row.before)
    draft.state, draft.applied_at, draft.undo_until = "applied", now(), now() + UNDO
    journal.note("import.applied", draft.filename, draft.id, **draft.counts)
    later("workspaces.invite_imported", due=draft.undo_until, import_id=draft.id)


def _names(values: Mapping[str, str]) -> dict[str, str]:
    return {"first_name": values["first_name"], "last_name": values["last_name"]}


def _set(member_id: UUID | None, values: dict[str, Any], *, moved: bool) -> None:
    # A new address never moves a sign-in: the link is dropped until the person proves the address.
    extra: dict[str, Any] = {"account_id": None} if moved else {}
    db.session.execute(update(Member).where(Member.id == member_id).values(**values, **extra))


def _columns(values: Mapping[str, str]) -> dict[str, Any]:
    """A row's values as the member's columns."""
    out: dict[str, Any] = dict(values)
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


def undo(draft: PeopleImport) -> int:
    """Take an applied import back within 30 minutes; returns how many people stay because they are used already."""
    _must_be(draft, "applied")
    if draft.undo_until is None or draft.undo_until <= now():
        raise Refused(_l("The 30 minutes are over: this import can no longer be undone."))
    rows = db.session.scalars(select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.member_id.is_not(None))).all()
    created = {row.member_id for row in rows if row.verdict == "create"}
    used: set[UUID] = set()
    for _, ids in members_in_use.send(db, member_ids=created):
        used |= ids
    db.session.execute(delete(Member).where(Member.id.in_(created - used)))
    for row in rows:
        if row.verdict == "update":
            _set(row.member_id, _columns({**_names(row.values), **row.before}), moved="email" in row.before)
    draft.state, draft.undo_until = "undone", None
    journal.note("import.undone", draft.filename, draft.id, kept=len(used))
    return len(used)


def send_now(draft: PeopleImport, asked_by: str) -> None:
    """End the undo window and invite at once."""
    _must_be(draft, "applied")
    draft.undo_until = now()
    later("workspaces.invite_imported", import_id=draft.id, asked_by=asked_by)


def invite_imported(draft: PeopleImport) -> None:
    """Job: invite whom an import made, once, when its undo window is over."""
    if draft.state != "applied" or draft.details.get("invited") or (draft.undo_until and draft.undo_until > now()):
        return
    draft.details = {**draft.details, "invited": True}
    made = select(ImportRow.member_id).where(ImportRow.import_id == draft.id, ImportRow.verdict == "create")
    # Whoever was enrolled meanwhile carries an invitation in that mail already.
    invited = select(Invitation.member_id).where(Invitation.member_id.is_not(None), Invitation.revoked_at.is_(None))
    waiting = Member.account_id.is_(None) & Member.left_at.is_(None) & Member.email_norm.is_not(None)
    for member in db.session.scalars(select(Member).where(waiting, Member.id.in_(made), Member.id.not_in(invited))):
        invite_member(member, draft.created_by)

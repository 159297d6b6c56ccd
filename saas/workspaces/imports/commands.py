"""The acts of an import before it is applied: stage, map, fix, choose who leaves. Nothing is a member yet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, insert, select, update

from saas.identity.models import Member
from saas.identity.viewer import Perimeter
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.workspaces.imports import columns
from saas.workspaces.imports.judging import Judge, Judged
from saas.workspaces.imports.meeting import Known
from saas.workspaces.imports.queries import limits_of
from saas.workspaces.imports.tables import Table
from saas.workspaces.imports.vocabulary import key
from saas.workspaces.models import ImportRow, PeopleImport
from tenants.db import db, new_id
from tenants.queue import later

DRAFTS_LIVE = dt.timedelta(days=7)
CHUNK = 2000
TABLE: Any = ImportRow.__table__
JUDGEMENT = ("fixes", "values", "verdict", "problems", "member_id", "before")


def stage(table: Table, filename: str, language: str, created_by: str, perimeter: Perimeter | None = None) -> PeopleImport:
    """Keep a file's rows beside the members, with what would happen to each."""
    perimeter = perimeter or Perimeter()
    db.session.execute(delete(PeopleImport).where(PeopleImport.state == "draft", PeopleImport.created_at < now() - DRAFTS_LIVE))
    sample = [cells for _, cells in table.rows[: columns.SAMPLE]]
    draft = PeopleImport(
        id=new_id(), filename=filename, headers=table.headers, created_by=created_by,
        mapping=columns.guess(table.headers, sample, _remembered()),
        details={
            **table.details, "language": language, "sites": sorted(perimeter.sites), "departments": sorted(perimeter.departments)
        },
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    judged = _judge(draft).judge((line, cells, {}) for line, cells in table.rows)
    rows = [{"id": new_id(), "import_id": draft.id, "line": r.line, "cells": r.cells, **_judgement(r)} for r in judged]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(TABLE), rows[start : start + CHUNK])
    draft.counts = dict(Counter(row.verdict for row in judged))
    return draft


def _remembered() -> dict[str, str | None]:
    """What people of this client settled on for headers of earlier files: a field, or None for a column left out."""
    found: dict[str, str | None] = {}
    settled = select(PeopleImport.headers, PeopleImport.mapping).where(PeopleImport.state.in_(("applied", "undone")))
    for headers, mapping in db.session.execute(settled.order_by(PeopleImport.created_at).limit(30)):
        fields = {column: field for field, column in mapping.items()}
        found |= {key(header): fields.get(column) for column, header in enumerate(headers) if header}
    return found


def _judge(draft: PeopleImport) -> Judge:
    return Judge(draft.mapping, known_people(), draft.details["language"], draft.headers, limits_of(draft))


def _judgement(row: Judged) -> dict[str, Any]:
    return {
        "fixes": row.fixes, "values": row.values, "verdict": row.verdict, "problems": [p.plain() for p in row.problems],
        "member_id": row.member_id, "before": row.before,
    }  # fmt: skip


def known_people() -> list[Known]:
    """The people who are or were here, as the judge compares them. Says nothing of accounts."""
    names = ("first_name", "last_name", "department", "site", "job_title", "line_manager", "language")
    plain = [getattr(Member, name) for name in names]
    rows = db.session.execute(
        select(Member.id, Member.email_norm, Member.employee_number, Member.entered_on, Member.left_at, *plain)
    )
    return [
        Known(
            r.id,
            {
                **{name: getattr(r, name) for name in names}, "email": r.email_norm or "",
                "employee_number": r.employee_number or "", "entered_on": r.entered_on.isoformat() if r.entered_on else "",
            },
            r.left_at.isoformat() if r.left_at else "",
        )
        for r in rows
    ]  # fmt: skip


def remap(draft: PeopleImport, mapping: dict[str, int]) -> None:
    """Judge the file again with the columns a person chose. Raises Refused without a name, or once it is applied."""
    must_be(draft, "draft")
    if not ({"first_name", "last_name"} <= mapping.keys() or "full_name" in mapping or "email" in mapping):
        raise Refused(_l("Say which column holds the names."), "last_name")
    draft.mapping = mapping
    rejudge(draft, {})


def fix(draft: PeopleImport, changes: Mapping[UUID, dict[str, str]]) -> None:
    """Correct rows in place; what the file said is kept. Raises Refused once the import has left the draft."""
    must_be(draft, "draft")
    rejudge(draft, changes)


def accept(draft: PeopleImport, code: str) -> int:
    """Take every suggestion of one kind at once; returns how many."""
    must_be(draft, "draft")
    rows = db.session.execute(
        select(ImportRow.id, ImportRow.problems).where(
            ImportRow.import_id == draft.id, ImportRow.problems.contains([{"code": code}])
        )
    )
    changes = {
        row.id: {p["field"]: p["suggestion"] for p in row.problems if p["code"] == code and p["suggestion"] is not None}
        for row in rows
    }
    rejudge(draft, changes)
    return sum(1 for change in changes.values() if change)


def choose_leavers(draft: PeopleImport, chosen: Iterable[UUID]) -> None:
    """Say who of the people that the file does not name has left. Nobody leaves unless somebody says so."""
    must_be(draft, "draft")
    draft.leavers = sorted({str(member_id) for member_id in chosen})


def must_be(draft: PeopleImport, *states: str) -> None:
    if draft.state not in states:
        raise Refused(_l("This import has moved on: reload the page."))


def rejudge(draft: PeopleImport, changes: Mapping[UUID, dict[str, str]]) -> None:
    """Judge all rows again, since each may meet another; write those whose fate has changed."""
    columns_ = [TABLE.c[name] for name in ("id", "line", "cells", *JUDGEMENT)]
    mine = (TABLE.c.firm_id == draft.firm_id) & (TABLE.c.workspace_id == draft.workspace_id) & (TABLE.c.import_id == draft.id)
    rows = db.session.execute(select(*columns_).where(mine).order_by(TABLE.c.line)).all()
    judged = _judge(draft).judge((row.line, row.cells, {**row.fixes, **changes.get(row.id, {})}) for row in rows)
    changed = []
    for row, fate in zip(rows, judged, strict=True):
        said = _judgement(fate)
        if any(said[name] != getattr(row, name) for name in JUDGEMENT):
            changed.append({"row_id": row.id, **said})
    _update(draft, changed)
    draft.counts = dict(Counter(row.verdict for row in judged))


def _update(draft: PeopleImport, changed: Sequence[dict[str, Any]]) -> None:
    statement = (
        update(TABLE)
        .where(TABLE.c.firm_id == draft.firm_id, TABLE.c.workspace_id == draft.workspace_id, TABLE.c.id == bindparam("row_id"))
        .values({name: bindparam(name) for name in JUDGEMENT})
    )
    for start in range(0, len(changed), CHUNK):
        db.session.execute(statement, changed[start : start + CHUNK])
    db.session.expire_all()


def ask_to_apply(draft: PeopleImport, asked_by: str) -> None:
    """Send the valid rows on their way. Asking twice does it once; after a failure it is asked for again."""
    moved = db.session.execute(
        update(PeopleImport)
        .where(PeopleImport.id == draft.id, PeopleImport.state.in_(("draft", "failed")))
        .values(state="applying")
        .returning(PeopleImport.id)
    ).one_or_none()
    if moved:
        later("workspaces.apply_import", import_id=draft.id, asked_by=asked_by)

"""Reads of imports, in workspace scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import Select, case, select

from saas.workspaces.models import ImportRow, PeopleImport
from tenants.db import db

FILTERS = {"fix": ("fix",), "ready": ("create", "update"), "same": ("same",), "skip": ("skip",)}


def people_import(import_id: UUID) -> PeopleImport:
    """One import. 404 when there is none here."""
    found = db.session.scalar(select(PeopleImport).where(PeopleImport.id == import_id))
    if found is None:
        abort(404)
    return found


def rows(draft: PeopleImport, verdict: str) -> Select[ImportRow]:
    """The rows of a filter, those to correct first, then as in the file."""
    statement = select(ImportRow).where(ImportRow.import_id == draft.id)
    if verdict in FILTERS:
        statement = statement.where(ImportRow.verdict.in_(FILTERS[verdict]))
    return statement.order_by(case((ImportRow.verdict == "fix", 0), else_=1), ImportRow.line)


def all_rows(draft: PeopleImport, verdicts: tuple[str, ...]) -> Sequence[ImportRow]:
    found = select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.verdict.in_(verdicts))
    return db.session.scalars(found.order_by(ImportRow.line)).all()


def samples(draft: PeopleImport) -> list[list[str]]:
    """Three rows of the file, to check the columns by."""
    found = select(ImportRow.cells).where(ImportRow.import_id == draft.id).order_by(ImportRow.line).limit(3)
    return list(db.session.scalars(found))


def recent() -> Sequence[PeopleImport]:
    """The last imports of this client."""
    return db.session.scalars(select(PeopleImport).order_by(PeopleImport.created_at.desc()).limit(3)).all()

"""Writes of a catalogue from a file: keep its lines, correct them, make programmes and versions of them. In firm scope."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from saas.catalogue.commands import programmes, versions
from saas.catalogue.commands.versions import Wording
from saas.catalogue.intake.judging import judge, wanted
from saas.catalogue.intake.vocabulary import FIELDS, columns
from saas.catalogue.models import Programme, ProgrammeImport, ProgrammeVersion
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import slugify
from saas.workspaces.commands.clients import free_slug
from saas.workspaces.imports.tables import Table
from tenants.db import db, new_id

MOST = 1_000


def stage(table: Table, filename: str, created_by: str) -> ProgrammeImport:
    """Keep the lines of a file, each with what would happen to it. Raises Refused when it names no programme, or too many."""
    if len(table.rows) > MOST:
        raise Refused(_l("This file has more than 1,000 lines. Split it."), "file")
    found = columns(table.headers)
    if not found.keys() & {"title_fr", "title_en"} and "reference" not in found:
        raise Refused(_l("No column of this file is a programme's title or reference: call one “Title” or “Intitulé”."), "file")
    rows = [{"line": line, "cells": cells, "fixes": {}, "verdict": "", "version": ""} for line, cells in table.rows]
    draft = ProgrammeImport(id=new_id(), filename=filename, headers=table.headers, rows=rows, created_by=created_by)
    draft.rows = _judged(draft)
    db.session.add(draft)
    db.session.flush()
    return draft


def _judged(draft: ProgrammeImport) -> list[dict[str, Any]]:
    """The lines as they stand now, as a copy: a value that is changed in place is never written."""
    rows = deepcopy(draft.rows)
    judge(rows, columns(draft.headers), _known())
    return rows


def _known() -> dict[str, ProgrammeVersion]:
    """The newest version of each programme, by its reference in lower case."""
    statement = (
        select(ProgrammeVersion)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.is_newest)
        .options(contains_eager(ProgrammeVersion.programme))
    )
    return {version.programme.reference.lower(): version for version in db.session.scalars(statement)}


def fix(draft: ProgrammeImport, changes: Mapping[int, Mapping[str, str]]) -> None:
    """Take a person's corrections, by line and field, and judge again. Raises Refused once the file is taken in."""
    if draft.state != "draft":
        raise Refused(_l("These programmes are in your catalogue already."))
    draft.rows = [{**row, "fixes": row["fixes"] | _allowed(changes.get(row["line"], {}))} for row in draft.rows]
    draft.rows = _judged(draft)
    db.session.flush()


def _allowed(said: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name in (*FIELDS, "skip")}


def apply(draft: ProgrammeImport, *, publish: bool) -> tuple[int, int]:
    """Make programmes and versions of the lines that are good: (created, new versions). Twice does nothing more.

    They are drafts, or published at once: new programmes are seen by the clients they are offered to, nobody else.
    """
    programmes.one_at_a_time()
    db.session.refresh(draft, with_for_update=True)
    if draft.state != "draft":
        return 0, 0
    known, rows = _known(), deepcopy(draft.rows)
    judge(rows, columns(draft.headers), known)
    new = [row for row in rows if row["verdict"] == "create"]
    changed = [row for row in rows if row["verdict"] == "version"]
    if not new and not changed:
        raise Refused(_l("No line brings anything as it is."))
    made = _create(new, publish=publish)
    for row in changed:
        before = known[" ".join(row["values"]["reference"].split()).lower()]
        version = versions.save(before, wanted(row["values"], known, []), before.revision)
        if publish:
            versions.publish(version)
        row["version"] = str(version.id)
    for row, version in zip(new, made, strict=True):
        row["version"] = str(version.id)
    for row in (*new, *changed):
        row["was"], row["verdict"] = row["verdict"], "done"
    draft.rows, draft.state = rows, "applied"
    journal.note("programmes.imported", draft.filename, draft.id, created=len(new), versions=len(changed))
    db.session.flush()
    return len(new), len(changed)


def _create(rows: list[dict[str, Any]], *, publish: bool) -> list[ProgrammeVersion]:
    """New programmes, all written in two statements."""
    taken, made = set(db.session.scalars(select(Programme.slug))), []
    for row in rows:
        said: Wording = wanted(row["values"], {}, [])
        versions.check(said)
        slug = free_slug(slugify(said.title.get("fr") or said.title.get("en") or "") or "programme", taken)
        taken.add(slug)
        programme = Programme(
            id=new_id(),
            reference=" ".join(row["values"]["reference"].split()),
            slug=slug,
            state="published" if publish else "draft",
        )
        version = ProgrammeVersion(
            id=new_id(), programme_id=programme.id, number=1, edited_by=journal.actor_name(), is_newest=True, is_current=publish,
            published_at=now() if publish else None, published_by=journal.actor_name() if publish else "", **versions.tidy(said),
        )  # fmt: skip
        db.session.add(programme)
        made.append(version)
    db.session.flush()
    db.session.add_all(made)
    db.session.flush()
    return made

"""Writes of a list of companies: keep it, correct it, create what is good. In firm scope."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.commands.inviting import invite_member
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.names import email_norm, slugify
from saas.workspaces.commands.clients import USUAL_COLOUR, free_slug, one_at_a_time
from saas.workspaces.imports.tables import Table
from saas.workspaces.intake.judging import Known, judge
from saas.workspaces.intake.vocabulary import FIELDS, columns
from saas.workspaces.models import BillingParty, ClientImport
from tenants.db import db, new_id
from tenants.models import Workspace

MOST = 2_000


def stage(table: Table, filename: str, created_by: str) -> ClientImport:
    """Keep the lines of a file, each with what would happen to it. Raises Refused when it names no company, or too many."""
    if len(table.rows) > MOST:
        raise Refused(_l("This file has more than 2,000 lines. Split it."), "file")
    if "name" not in columns(table.headers):
        raise Refused(_l("No column of this file is a company's name: call one “Company” or “Raison sociale”."), "file")
    rows = [{"line": line, "cells": cells, "fixes": {}, "verdict": "", "slug": ""} for line, cells in table.rows]
    draft = ClientImport(id=new_id(), filename=filename, headers=table.headers, rows=rows, created_by=created_by)
    draft.rows = _judged(draft)
    db.session.add(draft)
    db.session.flush()
    return draft


def _judged(draft: ClientImport) -> list[dict[str, Any]]:
    """The lines as they stand now, as a copy: a value that is changed in place is never written."""
    rows = deepcopy(draft.rows)
    judge(rows, columns(draft.headers), _known())
    return rows


def _known() -> Known:
    """The clients that are there, whatever their state."""
    known = Known()
    for name, siren in db.session.execute(select(Workspace.name, Workspace.siren)):
        known.add(name, siren)
    return known


def fix(draft: ClientImport, changes: Mapping[int, Mapping[str, str]]) -> None:
    """Take a person's corrections, by line and field, and judge again. Raises Refused once the list is created."""
    if draft.state != "draft":
        raise Refused(_l("These clients are created already."))
    draft.rows = [{**row, "fixes": row["fixes"] | _allowed(changes.get(row["line"], {}))} for row in draft.rows]
    draft.rows = _judged(draft)
    db.session.flush()


def _allowed(said: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name in (*FIELDS, "skip")}


def apply(draft: ClientImport, created_by: str, language: str) -> int:
    """Create the companies that are good, each with who is invoiced and its HR contact; how many. Twice does nothing more."""
    one_at_a_time()
    db.session.refresh(draft, with_for_update=True)
    if draft.state != "draft":
        return 0
    rows = _judged(draft)
    good = [row for row in rows if row["verdict"] == "create"]
    if not good:
        raise Refused(_l("No line can be created as it is."))
    taken = set(db.session.scalars(select(Workspace.slug)))
    made = [_workspace(row, language, taken) for row in good]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(_party(row["values"], workspace) for row, workspace in zip(good, made, strict=True))
    _invite(good, made, created_by)
    for row, workspace in zip(good, made, strict=True):
        row["verdict"], row["slug"] = "done", workspace.slug
    draft.rows, draft.state = rows, "applied"
    journal.note("clients.imported", draft.filename, draft.id, number=len(made))
    db.session.flush()
    return len(made)


def _workspace(row: dict[str, Any], language: str, taken: set[str]) -> Workspace:
    values = row["values"]
    slug = free_slug(slugify(values["name"]), taken)
    taken.add(slug)
    return Workspace(
        id=new_id(), slug=slug, name=values["name"], language=values["language"] or language, city=values["city"],
        trade=values["trade"], siren=values["siren"], colour=values["colour"] or USUAL_COLOUR,
    )  # fmt: skip


def _party(values: Mapping[str, str], workspace: Workspace) -> BillingParty:
    facts = {name: values[name] for name in ("siret", "vat_number", "street", "postcode", "city")}
    return BillingParty(id=new_id(), workspace_id=workspace.id, name=workspace.name, is_default=True, **facts)


def _invite(rows: list[dict[str, Any]], made: list[Workspace], invited_by: str) -> None:
    contacts = [
        Member(
            id=new_id(), workspace_id=workspace.id, first_name=row["values"]["hr_first_name"],
            last_name=row["values"]["hr_last_name"], email=row["values"]["hr_email"], roles=["hr"], language=workspace.language,
            email_norm=email_norm(row["values"]["hr_email"]),
            name_folded=Member.folded(row["values"]["hr_first_name"], row["values"]["hr_last_name"]),
        )
        for row, workspace in zip(rows, made, strict=True)
        if row["values"]["hr_email"]
    ]  # fmt: skip
    db.session.add_all(contacts)
    db.session.flush()
    for member in contacts:
        invite_member(member, invited_by)

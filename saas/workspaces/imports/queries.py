"""Reads of imports, in workspace scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import Select, case, func, select, text

from saas.identity.models import Member
from saas.identity.viewer import Perimeter
from saas.workspaces.models import ImportRow, PeopleImport
from saas.workspaces.queries.people import perimeter
from tenants.db import db

FILTERS = {
    "fix": ("fix",),
    "ready": ("create", "update"),
    "create": ("create",),
    "update": ("update",),
    "same": ("same",),
    "skip": ("skip",),
}
MOST_ABSENT = 200


@dataclass(frozen=True, slots=True)
class Absent:
    """The people of the workspace that a whole list does not name: how many, and the first of them."""

    total: int
    people: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of trouble of a file: how many lines have it, and how many of them a click would put right."""

    code: str
    lines: int
    suggested: int
    blocking: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines of a file have each fate."""

    create: int
    update: int
    same: int
    fix: int
    skip: int

    @property
    def ready(self) -> int:
        return self.create + self.update

    @property
    def all(self) -> int:
        return self.ready + self.same + self.fix + self.skip


def limits_of(draft: PeopleImport) -> Perimeter:
    """The sites and departments that whoever brought the file was limited to."""
    return Perimeter(frozenset(draft.details.get("sites", ())), frozenset(draft.details.get("departments", ())))


def people_import(import_id: UUID) -> PeopleImport:
    """One import. 404 when there is none here, or when a limited HR asks for one of other limits than theirs."""
    found = db.session.scalar(select(PeopleImport).where(PeopleImport.id == import_id))
    mine = perimeter()
    if found is None or (mine is not None and limits_of(found) != mine):
        abort(404)
    return found


def rows(draft: PeopleImport, verdict: str, code: str = "") -> Select[ImportRow]:
    """The rows of a filter, those to correct first, then as in the file."""
    statement = select(ImportRow).where(ImportRow.import_id == draft.id)
    if verdict in FILTERS:
        statement = statement.where(ImportRow.verdict.in_(FILTERS[verdict]))
    if code:
        statement = statement.where(ImportRow.problems.contains([{"code": code}]))
    return statement.order_by(case((ImportRow.verdict == "fix", 0), else_=1), ImportRow.line)


def all_rows(draft: PeopleImport, verdicts: tuple[str, ...] = ()) -> Sequence[ImportRow]:
    found = select(ImportRow).where(ImportRow.import_id == draft.id).order_by(ImportRow.line)
    return db.session.scalars(found.where(ImportRow.verdict.in_(verdicts)) if verdicts else found).all()


def samples(draft: PeopleImport) -> list[list[str]]:
    """Three rows of the file, to check the columns by: people rather than totals."""
    found = (
        select(ImportRow.cells)
        .where(ImportRow.import_id == draft.id)
        .order_by(case((ImportRow.verdict == "skip", 1), else_=0), ImportRow.line)
        .limit(3)
    )
    return list(db.session.scalars(found))


def repairs(draft: PeopleImport) -> list[Repair]:
    """What is wrong with a file, by kind, what stops a line first."""
    found = db.session.execute(
        text(
            "SELECT p->>'code', count(*), count(*) FILTER (WHERE p->>'suggestion' IS NOT NULL), bool_or((p->>'blocking')::boolean)"
            "  FROM import_row r, jsonb_array_elements(r.problems) p"
            " WHERE r.firm_id = :firm AND r.workspace_id = :workspace AND r.import_id = :import AND r.verdict <> 'skip'"
            " GROUP BY 1 ORDER BY 4 DESC, 2 DESC, 1"
        ),
        {"firm": draft.firm_id, "workspace": draft.workspace_id, "import": draft.id},
    )
    return [Repair(*row) for row in found]


def absent(draft: PeopleImport) -> Absent:
    """Whom a list leaves out, if it looks like a whole list: at least half of the people who are here are in it.

    Only participants: HR and sponsors are rarely in a list of managers. Those whose line says that they left come too.
    """
    met = select(ImportRow.member_id).where(
        ImportRow.import_id == draft.id, ImportRow.member_id.is_not(None), ImportRow.verdict != "skip"
    )
    here = [Member.left_at.is_(None), Member.roles == ["participant"]]
    for column, wanted in ((Member.site, draft.details.get("sites")), (Member.department, draft.details.get("departments"))):
        if wanted:
            here.append(column.in_(wanted))
    counted = db.session.execute(
        select(func.count(), func.count().filter(Member.id.not_in(met))).select_from(Member).where(*here)
    ).one()
    everybody, missing = int(counted[0]), int(counted[1])
    if not missing or (everybody - missing) * 2 < everybody:
        return Absent(0, ())
    people = select(Member).where(*here, Member.id.not_in(met)).order_by(Member.name_folded).limit(MOST_ABSENT)
    return Absent(missing, db.session.scalars(people).all())


def recent() -> Sequence[PeopleImport]:
    """The last imports of this client."""
    return db.session.scalars(select(PeopleImport).order_by(PeopleImport.created_at.desc()).limit(3)).all()


def summary(draft: PeopleImport) -> Counts:
    """The counts of a file, every verdict named."""
    return Counts(**{verdict: draft.counts.get(verdict, 0) for verdict in ("create", "update", "same", "fix", "skip")})

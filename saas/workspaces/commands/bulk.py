"""Changes of many people at once, and taking one back. In workspace scope."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, text, update

from saas.identity.models import Member
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.journal import Journal
from saas.workspaces.policy import must_hold
from saas.workspaces.queries.people import perimeter
from tenants.db import db, new_id

CHANGEABLE = ("department", "site", "language")
# Made of names of our own only.
PUT_BACK = {
    column: text(
        f"UPDATE member SET {column} = b.was FROM unnest(CAST(:ids AS uuid[]), CAST(:was AS text[])) AS b(id, was)"  # noqa: S608
        f" WHERE member.firm_id = app_firm() AND member.workspace_id = app_workspace() AND member.id = b.id"
        f" AND member.{column} = :became"
    )
    for column in CHANGEABLE
}


def change_all(who: Select[Member], values: Mapping[str, str]) -> int:
    """Give people a department, a site or a language (empty: left as it is); returns how many changed. Raises Refused.

    What they had is kept in the journal's line, so that the change can be taken back.
    """
    given = {name: value.strip() for name, value in values.items() if name in CHANGEABLE and value.strip()}
    if not given:
        raise Refused(_l("Choose what to change."), "department")
    _must_stay_inside(given)
    differs = or_(*[getattr(Member, name) != value for name, value in given.items()])
    columns = [Member.id, *[getattr(Member, name) for name in given]]
    found = who.order_by(None).where(Member.left_at.is_(None), differs).with_only_columns(*columns)
    rows = db.session.execute(found.order_by(Member.id).with_for_update(of=Member)).all()
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    db.session.execute(update(Member).where(Member.id.in_(ids)).values(**given))
    before = {name: [row[number] for row in rows] for number, name in enumerate(given, 1)}
    journal.note(
        "people.changed", str(len(rows)), new_id(), people=[str(i) for i in ids], before=before, became=given,
        fields=list(given),
    )  # fmt: skip
    return len(rows)


def _must_stay_inside(given: Mapping[str, str]) -> None:
    limits = perimeter()
    if limits is None:
        return
    # What is not changed is inside already.
    site = given.get("site") or next(iter(limits.sites), "")
    must_hold(site, given.get("department") or next(iter(limits.departments), ""))


def undo(change: Journal) -> int:
    """Put back what people had, but for those who were changed again since; returns how many lines were read."""
    for name, became in change.facts["became"].items():
        known = {"ids": change.facts["people"], "was": change.facts["before"][name], "became": became}
        db.session.execute(PUT_BACK[name], known)
    journal.note("people.undone", change.subject, change.subject_id)
    return len(change.facts["people"])

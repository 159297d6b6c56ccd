"""What the firm's console holds about people: the files they came in with, and what HR and the firm write to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, cast, delete, false, func, or_, select, update

from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep, old
from saas.workspaces.messages.models import DeskMessage
from saas.workspaces.models import ClientImport, ImportRow, PeopleImport
from tenants.db import db


def _lines(person: Person, called: str = "") -> ColumnElement[bool]:
    """The lines of files that made or changed a person, or that hold their address, or their name when nobody else bears it."""
    said = func.lower(cast(ImportRow.cells, String) + cast(ImportRow.values, String) + cast(ImportRow.fixes, String))
    words = [word for word in called.lower().split() if word]
    by_address = said.contains(person.email, autoescape=True) if person.email else false()
    by_name = and_(*[said.contains(word, autoescape=True) for word in words]) if words else false()
    return or_(ImportRow.member_id == person.member_id, by_address, by_name)


def _read_lines(person: Person) -> Sequence[Row]:
    rows = db.session.execute(
        select(PeopleImport.filename, PeopleImport.created_at, PeopleImport.created_by, ImportRow.line, ImportRow.cells)
        .join(ImportRow, and_(ImportRow.import_id == PeopleImport.id, ImportRow.workspace_id == PeopleImport.workspace_id))
        .where(_lines(person))
        .order_by(PeopleImport.created_at, ImportRow.line)
    ).all()
    return [
        [
            Fact("file", _l("File"), row.filename), Fact("line", _l("Line"), row.line), Fact("cells", _l("What it says"), row.cells),
            Fact("by", _l("Brought by"), row.created_by), Fact("at", _l("On"), row.created_at),
        ]
        for row in rows
    ]  # fmt: skip


def _erase_lines(person: Person, how: Erasing) -> None:
    db.session.execute(delete(ImportRow).where(_lines(person, how.called)))
    if how.called:
        db.session.execute(update(PeopleImport).where(PeopleImport.created_by == how.called).values(created_by=how.name))


def _read_messages(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(DeskMessage).where(DeskMessage.member_id == person.member_id).order_by(DeskMessage.at))
    return [[Fact("at", _l("On"), row.at), Fact("text", _l("Message"), row.text)] for row in rows]


def _erase_messages(person: Person, how: Erasing) -> None:
    """What HR wrote for the company stays, without who wrote it; the name goes wherever somebody wrote it."""
    own = DeskMessage.member_id == person.member_id
    db.session.execute(update(DeskMessage).where(own).values(by=how.name, member_id=None))
    for said in (how.called, person.email):
        if said:
            named = DeskMessage.text.contains(said, autoescape=True)
            without = func.left(func.replace(DeskMessage.text, said, how.name), 4000)
            db.session.execute(update(DeskMessage).where(named).values(text=without))


def _client_files(before: dt.datetime, most: int) -> int:
    """Firm scope: lists of companies keep their name and date; their lines, which may name people, go."""
    some = select(ClientImport.id).where(ClientImport.created_at < before, ClientImport.rows != []).limit(most)
    emptied = update(ClientImport).where(ClientImport.id.in_(some)).values(rows=[]).returning(ClientImport.id)
    return len(db.session.scalars(emptied).all())


LINES = holds_personal(
    Part(
        "imports", _l("Files of people"), _l("the line about you in a file that your HR brought"),
        _l("check a file before it counts, and take it back"), "interest", ("people_import", "import_row"), _read_lines,
        erase=_erase_lines,
    )
)  # fmt: skip
MESSAGES = holds_personal(
    Part(
        "messages", _l("Messages"), _l("what you wrote to the training firm for your company"),
        _l("answer your company's HR"), "interest", ("desk_message",), _read_messages, erase=_erase_messages,
    )
)  # fmt: skip
not_personal("who is invoiced: a company", "billing_party")
not_personal("files of companies; their lines are let go of after 30 days", "client_import")

keep(
    Keep(
        "people_files", _l("Lines of imported files of people"), _l("to check an import and take it back"), days=30,
        since=_l("after the import"), purge=old("import_row"),
    )
)  # fmt: skip
keep(
    Keep(
        "people_drafts", _l("Imports that were never finished"), _l("nothing of them counts"), days=30,
        since=_l("after the file was brought"), purge=old("people_import"),
    )
)  # fmt: skip
keep(
    Keep(
        "client_files", _l("Lines of imported files of companies"), _l("to check an import"), days=30,
        since=_l("after the import"), purge=_client_files,
    )
)  # fmt: skip
keep(
    Keep(
        "messages", _l("Messages between HR and the firm"), _l("limitation of claims (C. civ. 2224)"), years=5,
        since=_l("after they were written"), purge=old("desk_message"),
    )
)  # fmt: skip

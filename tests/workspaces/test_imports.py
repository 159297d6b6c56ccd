"""The file from the HR tool, whatever it looks like: nothing dropped silently, nothing written before, once, undone."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from saas.catalogue.models import SessionLink
from saas.enrolments import commands as enrolments
from saas.identity.models import Member
from saas.kit.errors import Refused
from saas.workspaces.imports import columns, commands, reading, report
from saas.workspaces.imports.judging import judge, parse_date, split_name
from saas.workspaces.models import ImportRow, PeopleImport
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World

DATA = Path(__file__).parents[1] / "data"


def verdicts(table: reading.Table) -> Counter[str]:
    mapping = columns.guess(table.headers)
    rows = [(line, cells, {}) for line, cells in table.rows]
    return Counter(row.verdict for row in judge(rows, mapping, [], "fr"))


def test_the_hr_tools_export(app: Flask) -> None:
    with app.test_request_context("/"):
        table = reading.read("sirh.csv", (DATA / "alpes-industrie-sirh.csv").read_bytes())
    assert table.details == {"header_line": 1, "blank": 2, "encoding": "Windows-1252", "separator": ";"}
    assert len(columns.guess(table.headers)) == 10
    assert verdicts(table) == {"create": 54, "fix": 5, "skip": 2}


PEOPLE = [("Ana", "Roux", "ana@x.example"), ("Zoé", "Çelik", "zoe@x.example")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_of_any_dialect(app: Flask, encoding: str, separator: str) -> None:
    lines = [("Prénom", "Nom", "Courriel"), *PEOPLE]
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    table = reading.read("x.csv", content)
    assert [cells for _, cells in table.rows] == [list(person) for person in PEOPLE]
    assert verdicts(table) == {"create": 2}


def test_a_table_that_starts_late_on_another_sheet(app: Flask) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Read me"])
    sheet = book.create_sheet("Encadrants")
    for row in (
        ["Export"],
        [],
        ["N° agent", "Nom et prénom", "Adresse mél", "Pôle"],
        [40000, "WAŁĘSA Marc", "m@x.example", "Chirurgie"],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    table = reading.read("x.xlsx", out.getvalue())
    assert table.details["sheet"] == "Encadrants" and table.details["header_line"] == 3
    mapping = columns.guess(table.headers)
    (row,) = judge([(4, table.rows[0][1], {})], mapping, [], "fr")
    assert (row.values["first_name"], row.values["last_name"], row.values["employee_number"]) == ("Marc", "Wałęsa", "40000")


def test_pasted_addresses(app: Flask) -> None:
    text = '"Péricard, Ismaël" <i.p@x.example>; Priscilla M <p@x.example>; x@x.example; TRAORÉ Inès (ines@x.example)\nmailto:a@x.example,\nnot-an-address'
    table = reading.read_pasted(text)
    assert [cells[1] for _, cells in table.rows] == [
        "i.p@x.example", "p@x.example", "x@x.example", "ines@x.example", "a@x.example", "not-an-address",
    ]  # fmt: skip
    assert split_name(table.rows[0][1][0]) == ("Ismaël", "Péricard") and split_name("TRAORÉ Inès") == ("Inès", "TRAORÉ")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (reading.MAX_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"   \n", b"%PDF-1.7 x", b"\xd0\xcf\x11\xe0" + b"x" * 100, b"PK\x03\x04broken", b"Nom;Mail\n", b"\x00\x01\x02" * 100,
     b"x" * (reading.MAX_BYTES + 1)],
)  # fmt: skip
def test_what_is_no_table_gets_a_sentence(app: Flask, content: bytes) -> None:
    with app.test_request_context("/"), pytest.raises(Refused) as no:
        reading.read("x", content)
    with app.test_request_context("/"):
        assert str(no.value.message)


def test_a_zip_bomb_is_not_opened(app: Flask) -> None:
    with pytest.raises(Refused):
        reading.read("x.xlsx", bomb())


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("31/12/2024", "2024-12-31"),
        ("2024-12-31", "2024-12-31"),
        ("31.12.2024", "2024-12-31"),
        ("45657", "2024-12-31"),
        ("31/02/2020", ""),
        ("soon", ""),
    ],
)
def test_dates_as_hr_tools_write_them(text: str, iso: str) -> None:
    assert parse_date(text) == iso


def staged(world: World) -> PeopleImport:
    table = reading.read("sirh.csv", (DATA / "alpes-industrie-sirh.csv").read_bytes())
    return commands.stage(table, "sirh.csv", "fr", "HR")


def people(world: World) -> int:
    return db.session.scalar(select(func.count()).select_from(Member)) or 0


def test_nothing_is_written_before_and_once_after(app: Flask, world: World) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            before = people(world)
            draft_id = staged(world).id
        with inside(scope):
            assert people(world) == before
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            for _ in range(3):
                commands.ask_to_apply(draft, "HR")
        drain()
        with inside(scope):
            assert people(world) == before + 54
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            assert draft.state == "applied" and not db.session.scalar(
                select(func.count())
                .select_from(Member)
                .where(Member.account_id.is_not(None), Member.employee_number.is_not(None))
            )


def test_the_same_file_again_changes_nothing(app: Flask, world: World) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            commands.ask_to_apply(staged(world), "HR")
        drain()
        with inside(scope):
            assert staged(world).counts == {"same": 54, "fix": 5, "skip": 2}


def test_undo_takes_back_all_but_who_is_enrolled(app: Flask, world: World) -> None:
    company = world.companies[0]
    with app.app_context():
        with inside(company.scope):
            before = people(world)
            draft_id = staged(world).id
            commands.ask_to_apply(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one(), "HR")
        drain()
        with inside(company.scope):
            link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["link_id"])).one()
            someone = db.session.scalars(select(Member).where(Member.employee_number == "1001")).one()
            enrolments.enrol(link, [someone])
        with inside(company.scope):
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            assert commands.undo(draft) == 1
            assert people(world) == before + 1


def test_after_thirty_minutes_there_is_no_way_back(
    app: Flask, world: World, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            draft_id = staged(world).id
            commands.ask_to_apply(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one(), "HR")
        drain()
        superuser.execute("UPDATE people_import SET undo_until = now() - interval '1 second' WHERE id = %s", (draft_id,))
        with inside(scope), pytest.raises(Refused):
            commands.undo(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one())


def test_a_fix_in_place_makes_a_row_ready(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        draft = staged(world)
        row = db.session.scalars(select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.line == 34)).one()
        commands.fix(draft, {row.id: {"last_name": "Dherouville"}})
        assert draft.counts == {"create": 55, "fix": 4, "skip": 2}


def test_rejected_rows_come_back_with_a_reason_and_no_formula(app: Flask, world: World) -> None:
    with app.test_request_context("/"):
        pass
    with app.app_context(), inside(world.companies[0].scope):
        draft = staged(world)
        rows = db.session.scalars(
            select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.verdict == "fix").order_by(ImportRow.line)
        ).all()
        book = openpyxl.load_workbook(io.BytesIO(report.rejected(draft, rows)))
    assert book.active is not None
    cells = [[str(cell.value or "") for cell in line] for line in book.active.iter_rows()]
    assert len(cells) == 6 and all(line[-1] for line in cells)
    assert any(cell.startswith("'=HYPERLINK") for line in cells for cell in line)
    assert not any(cell.startswith("=") for line in cells for cell in line)

"""Files as HR tools give them: read by what they hold, whatever their name, dialect, encoding and shape."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from saas.kit.errors import Refused
from saas.workspaces.imports import columns, pasted, reading, workbooks
from saas.workspaces.imports.judging import Judge, Judged
from saas.workspaces.imports.tables import Table

DATA = Path(__file__).parents[1] / "data"
PEOPLE = [
    ("Dupont", "Jean", "jean.dupont@acme.example"), ("Lefèvre", "Hélène", "helene.lefevre@acme.example"),
    ("Müller", "Zoé", "zoe.muller@acme.example"), ("Le Goff", "Anne-Sophie", "anne-sophie.legoff@acme.example"),
    ("D'Hérouville", "Rémi", "remi.dherouville@acme.example"),
]  # fmt: skip
NAMES = {(first, last) for last, first, _ in PEOPLE}


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    """Sentences need a reader's language."""
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def judged(table: Table, language: str = "fr") -> list[Judged]:
    mapping = columns.guess(table.headers, [cells for _, cells in table.rows])
    return Judge(mapping, [], language, table.headers).judge((line, cells, {}) for line, cells in table.rows)


def people(content: bytes | str, encoding: str = "utf-8") -> list[Judged]:
    return judged(reading.read("x", content if isinstance(content, bytes) else content.encode(encoding)))


def names(rows: list[Judged]) -> set[tuple[str, str]]:
    return {(row.values["first_name"], row.values["last_name"]) for row in rows if row.verdict == "create"}


def lines(separator: str = ";") -> str:
    return "\r\n".join(separator.join(person) for person in PEOPLE)


# The five files of the field: rows by verdict, then what the judge said.
FIELD = {
    "alpes-industrie-sirh.csv": (
        {"create": 54, "fix": 5, "skip": 2},
        {"bad_email": 1, "twin_email": 1, "no_email": 1, "no_last_name": 1, "formula": 1, "bad_date": 1, "repeated": 1, "total": 1,
         "unknown_manager": 1},
    ),
    "vercors-sante-encadrants.xlsx": ({"create": 180}, {"two_managers": 30, "no_email": 2}),
    "nordlys-workers.csv": ({"create": 400}, {}),
    "opale-sante-pasted.txt": (
        {"create": 14, "fix": 1, "skip": 1},
        {"name_from_address": 5, "bad_email": 1, "no_first_name": 1, "no_last_name": 1, "repeated": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELD)
def test_the_files_of_the_field(name: str) -> None:
    content = (DATA / name).read_bytes()
    table = pasted.read(content.decode()) if name.endswith(".txt") else reading.read(name, content)
    rows = judged(table)
    verdicts, problems = FIELD[name]
    assert Counter(row.verdict for row in rows) == verdicts
    assert Counter(p.code for row in rows for p in row.problems) == problems


def test_where_a_table_was_found_is_told() -> None:
    table = reading.read("x", (DATA / "vercors-sante-encadrants.xlsx").read_bytes())
    assert table.details == {"header_line": 4, "blank": 75, "forgotten": ["Date de naissance"], "sheet": "Encadrants"}
    table = reading.read("x", (DATA / "alpes-industrie-sirh.csv").read_bytes())
    assert table.details == {"header_line": 1, "blank": 2, "forgotten": [], "encoding": "Windows-1252", "separator": ";"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_of_any_dialect(encoding: str, separator: str) -> None:
    content = separator.join(("Nom", "Prénom", "Courriel")) + "\r\n" + lines(separator)
    assert names(people(content, encoding)) == NAMES


def test_a_file_may_say_its_separator() -> None:
    assert names(people("sep=;\r\nNom;Prénom;Courriel\r\n" + lines())) == NAMES


def test_a_file_without_headers_is_told_by_what_it_holds() -> None:
    text = "\n".join(f"{1001 + n};{last.upper()};{first};{mail};FR;1001" for n, (last, first, mail) in enumerate(PEOPLE))
    table = reading.read("x", text.encode())
    mapping = columns.guess(table.headers, [cells for _, cells in table.rows])
    wanted = {"employee_number": 0, "last_name": 1, "first_name": 2, "email": 3, "language": 4, "line_manager": 5}
    assert mapping == wanted


def test_what_a_column_holds_counts_more_than_its_header() -> None:
    text = "Mail;Contact;Colonne A;Colonne B\n" + "\n".join(f"Oui;{mail};{first};{last}" for last, first, mail in PEOPLE)
    assert names(people(text)) == NAMES


def test_an_export_in_pages_with_titles_sections_and_totals() -> None:
    header = "Matricule;Nom;Prénom;Adresse mail"
    body = [f"{100 + n};{';'.join(person)}" for n, person in enumerate(PEOPLE)]
    text = [
        "Liste des managers;;;", "Édité le 24/11/2026;;;", ";;;", header, "Service : Finance;;;", *body[:2], "Sous-total;2;;",
        header, "Service : RH;;;", *body[2:], "Total général;5;;", "Confidentiel - page 2/2;;;",
    ]  # fmt: skip
    rows = people("\n".join(text))
    assert names(rows) == NAMES
    assert Counter(p.code for row in rows for p in row.problems) == {"note": 3, "total": 2, "header": 1}


def test_sensitive_columns_are_forgotten_before_anything_is_kept() -> None:
    text = "Nom;Prénom;Email pro;Date de naissance;N° sécu;Salaire brut;Email perso\n" + "\n".join(
        f"{last};{first};{mail};01/02/1980;280027512345678;4200;x@home.example" for last, first, mail in PEOPLE
    )
    table = reading.read("x", text.encode())
    assert table.details["forgotten"] == ["Date de naissance", "N° sécu", "Salaire brut"]
    assert not any(cell in ("01/02/1980", "280027512345678", "4200") for _, cells in table.rows for cell in cells)
    assert names(judged(table)) == NAMES


@pytest.mark.parametrize(
    "cells",
    [
        [f"{last.upper()} {first}" for last, first, _ in PEOPLE], [f"{first} {last.upper()}" for last, first, _ in PEOPLE],
        [f"{last}, {first}" for last, first, _ in PEOPLE], [f"Mme {last.upper()} {first}" for last, first, _ in PEOPLE],
        [f"{first} {last}" for last, first, _ in PEOPLE], [f"{last} {first}" for last, first, _ in PEOPLE],
    ],
)  # fmt: skip
def test_full_names_in_one_column(cells: list[str]) -> None:
    text = "Collaborateur\tMail\n" + "\n".join(f"{cell}\t{person[2]}" for cell, person in zip(cells, PEOPLE, strict=True))
    assert names(people(text)) == NAMES


def test_american_dates_are_told_from_french_ones() -> None:
    def dates(said: list[str]) -> list[str]:
        text = "First Name,Last Name,Email,Hire Date\n" + "\n".join(f"A{n},B{n},a{n}@x.example,{d}" for n, d in enumerate(said))
        return [row.values["entered_on"] for row in people(text)]

    assert dates(["3/4/2019", "12/31/2019"]) == ["2019-03-04", "2019-12-31"]
    assert dates(["3/4/2019", "31/12/2019"]) == ["2019-04-03", "2019-12-31"]


def test_line_managers_by_number_address_or_name() -> None:
    for said in ("0100", "100", "jean.dupont@acme.example", "Dupont Jean", "M. Jean DUPONT"):
        text = (
            "Matricule;Nom;Prénom;Email;N+1\n0100;Dupont;Jean;jean.dupont@acme.example;0100\n0101;Roux;Ana;a@acme.example;" + said
        )
        rows = people(text)
        assert [row.values["line_manager"] for row in rows] == ["", "0100"], said
    (row, _) = reversed(people("Matricule;Nom;Prénom;N+1\n1;Roux;Ana;\n2;Roux;Bob;Personne Inconnue"))
    assert row is not None and [p.code for p in people("Matricule;Nom;Prénom;N+1\n1;Roux;Ana;77")[0].problems] == [
        "no_email",
        "unknown_manager",
    ]


def sheet_of(rows: list[list[object]], title: str = "Managers", first: list[object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(first or ["Lisez-moi"])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_table_that_starts_late_on_another_sheet() -> None:
    rows: list[list[object]] = [
        ["Export"],
        [],
        ["N° agent", "Nom et prénom", "Adresse mél"],
        [40000, "WAŁĘSA Marc", "m@x.example"],
    ]
    table = reading.read("x.xlsx", sheet_of(rows))
    assert (table.details["sheet"], table.details["header_line"]) == ("Managers", 3)
    (row,) = judged(table)
    assert (row.values["first_name"], row.values["last_name"], row.values["employee_number"]) == ("Marc", "Wałęsa", "40000")


def test_html_that_calls_itself_xls() -> None:
    cells = "".join(f"<tr><td>{last}</td><td>{first}<br></td><td>{mail}</td></tr>" for last, first, mail in PEOPLE)
    html = f"<html><meta charset=utf-8><table><tr><th>Nom</th><th>Pr&eacute;nom</th><th>E-mail</th></tr>{cells}</table>"
    assert names(people(html)) == NAMES


def test_excel_xml_of_2003() -> None:
    def row(cells: tuple[str, ...]) -> str:
        return "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells) + "</Row>"

    body = "".join(row(cells) for cells in [("Nom", "Prénom", "Courriel"), *PEOPLE])
    xml = f'<?xml version="1.0"?><Workbook><Worksheet ss:Name="A"><Table>{body}</Table></Worksheet></Workbook>'
    assert names(people(xml)) == NAMES


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name.replace("__", "/"), content)
    return out.getvalue()


OLE = reading.OLE
REFUSED = {
    "empty": (b"", "empty"), "blanks": (b"  \n\n", "empty"), "pdf": (b"%PDF-1.7 x", "neither"), "png": (b"\x89PNG\r\n\x1a\n", "neither"),
    "binary": (bytes(range(1, 9)) * 200, "neither"), "headers alone": (b"Nom;Mail\n", "nobody"), "too large": (b"x" * (reading.MAX_BYTES + 1), "10 MB"),
    "broken zip": (b"PK\x03\x04broken", "cannot be opened"), "a zip of anything": (zipped(hello=b"x"), "neither"),
    "word": (zipped(word__document=b"x"), "neither"), "macros": (zipped(**{"xl__vbaProject.bin": b"x"}), "macros"),
    "opendocument": (zipped(**{"mimetype": b"x", "content.xml": b"x"}), "OpenDocument"),
    "a bomb": (zipped(xl__sheet=b"0" * (workbooks.MAX_UNPACKED + 1)), "unpacks"),
    "a password": (OLE + b"x" * 600 + workbooks.ENCRYPTED, "password"), "a broken old workbook": (OLE + b"x" * 600, "cannot be opened"),
    "html without a table": (b"<html><p>hello", "neither"), "too many": (b"Nom;Mail\n" + b"a;a@x.example\n" * 20_001, "20,000"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_gets_a_sentence(what: str) -> None:
    content, word = REFUSED[what]
    with pytest.raises(Refused) as no:
        reading.read("x", content)
    assert word in str(no.value.message)


def test_pasted_addresses() -> None:
    text = '"Péricard, Ismaël" <i.p@x.example>; Priscilla M <p@x.example>; x@x.example; TRAORÉ Inès (ines@x.example)\nmailto:a@x.example,\nnot-an-address'
    table = pasted.read(text)
    assert [cells[1] for _, cells in table.rows] == [
        "i.p@x.example", "p@x.example", "x@x.example", "ines@x.example", "a@x.example", "not-an-address",
    ]  # fmt: skip
    assert [line for line, _ in table.rows] == [1, 2, 3, 4, 5, 6]


def test_cells_pasted_from_a_spreadsheet() -> None:
    assert names(judged(pasted.read("Nom\tPrénom\tMail\n" + lines("\t")))) == NAMES

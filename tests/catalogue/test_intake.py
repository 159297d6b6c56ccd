"""A catalogue from a file: read in both languages, checked line by line, taken in once; nothing before somebody says so."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from saas.catalogue.intake import commands, wording
from saas.catalogue.intake.vocabulary import PROGRAMMES, columns, field_of
from saas.catalogue.models import Programme, ProgrammeImport, ProgrammeVersion
from saas.kit.errors import Refused
from saas.workspaces.imports import reading
from tenants.db import db
from tenants.scope import inside
from tests.cast import FirmCast, World
from tests.catalogue.programmes import newest

Enter = Callable[[str], FlaskClient]
FILE = """Catalogue 2026;;;;;;;;
Réf.;Intitulé;Title;Objectifs pédagogiques;Contenu;Durée;Prix inter HT;Modalité;Effectif max
ZX-1;Élever le débat;Raising the debate;"- Formuler un cap
- Écouter";"Jour 1 : le cap
Dire
Redire
Jour 2 : l’écoute
Se taire";2 jours (14 h);1 150,00 €;Présentiel;12
ZX-2;Vendre sans mentir;;;;3,5;sur devis;visio;8
;Sans référence;;;;7;100;mixte;10
ZX-2;Une fois de trop;;;;7;100;mixte;10
ZX-3;Mauvais prix;;;;beaucoup;cher;en apesanteur;0
;;;;;;;;
"""


@pytest.fixture
def firm(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def staged(firm: FirmCast, content: bytes = FILE.encode("cp1252"), name: str = "x.csv") -> UUID:
    with inside(firm.scope):
        return commands.stage(reading.read(name, content, PROGRAMMES), name, "Owner").id


def draft_of(import_id: UUID) -> ProgrammeImport:
    return db.session.scalars(select(ProgrammeImport).where(ProgrammeImport.id == import_id)).one()


def verdicts(draft: ProgrammeImport) -> list[str]:
    return [row["verdict"] for row in draft.rows]


def codes(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(p["field"], p["code"]) for p in row["problems"]}


def test_columns_are_known_in_both_languages() -> None:
    for header, field in (
        ("Intitulé", "title_fr"), ("Title", "title_en"), ("TITRE EN", "title_en"), ("Title (FR)", "title_fr"), ("Objectifs", "objectives_fr"),
        ("Learning objectives", "objectives_en"), ("Durée (h)", "hours"), ("Duration", "hours"), ("Tarif intra HT", "price_group"),
        ("Pré-requis", "prerequisites_fr"), ("Code NSF", "nsf_code"), ("Résumé anglais", "summary_en"), ("Couleur", None),
    ):  # fmt: skip
        assert field_of(header) == field, header
    assert columns(["Réf.", "Ref", "Intitulé"]) == {"reference": 0, "title_fr": 2}


def test_a_file_is_judged_line_by_line_and_nothing_is_written(app: Flask, firm: FirmCast) -> None:
    with app.app_context():
        before = staged(firm)
        with inside(firm.scope):
            draft = draft_of(before)
            assert verdicts(draft) == ["create", "create", "fix", "fix", "fix"]
            assert [row["line"] for row in draft.rows] == [3, 9, 10, 11, 12], "the line of the file on which each starts"
            assert codes(draft.rows[2]) == {("reference", "no_reference")}
            assert draft.rows[2]["problems"][0]["suggestion"] == "SANS-REFERENCE"
            assert codes(draft.rows[3]) == {("reference", "twice")}
            assert codes(draft.rows[4]) == {
                ("hours", "bad_hours"), ("price_seat", "bad_price"), ("modality", "bad_modality"), ("max_group", "bad_group")
            }  # fmt: skip
            assert not db.session.scalar(select(Programme.id).where(Programme.reference.like("ZX%")))


def test_what_is_good_is_taken_in_once(app: Flask, firm: FirmCast) -> None:
    with app.app_context():
        import_id = staged(firm)
        with inside(firm.scope):
            assert commands.apply(draft_of(import_id), publish=False) == (2, 0)
            assert commands.apply(draft_of(import_id), publish=True) == (0, 0), "done twice, nothing more"
        with inside(firm.scope):
            first, second = newest("ZX-1"), newest("ZX-2")
            assert first.title == {"fr": "Élever le débat", "en": "Raising the debate"} and first.published_at is None
            assert first.texts["objectives"] == [{"fr": "Formuler un cap"}, {"fr": "Écouter"}]
            assert first.texts["modules"] == [
                {"title": {"fr": "Jour 1 : le cap"}, "content": {"fr": "Dire\nRedire"}},
                {"title": {"fr": "Jour 2 : l’écoute"}, "content": {"fr": "Se taire"}},
            ]
            assert (first.minutes, first.days, first.modality, first.max_group, first.price_seat_cents) == (
                840,
                4,
                "onsite",
                12,
                115_000,
            )
            assert (second.minutes, second.days, second.modality, second.price_seat_cents) == (210, 1, "remote", 0)
            with pytest.raises(Refused):
                commands.fix(draft_of(import_id), {})


def test_the_same_file_again_is_the_same_and_a_change_is_a_version(app: Flask, firm: FirmCast) -> None:
    with app.app_context():
        import_id = staged(firm)
        with inside(firm.scope):
            commands.apply(draft_of(import_id), publish=True)
        again = staged(firm)
        with inside(firm.scope):
            assert verdicts(draft_of(again))[:2] == ["same", "same"]
            with pytest.raises(Refused):
                commands.apply(draft_of(again), publish=True)
        changed = staged(firm, b"reference;price\nzx-1;1 200\n")
        with inside(firm.scope):
            assert verdicts(draft_of(changed)) == ["version"]
            assert commands.apply(draft_of(changed), publish=False) == (0, 1)
        with inside(firm.scope):
            version = newest("ZX-1")
            assert version.number == 2 and version.price_seat_cents == 120_000 and version.published_at is None
            assert version.title["en"] == "Raising the debate", "what the file does not say stays"
            current = db.session.scalars(
                select(ProgrammeVersion).where(ProgrammeVersion.programme_id == version.programme_id, ProgrammeVersion.is_current)
            ).one()
            assert current.price_seat_cents == 115_000


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_any_dialect_is_read(app: Flask, firm: FirmCast, encoding: str, separator: str) -> None:
    with app.app_context():
        import_id = staged(firm, FILE.replace(";", separator).encode(encoding))
        with inside(firm.scope):
            assert verdicts(draft_of(import_id))[:2] == ["create", "create"]


def test_a_workbook_is_read_with_the_lines_of_its_cells(app: Flask, firm: FirmCast) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Code", "Course title", "Learning objectives", "Hours", "Max"],
        ["ZX-9", "Lead", "Lead a talk\nWrite a brief", 10.5, 8],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    with app.app_context():
        import_id = staged(firm, out.getvalue(), "x.xlsx")
        with inside(firm.scope):
            commands.apply(draft_of(import_id), publish=False)
        with inside(firm.scope):
            version = newest("ZX-9")
            assert version.texts["objectives"] == [{"en": "Lead a talk"}, {"en": "Write a brief"}] and version.minutes == 630


def test_lines_are_corrected_in_place_and_the_rest_comes_back_as_a_workbook(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    owner = signed_in("owner@alpha.example")
    answer = owner.post("/alpha/programmes/import", data={"file": (io.BytesIO(FILE.encode()), "catalogue.csv")})
    assert answer.status_code == 303
    path = answer.location.removeprefix("http://localhost")
    page = owner.get(path).get_data(as_text=True)
    assert "A programme needs a reference" in page and 'value="10:reference=SANS-REFERENCE"' in page
    fixes = {"apply": "10:reference=SANS-REFERENCE", "11:reference": "ZX-4", "12:hours": "7 h", "12:skip": ""}
    assert owner.post(f"{path}/rows", data=fixes).status_code == 303
    page = owner.get(f"{path}?rows=fix").get_data(as_text=True)
    assert "Another line" not in page and "A price is an amount" in page and "A length is" not in page
    assert owner.post(f"{path}/apply", data={"publish": "1"}).status_code == 303
    answer = owner.get(f"{path}/rejected.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][0] == 12 and "A price is an amount" in str(rows[1][-1]) and rows[1][2] == "Mauvais prix"
    with app.app_context(), inside(firm.scope):
        states = dict(
            db.session.execute(
                select(Programme.reference, Programme.state).where(Programme.reference.in_(["SANS-REFERENCE", "ZX-4"]))
            ).all()
        )
        assert states == {"SANS-REFERENCE": "published", "ZX-4": "published"}
    assert "4 lines are taken in" in owner.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."), (b"%PDF-1.4 whatever", "neither a CSV file nor an Excel workbook"),
        (b"Colour;Taste\nred;sweet\n", "No column of this file"), (b"Title\n", "nobody under the headers"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_catalogue_is_refused_in_words(
    app: Flask, firm: FirmCast, signed_in: Enter, content: bytes, words: str
) -> None:
    answer = signed_in("owner@alpha.example").post("/alpha/programmes/import", data={"file": (io.BytesIO(content), "x.csv")})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True) or "programme" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("said", "minutes", "halves"),
    [("14", 840, 4), ("14h", 840, 4), ("3h30", 210, 1), ("3,5", 210, 1), ("3.5 h", 210, 1), ("2 jours", 840, 4), ("1,5 jour", 630, 3),
     ("2 jours (14 h)", 840, 4), ("7 heures", 420, 2), ("1 day", 420, 2)],
)  # fmt: skip
def test_lengths_are_read_as_people_write_them(said: str, minutes: int, halves: int) -> None:
    values = dict.fromkeys((*commands.FIELDS,), "") | {"hours": said}
    wrong: list[Any] = []
    found = wording.facts(values, lambda *p: wrong.append(p))
    assert (found["minutes"], found["days"], wrong) == (minutes, halves, [])


def test_a_thousand_lines_are_taken_in_by_few_statements(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    rows = "".join(f"ZX-{n};Débat {n};14\n" for n in range(300))
    from tests.house.test_pages import counted

    with app.app_context():
        import_id = staged(firm, f"Référence;Intitulé;Durée\n{rows}".encode())
    owner = signed_in("owner@alpha.example")
    with counted(app) as seen:
        assert owner.post(f"/alpha/programmes/import/{import_id}/apply").status_code == 303
    assert len(seen) < 15
    with app.app_context(), inside(firm.scope):
        assert db.session.scalar(select(func.count()).select_from(Programme).where(Programme.reference.like("ZX-%"))) == 300

"""What happens to a row: pure rules, without a database."""

from __future__ import annotations

import pytest

from saas.identity.viewer import Perimeter
from saas.workspaces.imports import addresses, columns, dates, naming
from saas.workspaces.imports.judging import Judge, Judged
from saas.workspaces.imports.meeting import Known
from saas.workspaces.imports.vocabulary import key

MAPPING = {"employee_number": 0, "last_name": 1, "first_name": 2, "email": 3, "site": 4, "department": 5}
BLANK = dict.fromkeys(
    ("first_name", "last_name", "email", "employee_number", "department", "site", "job_title", "line_manager", "entered_on"), ""
)


def known(number: str, last: str, first: str, email: str, left: str = "", **more: str) -> Known:
    values = {
        **BLANK,
        "language": "fr",
        "employee_number": number,
        "last_name": last,
        "first_name": first,
        "email": email,
        **more,
    }
    return Known(number or email, values, left)


def judge(
    *rows: str, here: tuple[Known, ...] = (), fixes: dict[str, str] | None = None, limits: Perimeter | None = None
) -> list[Judged]:
    staged = [(n, row.split(";"), fixes or {}) for n, row in enumerate(rows, 2)]
    return Judge(MAPPING, here, "fr", (), limits or Perimeter()).judge(staged)


def codes(row: Judged) -> list[str]:
    return [problem.code for problem in row.problems]


ANA = known("0042", "Roux", "Ana", "ana.roux@x.example", site="Lyon")


def test_somebody_here_is_met_by_number_then_by_address() -> None:
    assert [row.verdict for row in judge("0042;ROUX;Ana;ana.roux@x.example;Lyon", here=(ANA,))] == ["same"]
    assert [row.verdict for row in judge(";ROUX;Ana;ana.roux@x.example;Lyon", here=(ANA,))] == ["same"]
    (row,) = judge("0042;Roux;Ana;ana.roux@x.example;Meylan", here=(ANA,))
    assert (row.verdict, row.before) == ("update", {"site": "Lyon"})


def test_a_spreadsheet_drops_leading_zeros() -> None:
    (row,) = judge("42;Roux;Ana;ana.roux@x.example;Lyon", here=(ANA,))
    assert row.verdict == "same" and row.values["employee_number"] == "0042"
    twins = (ANA, known("42", "Autre", "Personne", "autre@x.example"))
    (row,) = judge("42;Autre;Personne;autre@x.example", here=twins)
    assert row.member_id == "42"


def test_an_empty_column_never_empties_what_is_known() -> None:
    (row,) = judge("0042;Roux;Ana;;", here=(ANA,))
    assert row.verdict == "same"


def test_a_new_address_warns_that_it_must_be_proved() -> None:
    (row,) = judge("0042;Roux;Ana;ana.martin@x.example;Lyon", here=(ANA,))
    assert row.verdict == "update" and codes(row) == ["email_moves"] and not row.problems[0].blocking


def test_a_number_given_to_somebody_else_is_asked_about() -> None:
    (row,) = judge("0042;Petit;Marc;marc.petit@x.example", here=(ANA,))
    assert row.verdict == "fix" and codes(row) == ["other_person"]
    (row,) = judge("0042;Petit;Marc;marc.petit@x.example", here=(ANA,), fixes={"same": "1"})
    assert row.verdict == "update"


def test_an_address_of_somebody_else_here() -> None:
    (row,) = judge("77;Roux;Ana;ana.roux@x.example", here=(ANA,))
    assert codes(row) == ["taken_email"] and row.problems[0].suggestion == "0042"
    (row,) = judge("77;Petit;Marc;ana.roux@x.example", here=(ANA, known("77", "Petit", "Marc", "marc@x.example")))
    assert codes(row) == ["other_email"]


def test_whoever_left_comes_back() -> None:
    (row,) = judge(
        "9;Roux;Ana;ana@x.example", here=(known("9", "Roux", "Ana", "ana@x.example", left="2026-01-01T00:00:00+00:00"),)
    )
    assert row.verdict == "update" and row.before == {"left": "2026-01-01T00:00:00+00:00"}


def test_twins_of_a_file() -> None:
    rows = judge("1;Roux;Ana;a.r@x.example", "1;ROUX;Ana;A.R@x.example", "2;Petit;Marc;a.r@x.example", "1;Autre;Zoé;z@x.example")
    assert [row.verdict for row in rows] == ["create", "skip", "fix", "fix"]
    assert [codes(row) for row in rows[1:]] == [["repeated"], ["twin_email"], ["twin_number"]]
    assert rows[2].problems[0].suggestion == "marc.petit@x.example"


def test_a_limited_hr_imports_their_own_sites() -> None:
    rows = judge("1;Roux;Ana;a@x.example;Lyon", "2;Petit;Marc;m@x.example;Meylan", limits=Perimeter(sites=frozenset({"Lyon"})))
    assert [codes(row) for row in rows] == [[], ["outside"]] and rows[1].verdict == "fix"


def test_a_limited_hr_learns_nothing_of_people_outside() -> None:
    """Neither the name of whose address or number it is, nor that a person would be updated."""
    lyon = Perimeter(sites=frozenset({"Lyon"}))
    outside = known("7", "Secret", "Zoé", "zoe@x.example", site="Meylan")
    for row in judge("7;Petit;Marc;marc@x.example;Lyon", "8;Petit;Marc;zoe@x.example;Lyon", here=(outside,), limits=lyon):
        assert codes(row) == ["outside"] and row.member_id is None and "Zoé" not in str(row)


def test_a_person_decides_what_is_left_out() -> None:
    assert judge("1;Roux;Ana;a@x.example", fixes={"skip": "1"})[0].verdict == "skip"
    (row,) = judge("Total;60;;")
    assert row.verdict == "skip"
    assert judge("Total;60;;", fixes={"skip": "0"})[0].verdict == "fix"


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://evil.example","x")', "+cmd|' /C calc'!A0", "@SUM(1)", "-1+1"])
def test_formulas_are_never_names(cell: str) -> None:
    (row,) = judge(f"1;{cell};Ana;ana.roux@x.example")
    assert codes(row) == ["formula"] and row.problems[0].suggestion == "Roux"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jean.dupont@", "jean.dupont@x.example"), ("rémi@x.example", "remi@x.example"), ("zoe muller@x.example", "zoe.muller@x.example"),
        ("c@x,example", "c@x.example"), ("g (at) x.example", "g@x.example"), ("a@@x.example", "a@x.example"), ("a@x", "a@x.example"),
        ("a@x.example;b@x.example", "a@x.example"), ("nothing", "nothing@x.example"), ("", None),
    ],
)  # fmt: skip
def test_what_an_address_was_meant_to_be(typed: str, meant: str | None) -> None:
    assert addresses.meant(typed, "x.example") == meant


@pytest.mark.parametrize("raw", [" MAILTO:A@X.example ", "<a@x.example>", "Ana <a@x.example>", "a@x.example.", "'a@x.example';"])
def test_an_address_is_cleaned_of_what_is_no_part_of_it(raw: str) -> None:
    assert addresses.tidy(raw.replace("MAILTO:", "mailto:")) == "a@x.example"


@pytest.mark.parametrize("raw", ["-", "N/A", "néant", "aucun", "0"])
def test_words_that_mean_no_address(raw: str) -> None:
    assert addresses.tidy(raw) == ""


def test_a_rare_domain_near_the_usual_one_is_pointed_at() -> None:
    rows = judge(*(f"{n};R{n};A;a{n}@alpes.example" for n in range(20)), "99;Z;A;z@aples.example")
    assert (
        codes(rows[-1]) == ["near_domain"]
        and rows[-1].problems[0].suggestion == "z@alpes.example"
        and rows[-1].verdict == "create"
    )


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("31/12/2024", "2024-12-31"), ("2024-12-31", "2024-12-31"), ("31.12.2024", "2024-12-31"), ("45657", "2024-12-31"),
        ("31/12/24", "2024-12-31"), ("31/12/98", "1998-12-31"), ("31 décembre 2024", "2024-12-31"), ("1er janv. 2024", "2024-01-01"),
        ("31-Dec-24", "2024-12-31"), ("December 31, 2024", "2024-12-31"), ("2024-12-31 00:00:00", "2024-12-31"),
        ("2024-12-31T08:00:00Z", "2024-12-31"), ("31/02/2020", ""), ("soon", ""), ("", ""), ("99999", ""),
    ],
)  # fmt: skip
def test_dates_as_hr_tools_write_them(text: str, iso: str) -> None:
    assert dates.parse(text) == iso


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("DUPONT", "Dupont"), ("jean-noël", "Jean-Noël"), ("D'HÉROUVILLE", "D'Hérouville"), ("DE LA TOUR D'AUVERGNE", "De la Tour d'Auvergne"),
        ("LE GOFF", "Le Goff"), ("SCHŒLCHER", "Schœlcher"), ("McDonald", "McDonald"), ("VAN DER BERG", "Van der Berg"),
    ],
)  # fmt: skip
def test_capitals_become_names(written: str, said: str) -> None:
    assert naming.cased(written) == said


def test_a_mapping_is_remembered_header_by_header() -> None:
    remembered = {key("Zone RH"): "department", key("Service"): None}
    mapping = columns.guess(["Nom", "Prénom", "Service", "Zone RH"], [["Roux", "Ana", "x", "Finance"]], remembered)
    assert mapping == {"last_name": 0, "first_name": 1, "department": 3}

"""What will happen to each row: create, update (what changes), already there, to correct (why, a suggestion), left out."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from saas.identity.viewer import Perimeter
from saas.kit.clock import today
from saas.kit.names import fold, is_email
from saas.workspaces.imports import addresses, dates, naming
from saas.workspaces.imports.columns import order_of_names
from saas.workspaces.imports.managers import Managers
from saas.workspaces.imports.meeting import Known, Meeting
from saas.workspaces.imports.tables import same_line

TOTAL = re.compile(
    r"^(total|sous total|effectif|nombre|nb|count|subtotal|grand total|somme)\b|^\d+ (salaries|lignes|personnes|agents|people|rows|records)"
)
FORMULA = re.compile(r"^\s*[=@+\-\t\r]")
LANGUAGES = (("fr", ("fr", "french", "francais")), ("en", ("en", "english", "anglais")))
KEPT = ("department", "site", "job_title", "line_manager")
COMPARED = ("first_name", "last_name", "email", "employee_number", *KEPT, "language", "entered_on")
LONGEST_NONE = 1 + max(map(len, addresses.NONE))
EARLIEST = dt.date(1945, 1, 1)
Staged = tuple[int, list[str], dict[str, str]]


@dataclass(slots=True)
class Problem:
    """Why a row needs a person: `code` is explained by the page; `suggestion` fixes it in one click."""

    field: str
    code: str
    seen: str = ""
    suggestion: str | None = None
    blocking: bool = True

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Judged:
    """One row's fate. `member_id` is whom it meets here, whatever the verdict."""

    line: int
    cells: list[str]
    fixes: dict[str, str]
    values: dict[str, str]
    verdict: str = "create"
    problems: list[Problem] = field(default_factory=list)
    member_id: UUID | None = None
    before: dict[str, Any] = field(default_factory=dict)

    def say(self, *problem: Any, **more: Any) -> None:
        self.problems.append(Problem(*problem, **more))

    def skip(self, code: str, seen: str = "") -> None:
        self.verdict, self.problems = "skip", [Problem("row", code, seen, blocking=False)]


@dataclass(slots=True)
class Judge:
    """Judges a file against the people who are here. Pure: reads and writes nothing.

    `mapping` is field → column number, `headers` the file's, `language` that of people whose row says none.
    """

    mapping: Mapping[str, int]
    known: Sequence[Known]
    language: str
    headers: Sequence[str] = ()
    perimeter: Perimeter = Perimeter()

    def judge(self, rows: Iterable[Staged]) -> list[Judged]:
        """The fate of each (line, cells, fixes). A fix replaces what the file said, ``{"skip": "1"}`` leaves a row out."""
        staged = list(rows)
        order, american = self._order(staged), self._american(staged)
        judged = [Judged(line, cells, fixes, self._values(cells, fixes, order, american)) for line, cells, fixes in staged]
        domains = Counter(row.values["email"].rpartition("@")[2] for row in judged if is_email(row.values["email"]))
        twins, meeting = Twins(), Meeting(self.known)
        people = [row for row in judged if self._is_person(row)]
        managers = Managers([row.values for row in people], self.known)
        for row in people:
            self._check(row, domains)
            twins.check(row)
            if row.verdict != "skip":
                managers.check(row)
                self._meet(row, meeting)
        return judged

    def _cell(self, cells: Sequence[str], name: str) -> str:
        column = self.mapping.get(name)
        said = cells[column] if column is not None and column < len(cells) else ""
        means_none = len(said) < LONGEST_NONE and name != "employee_number" and fold(said) in addresses.NONE
        return "" if means_none else said

    def _order(self, staged: Sequence[Staged]) -> str:
        column = self.mapping.get("full_name")
        if column is None:
            return naming.LAST_FIRST
        pairs = [(self._cell(cells, "full_name"), addresses.tidy(self._cell(cells, "email"))) for _, cells, _ in staged]
        return order_of_names(self.headers[column] if column < len(self.headers) else "", pairs)

    def _american(self, staged: Sequence[Staged]) -> bool:
        return dates.month_first(self._cell(cells, name) for _, cells, _ in staged for name in ("entered_on", "left_on"))

    def _values(self, cells: list[str], fixes: Mapping[str, str], order: str, american: bool) -> dict[str, str]:
        first, last = self._cell(cells, "first_name"), self._cell(cells, "last_name")
        address = addresses.tidy(self._cell(cells, "email"))
        full = self._cell(cells, "full_name")
        if full and not (first and last):
            first, last = naming.split(full, order, address)
        values = {
            "first_name": naming.cased(naming.CIVILITY.sub("", first)),
            "last_name": naming.cased(last),
            "email": address,
            "employee_number": self._cell(cells, "employee_number"),
            "language": _language(self._cell(cells, "language"), self.language),
            "entered_on": self._cell(cells, "entered_on"),
            "left_on": self._cell(cells, "left_on"),
            **{name: self._cell(cells, name) for name in KEPT},
        }
        values |= {name: value.strip() for name, value in fixes.items() if name in values}
        for name in ("entered_on", "left_on"):
            values[name] = dates.parse(values[name], american=american) or values[name]
        return values

    def _is_person(self, row: Judged) -> bool:
        """Leaves out by hand, then totals, repeated headers and notes, unless somebody insists that it is a person."""
        if row.fixes.get("skip") == "1":
            row.verdict = "skip"
            return False
        if row.fixes.get("skip") == "0":
            return True
        filled = [cell for cell in row.cells if cell]
        address = is_email(row.values["email"])
        if len(filled) <= 2 and any(TOTAL.match(fold(cell).replace("-", " ")) for cell in filled):
            row.skip("total", filled[0])
        elif same_line(row.cells, self.headers):
            row.skip("header")
        elif len(filled) == 1 and len(self.mapping) >= 3 and not address:
            row.skip("note", filled[0])
        elif row.values["left_on"] and "" < row.values["left_on"] <= today().isoformat():
            row.skip("left", row.values["left_on"])
        return row.verdict != "skip"

    def _check(self, row: Judged, domains: Counter[str]) -> None:
        values = row.values
        domain = domains.most_common(1)[0][0] if domains else ""
        for name in ("first_name", "last_name", *KEPT, "employee_number"):
            if FORMULA.match(values[name]):
                from_address = _name_from(values["email"], name) if name in ("first_name", "last_name") else ""
                row.say(name, "formula", values[name], from_address)
        self._check_address(row, domains, domain)
        self._check_names(row)
        if values["entered_on"] and not _plausible(values["entered_on"]):
            row.say("entered_on", "bad_date", values["entered_on"], "")
        if not self._is_ours(values):
            row.say("row", "outside", values["site"] or values["department"])

    def _is_ours(self, values: Mapping[str, str]) -> bool:
        """Whether somebody is inside the limits of whoever imports."""
        return self.perimeter.holds(values["site"], values["department"])

    @staticmethod
    def _check_address(row: Judged, domains: Counter[str], domain: str) -> None:
        address = row.values["email"]
        if not address:
            row.say("email", "no_email", blocking=False)
        elif not is_email(address) or not address.isascii():
            row.say("email", "bad_email", address, addresses.meant(address, domain))
        elif near := addresses.near(address.rpartition("@")[2], domains):
            row.say("email", "near_domain", address, f"{address.rpartition('@')[0]}@{near}", blocking=False)

    @staticmethod
    def _check_names(row: Judged) -> None:
        values = row.values
        missing = [name for name in ("first_name", "last_name") if not values[name]]
        from_address = naming.of_address(values["email"]) if is_email(values["email"]) else None
        if len(missing) == 2 and from_address:
            values["first_name"], values["last_name"] = from_address
            row.say("last_name", "name_from_address", " ".join(from_address), blocking=False)
            return
        for name in missing:
            row.say(name, f"no_{name}", suggestion=_name_from(values["email"], name))

    def _meet(self, row: Judged, meeting: Meeting) -> None:
        """Whether the person is here already, and what the file changes about them."""
        met = meeting.find(row.values)
        here = met.here
        if not all(self._is_ours(person.values) for person in (here, met.about) if person):
            row.say("row", "outside")  # and not who it is: that person is none of this HR's
            here = None
        elif met.problem and not (met.problem[1] == "other_person" and row.fixes.get("same")):
            row.say(*met.problem)
        if here is not None:
            row.member_id = here.id
        if any(p.blocking for p in row.problems):
            row.verdict = "fix"
        elif here is not None:
            self._compare(row, here)

    @staticmethod
    def _compare(row: Judged, here: Known) -> None:
        # A column that is empty in the file says nothing: it never empties what is known.
        values = row.values
        row.before = {n: here.values[n] for n in COMPARED if values[n] and values[n] != here.values[n]}
        if "email" in row.before and here.values["email"]:
            row.say("email", "email_moves", values["email"], blocking=False)
        if here.left:
            row.before["left"] = here.left
        row.verdict = "update" if row.before else "same"


class Twins:
    """Finds the rows of a file that stand for the same person, or claim the same address or number."""

    def __init__(self) -> None:
        self.addresses: dict[str, Judged] = {}
        self.numbers: dict[str, Judged] = {}

    def check(self, row: Judged) -> None:
        address, number = row.values["email"], row.values["employee_number"]
        other = self.numbers.get(number) if number else None
        twin = self.addresses.get(address) if is_email(address) else None
        first = other or twin
        if first is not None and _same_person(first.values, row.values):
            row.skip("repeated", str(first.line))
            return
        if twin is not None:
            row.say("email", "twin_email", str(twin.line), self._proposed(row, address))
        elif is_email(address):
            self.addresses[address] = row
        if other is not None:
            row.say("employee_number", "twin_number", str(other.line), "")
        elif number:
            self.numbers[number] = row

    def _proposed(self, row: Judged, address: str) -> str | None:
        """The address that the person's own name would give, in the same pattern, unless it is taken in the file."""
        first, last = (re.sub(r"[^a-z-]", "", fold(row.values[n])) for n in ("first_name", "last_name"))
        proposed = f"{first}.{last}@{address.rpartition('@')[2]}"
        return proposed if first and last and proposed not in self.addresses else None


def _same_person(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two rows say the same of the same person: nothing that both say differs."""
    return all(one[name] == other[name] for name in COMPARED if one[name] and other[name] and name != "language")


def _language(said: str, usual: str) -> str:
    word = fold(said)
    return next((code for code, starts in LANGUAGES if word.startswith(starts)), usual) if word else usual


def _plausible(text: str) -> bool:
    try:
        return EARLIEST <= dt.date.fromisoformat(text) <= today() + dt.timedelta(days=730)
    except ValueError:
        return False


def _name_from(address: str, name: str) -> str | None:
    """The first or the last name as an address tells it."""
    found = naming.of_address(address) if is_email(address) else None
    return found[0 if name == "first_name" else 1] if found else None

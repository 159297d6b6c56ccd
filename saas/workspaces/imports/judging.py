"""What will happen to each row: create, update (what changes), already there, to correct (why, a suggestion), left out."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saas.kit.names import email_norm, fold, is_email, slugify

TOTALS = re.compile(r"^(total|sous-total|effectif|nombre|count|subtotal|grand total)\b", re.IGNORECASE)
FORMULA = re.compile(r"^\s*[=@+\-\t\r]")
LANGUAGES = (("fr", ("fr", "french", "francais")), ("en", ("en", "english", "anglais")))
KEPT = ("department", "site", "job_title", "line_manager")
COMPARED = ("first_name", "last_name", "email", "employee_number", *KEPT, "language", "entered_on")


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
    """One row's fate."""

    line: int
    cells: list[str]
    fixes: dict[str, str]
    values: dict[str, str]
    verdict: str = "create"
    problems: list[Problem] = field(default_factory=list)
    member_id: Any = None
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """A member that is here already, as the judge compares it."""

    id: Any
    values: Mapping[str, str]


def judge(
    rows: Iterable[tuple[int, list[str], dict[str, str]]],
    mapping: Mapping[str, int],
    known: Sequence[Known],
    language: str,
) -> list[Judged]:
    """Judge every row of a file against the people who are here. Pure: reads and writes nothing.

    `rows` are (line, cells, fixes); a fix replaces what the file said, ``{"skip": "1"}`` leaves the row out.
    """
    judged = [Judged(line, cells, fixes, _values(cells, fixes, mapping, language)) for line, cells, fixes in rows]
    domain = _usual_domain(judged)
    by_email = {k.values["email"].casefold(): k for k in known if k.values["email"]}
    by_number = {k.values["employee_number"]: k for k in known if k.values["employee_number"]}
    seen_emails: dict[str, Judged] = {}
    seen_numbers: dict[str, Judged] = {}
    for row in judged:
        if row.fixes.get("skip") or _is_total(row):
            row.verdict = "skip"
            if not row.fixes.get("skip"):
                row.problems = [Problem("row", "total", row.cells[0], blocking=False)]
            continue
        _check(row, domain)
        _check_twins(row, seen_emails, seen_numbers)
        _meet(row, by_email, by_number)
    return judged


def _values(cells: list[str], fixes: Mapping[str, str], mapping: Mapping[str, int], language: str) -> dict[str, str]:
    raw = {name: cells[column] if column < len(cells) else "" for name, column in mapping.items()}
    first, last = raw.get("first_name", ""), raw.get("last_name", "")
    if raw.get("full_name") and not (first and last):
        first, last = split_name(raw["full_name"])
    values = {
        "first_name": _cased(first),
        "last_name": _cased(last),
        "email": raw.get("email", "").strip().removeprefix("mailto:").casefold(),
        "employee_number": raw.get("employee_number", ""),
        "language": _language(raw.get("language", ""), language),
        "entered_on": raw.get("entered_on", ""),
        **{name: raw.get(name, "") for name in KEPT},
    }
    values |= {name: value.strip() for name, value in fixes.items() if name in values}
    values["entered_on"] = parse_date(values["entered_on"]) or values["entered_on"]
    return values


def split_name(full: str) -> tuple[str, str]:
    """First and last name of one cell: a comma, then capitals, then the first word tell them apart."""
    if "," in full:
        last, _, first = full.partition(",")
        return first.strip(), last.strip()
    words = full.split()
    capitals = [w for w in words if w.isupper() and len(w) > 1]
    if capitals and len(capitals) < len(words):
        return " ".join(w for w in words if w not in capitals), " ".join(capitals)
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _cased(name: str) -> str:
    """A name written all in capitals or all in small letters, as people write it."""
    name = " ".join(name.split())
    if not (name.isupper() or name.islower()):
        return name
    parts = re.split(r"([\s'’-])", name.lower())
    small = {"de", "du", "des", "la", "le", "von", "van", "der", "den", "di", "da"}
    spaced = " " in name
    return "".join(p if spaced and p in small and i else p[:1].upper() + p[1:] for i, p in enumerate(parts))


def _language(said: str, usual: str) -> str:
    word = fold(said)
    return next((code for code, starts in LANGUAGES if word.startswith(starts)), usual) if word else usual


def parse_date(text: str) -> str:
    """An ISO date from 31/12/2024, 31.12.24, 2024-12-31 or Excel's day number; empty when it is no date."""
    text = text.strip()
    if re.fullmatch(r"\d{5}", text):
        return (dt.date(1899, 12, 30) + dt.timedelta(days=int(text))).isoformat()
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"):
        try:
            return dt.datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007  # a date has no zone
        except ValueError:
            continue
    return ""


def _usual_domain(rows: Iterable[Judged]) -> str:
    domains = Counter(r.values["email"].rpartition("@")[2] for r in rows if is_email(r.values["email"]))
    return domains.most_common(1)[0][0] if domains else ""


def _is_total(row: Judged) -> bool:
    filled = [cell for cell in row.cells if cell]
    return len(filled) <= 2 and bool(filled) and bool(TOTALS.match(filled[0]))


def _check(row: Judged, domain: str) -> None:
    values, say = row.values, row.problems.append
    for name in ("first_name", "last_name", *KEPT, "employee_number"):
        if FORMULA.match(values[name]):
            say(Problem(name, "formula", values[name]))
    address = values["email"]
    if not address:
        say(Problem("email", "no_email", blocking=False))
    elif not is_email(address):
        local = address.split("@")[0]
        whole = f"{local}@{domain}"
        say(Problem("email", "bad_email", address, whole if local and domain and is_email(whole) else None))
    for name in ("first_name", "last_name"):
        if not values[name]:
            say(Problem(name, f"no_{name}", suggestion=_name_from(address, name)))
    if values["entered_on"] and not parse_date(values["entered_on"]):
        say(Problem("entered_on", "bad_date", values["entered_on"], ""))


def _name_from(address: str, name: str) -> str | None:
    parts = address.split("@")[0].split(".")
    if len(parts) != 2 or not is_email(address):
        return None
    return _cased(parts[0 if name == "first_name" else 1])


def _check_twins(row: Judged, emails: dict[str, Judged], numbers: dict[str, Judged]) -> None:
    address, number = email_norm(row.values["email"]), row.values["employee_number"]
    other = numbers.get(number) if number else None
    twin = emails.get(address) if address and is_email(address) else None
    if other is not None and other is twin and other.values == row.values:
        row.verdict = "skip"
        row.problems = [Problem("row", "repeated", str(other.line), blocking=False)]
        return
    if twin is not None:
        local = f"{slugify(row.values['first_name'])}.{slugify(row.values['last_name'])}"
        proposed = f"{local}@{address.rpartition('@')[2]}"
        row.problems.append(Problem("email", "twin_email", str(twin.line), proposed if proposed not in emails else None))
    elif address and is_email(address):
        emails[address] = row
    if other is not None:
        row.problems.append(Problem("employee_number", "twin_number", str(other.line), ""))
    elif number:
        numbers[number] = row


def _meet(row: Judged, by_email: Mapping[str, Known], by_number: Mapping[str, Known]) -> None:
    """Whether the person is here already: by employee number when there is one, else by address."""
    if row.verdict == "skip":
        return
    values = row.values
    here = by_number.get(values["employee_number"]) if values["employee_number"] else None
    mailed = by_email.get(values["email"]) if values["email"] else None
    here = here or (mailed if mailed and not (values["employee_number"] and mailed.values["employee_number"]) else None)
    if here is None and mailed is not None:
        row.problems.append(Problem("email", "taken_email", mailed.values["last_name"]))
    if any(p.blocking for p in row.problems):
        row.verdict = "fix"
    elif here is not None:
        # A column that is empty in the file says nothing: it never empties what is known.
        row.member_id = here.id
        row.before = {n: here.values[n] for n in COMPARED if values[n] and values[n] != here.values[n]}
        row.verdict = "update" if row.before else "same"

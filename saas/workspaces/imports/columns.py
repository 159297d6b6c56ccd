"""Which column is what: told by its header and by what it holds, correctable, remembered for the client.

A header counts for much, what stands under it for more: "Mail" above yes and no is no address, and a column without a
header that holds addresses is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from saas.kit.names import email_norm, fold, is_email
from saas.workspaces.imports import dates, naming
from saas.workspaces.imports.addresses import NONE, tidy
from saas.workspaces.imports.vocabulary import FIELDS, field_of, is_sensitive, key

__all__ = ["FIELDS", "guess", "order_of_names"]

SAMPLE = 200
EXACTLY, IN_PART, REMEMBERED = 10.0, 6.0, 30.0
ENOUGH = 4.5
NUMBER = re.compile(r"^[A-Za-z]{0,4}[-_ ]?\d{2,10}$")
PHONE = re.compile(r"^(\+?33|0)[ .]?[1-9]([ .-]?\d{2}){4}$")
WORDS_OF_LANGUAGES = re.compile(r"^(fr|en|fra|eng|francais|french|anglais|english)\b")
NAME = re.compile(r"^[^\W\d_]+([ '’.-]+[^\W\d_]+)*\.?$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header and the cells of a sample that hold something."""

    number: int
    header: str
    values: tuple[str, ...]

    def share(self, test: Callable[[str], object]) -> float:
        return sum(bool(test(value)) for value in self.values) / len(self.values) if self.values else 0.0

    @property
    def distinct(self) -> float:
        return len(set(self.values)) / len(self.values) if self.values else 0.0


def guess(
    headers: Sequence[str], rows: Sequence[Sequence[str]] = (), remembered: Mapping[str, str | None] | None = None
) -> dict[str, int]:
    """field → column number.

    `rows` is a sample of cells. `remembered` maps headers (see vocabulary.key) to what a person settled on before: a
    field, or None for a column left out.
    """
    columns = [_column(number, header, rows) for number, header in enumerate(headers)]
    scores: dict[tuple[str, int], float] = {}
    for column in columns:
        if is_sensitive(column.header):
            continue
        settled = (remembered or {}).get(key(column.header), "") if column.header else ""
        if settled is None:
            continue
        for field, score in (_by_header(column) | _by_content(column)).items():
            scores[field, column.number] = score
        if settled:
            scores[settled, column.number] = REMEMBERED
    _by_address(columns, scores)
    _managers(columns, scores)
    return _full_names(_best(scores), columns)


def _column(number: int, header: str, rows: Sequence[Sequence[str]]) -> Column:
    cells = (row[number] for row in rows[:SAMPLE] if number < len(row))
    return Column(number, header, tuple(cell for cell in cells if cell and fold(cell) not in NONE))


def _by_header(column: Column) -> dict[str, float]:
    found = field_of(column.header)
    if found is None:
        return {}
    field, sure = found
    return {field: (EXACTLY if sure == 2 else IN_PART) * (0.3 if _contradicts(field, column) else 1.0)}


def _contradicts(field: str, column: Column) -> bool:
    """Whether what stands in a column cannot be what its header says."""
    if len(column.values) < 3:
        return False
    if field == "email":
        return column.share(lambda v: "@" in v) < 0.3
    if field in ("entered_on", "left_on"):
        return column.share(_is_date) < 0.3
    if field in ("last_name", "first_name", "full_name"):
        return column.share(lambda v: any(c.isalpha() for c in v)) < 0.5 or column.share(is_email) > 0.5
    return field == "language" and column.share(lambda v: len(v) > 30) > 0.5


def _is_date(value: str) -> bool:
    return bool(dates.parse(value) or dates.parse(value, american=True))


def _by_content(column: Column) -> dict[str, float]:
    """What a column without a telling header is, by what it holds."""
    if not column.values:
        return {}
    found: dict[str, float] = {}
    addresses = column.share(lambda v: is_email(tidy(v)))
    if addresses >= 0.5 and column.distinct > 0.8:
        found["email"] = 9 * addresses
    if _by_header(column):
        return found
    if column.share(lambda v: WORDS_OF_LANGUAGES.match(fold(v))) > 0.9 and len(set(column.values)) <= 6:
        found["language"] = 6
    numbers = column.share(lambda v: NUMBER.match(v) and not PHONE.match(v) and not dates.parse(v))
    if numbers > 0.9 and column.distinct > 0.95 and len(column.values) > 2:
        found["employee_number"] = 5 * numbers
    return found


def _by_address(columns: Sequence[Column], scores: dict[tuple[str, int], float]) -> None:
    """Names are what addresses are made of: jean.dupont@… tells which column holds Jean and which Dupont."""
    address = max((c for c in columns if scores.get(("email", c.number), 0) >= ENOUGH), default=None,
                  key=lambda c: scores["email", c.number])  # fmt: skip
    if address is None or len(address.values) < 2:
        return
    locals_ = {tuple(naming.bare(part) for part in re.split(r"[._]", tidy(v).partition("@")[0])) for v in address.values}
    firsts, lasts = {parts[0] for parts in locals_ if len(parts) > 1}, {parts[-1] for parts in locals_ if len(parts) > 1}
    whole = {frozenset(parts) for parts in locals_ if len(parts) == 2}
    for column in columns:
        if column is address or field_of(column.header) is not None or column.share(NAME.match) < 0.8:
            continue
        found = {
            "first_name": column.share(lambda v: naming.bare(v) in firsts),
            "last_name": column.share(lambda v: naming.bare(v) in lasts),
            "full_name": column.share(lambda v: frozenset(naming.bare(name) for name in naming.split(v)) in whole),
        }
        for field, share in found.items():
            if share > 0.5:
                scores[field, column.number] = 8 * share


def _managers(columns: Sequence[Column], scores: dict[tuple[str, int], float]) -> None:
    """A column whose values are all among the employee numbers or the addresses, many of them often: line managers."""
    for field in ("employee_number", "email"):
        own = max((c for c in columns if scores.get((field, c.number), 0) >= ENOUGH), default=None,
                  key=lambda c: scores[field, c.number])  # fmt: skip
        if own is None:
            continue
        known = set(map(email_norm, own.values))
        for column in columns:
            if column is own or field_of(column.header) or not column.values:
                continue
            if column.distinct < 0.7 and column.share(lambda v: email_norm(v) in known) > 0.6:  # noqa: B023  # used at once
                scores["line_manager", column.number] = 7


def _best(scores: Mapping[tuple[str, int], float]) -> dict[str, int]:
    """Each field once, each column once, the surest first; of equals, the column further left."""
    mapping: dict[str, int] = {}
    for (field, number), score in sorted(scores.items(), key=lambda entry: (-entry[1], entry[0][1])):
        if score >= ENOUGH and field not in mapping and number not in mapping.values():
            mapping[field] = number
    return mapping


def _full_names(mapping: dict[str, int], columns: Sequence[Column]) -> dict[str, int]:
    """A full name is not wanted beside a first and a last one; a last name alone is a full one."""
    if "first_name" in mapping and "last_name" in mapping:
        mapping.pop("full_name", None)
    elif "last_name" in mapping and "first_name" not in mapping and "full_name" not in mapping:
        values = columns[mapping["last_name"]].values
        if not values or sum(" " in value for value in values) * 2 >= len(values):
            mapping["full_name"] = mapping.pop("last_name")
    return mapping


def order_of_names(header: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Which name comes first in a full-name column: told by the addresses beside it, else by the header's own words.

    `pairs` are (full name, address).
    """
    votes = {naming.LAST_FIRST: 0, naming.FIRST_LAST: 0}
    for full, address in pairs[:SAMPLE]:
        parts, words = naming.of_address(address), full.split()
        if parts and len(words) == 2 and naming.bare(parts[0]) != naming.bare(parts[1]):
            first, last = (naming.bare(part) for part in parts)
            votes[naming.FIRST_LAST] += [naming.bare(w) for w in words] == [first, last]
            votes[naming.LAST_FIRST] += [naming.bare(w) for w in words] == [last, first]
    if votes[naming.FIRST_LAST] != votes[naming.LAST_FIRST]:
        return max(votes, key=lambda order: votes[order])
    name = key(header)
    french = name.startswith("nom") and "complet" not in name and "affiche" not in name
    return naming.LAST_FIRST if french or name.startswith("last") else naming.FIRST_LAST

"""A list of people as HR sends or pastes it, matched with those who are here: by employee number, address or whole name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from saas.identity.models import Member
from saas.kit.errors import Refused
from saas.kit.names import email_norm, fold
from saas.workspaces.imports import columns, pasted, reading
from saas.workspaces.imports.addresses import tidy
from saas.workspaces.imports.tables import Table
from saas.workspaces.queries.people import within
from tenants.db import db

MOST = 500
CANDIDATES = 8
PASTED = {"full_name": 0, "email": 1}  # what saas.workspaces.imports.pasted makes of lines
ALONE = 50  # last names without a first one that are looked up


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it said, and who it means. Without a `member`, `reason` says why: unknown, several or left."""

    number: int
    said: str
    member: Member | None = None
    reason: str = ""
    candidates: Sequence[Member] = ()


@dataclass(slots=True)
class Matched:
    """Who a list means, in its order, each once; the lines that mean nobody; how many lines said somebody again."""

    members: list[Member] = field(default_factory=list)
    unclear: list[Line] = field(default_factory=list)
    again: int = 0


def read(filename: str, content: bytes, text: str) -> Table:
    """The table in a file, or in pasted lines. Raises Refused."""
    if content:
        return reading.read(filename, content)
    if text.strip():
        return pasted.read(text)
    raise Refused(_l("Choose a file, or paste names or addresses."), "pasted")


def match(table: Table) -> Matched:
    """Who the lines of a table mean, in two statements whatever their number. Raises Refused."""
    rows = [(number, cells) for number, cells in table.rows if any(cells)]
    if not rows:
        raise Refused(_l("This list is empty."), "pasted")
    if len(rows) > MOST:
        raise Refused(_l("At most 500 people at once: split the list."), "pasted")
    pasted_lines = table.details.get("pasted") and len(table.headers) == 2
    mapping = PASTED if pasted_lines else columns.guess(table.headers, [cells for _, cells in rows])
    if not {"employee_number", "email", "full_name", "last_name"} & mapping.keys():
        raise Refused(_l("No column of this file holds employee numbers, addresses or names."), "file")
    said = [(number, _keys(cells, mapping), _shown(cells)) for number, cells in rows]
    known = _people(key for _, keys, _ in said for key in keys)
    found = Matched()
    for number, keys, shown in said:
        line = _line(number, keys, shown, known)
        if line.member is None:
            found.unclear.append(line)
        elif line.member in found.members:
            found.again += 1
        else:
            found.members.append(line.member)
    return found


def _shown(cells: Sequence[str]) -> str:
    return ", ".join(cell for cell in cells if cell)[:160]


def _keys(cells: Sequence[str], mapping: Mapping[str, int]) -> list[tuple[str, str]]:
    """What a line is looked up by, the surest first: (kind, value)."""

    def cell(name: str) -> str:
        at = mapping.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    keys = []
    if cell("employee_number"):
        keys.append(("number", cell("employee_number")))
    if "@" in cell("email"):
        keys.append(("email", email_norm(tidy(cell("email")))))
    name = cell("full_name") or f"{cell('last_name')} {cell('first_name')}".strip()
    if not keys and not name:  # a pasted line that is no address: a number, or a name
        name = cell("email")
        keys.append(("number", name))
    if name:
        keys.append(("name", " ".join(fold(name.replace(",", " ")).split())))
    return keys


def _orders(name: str) -> list[str]:
    """A name with its words turned round: Jeanne de La Tour is filed as de la tour jeanne."""
    words = name.split()
    return [" ".join(words[i:] + words[:i]) for i in range(len(words))]


def _people(keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], list[Member]]:
    """Everybody whom these keys may mean, under each of their own keys."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, value in keys:
        wanted[kind].add(value)
    alone = [name for name in sorted(wanted["name"]) if name and " " not in name]
    meant = or_(
        Member.employee_number.in_(wanted["number"]),
        Member.email_norm.in_(wanted["email"]),
        Member.name_folded.in_({order for name in wanted["name"] for order in _orders(name)}),
        *[Member.name_folded.startswith(f"{name} ", autoescape=True) for name in alone[:ALONE]],
    )
    found: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for person in db.session.scalars(within(select(Member).where(meant))):
        own = [("number", person.employee_number or ""), ("email", person.email_norm or "")]
        names = [*_orders(person.name_folded), person.name_folded.partition(" ")[0]]
        for key in (*own, *[("name", name) for name in dict.fromkeys(names)]):
            if key[1] in wanted[key[0]]:
                found[key].append(person)
    return found


def _line(number: int, keys: Sequence[tuple[str, str]], shown: str, known: Mapping[tuple[str, str], list[Member]]) -> Line:
    for key in keys:
        people = known.get(key, [])
        here = [person for person in people if person.left_at is None]
        if len(here) == 1:
            return Line(number, shown, here[0])
        if here:
            return Line(number, shown, None, "several", here[:CANDIDATES])
        if people:
            return Line(number, shown, None, "left")
    return Line(number, shown, None, "unknown")

"""Line managers: told by number, by address or by name, kept as the manager's employee number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from saas.kit.names import fold
from saas.workspaces.imports import naming
from saas.workspaces.imports.meeting import Known, canonical

if TYPE_CHECKING:
    from saas.workspaces.imports.judging import Judged


class Managers:
    """Everybody of the file and of the workspace, as a line-manager column may name them."""

    def __init__(self, rows: Sequence[Mapping[str, str]], known: Sequence[Known]) -> None:
        people = [*(k.values for k in known), *rows]
        self.numbers = {canonical(p["employee_number"]): p["employee_number"] for p in people if p["employee_number"]}
        self.others: dict[str, set[str]] = {}
        for person in people:
            for name in _called(person):
                self.others.setdefault(name, set()).add(person["employee_number"])

    def check(self, row: Judged) -> None:
        """Put the manager's number in place of what the file calls them; warn when nobody is called so."""
        said = row.values["line_manager"]
        if not said:
            return
        number = self.numbers.get(canonical(said))
        if number is None:
            found = self.others.get(_plain(said), set())
            if len(found) != 1:
                row.say("line_manager", "unknown_manager" if not found else "two_managers", said, "", blocking=False)
                return
            number = next(iter(found)) or said
        # Whoever heads the house is their own manager in some tools: they have none.
        row.values["line_manager"] = "" if number == row.values["employee_number"] else number


def _called(person: Mapping[str, str]) -> Iterable[str]:
    first, last = person["first_name"], person["last_name"]
    return {_plain(name) for name in (f"{first} {last}", f"{last} {first}", person["email"]) if name.strip()}


def _plain(name: str) -> str:
    return fold(naming.CIVILITY.sub("", name).replace(",", " "))

"""Whether the person of a row is here already: by employee number, else by address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saas.workspaces.imports.naming import bare


@dataclass(frozen=True, slots=True)
class Known:
    """A member as the judge compares them. `left` is when they left, in ISO form; empty: they are here."""

    id: Any
    values: Mapping[str, str]
    left: str = ""

    @property
    def name(self) -> str:
        return f"{self.values['first_name']} {self.values['last_name']}".strip()


def canonical(number: str) -> str:
    """An employee number as it is compared: spreadsheets drop leading zeros, people add blanks."""
    plain = "".join(number.split()).casefold()
    return plain.lstrip("0") or plain


class Meeting:
    """The people who are here, by what tells them apart."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.by_address = {k.values["email"]: k for k in known if k.values["email"]}
        self.by_number: dict[str, Known | None] = {}
        for person in known:
            number = canonical(person.values["employee_number"])
            if number:
                # Two people whose numbers differ by zeros only are told apart by the whole number.
                self.by_number[number] = None if number in self.by_number else person
        self.exact = {k.values["employee_number"]: k for k in known if k.values["employee_number"]}

    def find(self, values: dict[str, str]) -> tuple[Known | None, tuple[str, ...] | None]:
        """(who it is, what stands in the way as field, code, what was seen, suggestion)."""
        number = values["employee_number"]
        here = (self.exact.get(number) or self.by_number.get(canonical(number))) if number else None
        mailed = self.by_address.get(values["email"]) if values["email"] else None
        if here is not None:
            values["employee_number"] = here.values["employee_number"]
            if mailed is not None and mailed.id != here.id:
                return here, ("email", "other_email", mailed.name)
            return here, _other_person(values, here)
        if mailed is not None and number and mailed.values["employee_number"]:
            return None, ("employee_number", "taken_email", mailed.name, mailed.values["employee_number"])
        return mailed, None


def _other_person(values: Mapping[str, str], here: Known) -> tuple[str, ...] | None:
    """A number that was given to somebody else: neither name nor address is that of whom it was."""
    same = any(bare(values[n]) == bare(here.values[n]) for n in ("first_name", "last_name") if values[n])
    if same or not values["email"] or values["email"] == here.values["email"]:
        return None
    return ("same", "other_person", here.name, "1")

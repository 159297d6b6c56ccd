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


@dataclass(frozen=True, slots=True)
class Met:
    """Whom a row meets, what stands in the way (field, code, what was seen, suggestion), and whom that is about."""

    here: Known | None = None
    problem: tuple[str, ...] = ()
    about: Known | None = None


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

    def find(self, values: dict[str, str]) -> Met:
        """Whom a row stands for. The number becomes the one that is known, with the zeros a spreadsheet dropped."""
        number = values["employee_number"]
        here = (self.exact.get(number) or self.by_number.get(canonical(number))) if number else None
        mailed = self.by_address.get(values["email"]) if values["email"] else None
        if here is not None:
            values["employee_number"] = here.values["employee_number"]
            if mailed is not None and mailed.id != here.id:
                return Met(here, ("email", "other_email", mailed.name), mailed)
            return Met(here, ("same", "other_person", here.name, "1"), here) if _is_another(values, here) else Met(here)
        if mailed is not None and number and mailed.values["employee_number"]:
            return Met(None, ("employee_number", "taken_email", mailed.name, mailed.values["employee_number"]), mailed)
        return Met(mailed)


def _is_another(values: Mapping[str, str], here: Known) -> bool:
    """Whether a number was given to somebody else: neither name nor address is that of whom it was."""
    same = any(bare(values[n]) == bare(here.values[n]) for n in ("first_name", "last_name") if values[n])
    return not same and bool(values["email"]) and values["email"] != here.values["email"]

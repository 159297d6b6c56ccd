"""Personal data: what each feature holds about a person, why, how it is shown to them, and how it is erased.

A feature says so in a file ``personal.py`` of its own, one `Part` a kind of data. The person's own page and file, the
erasure and the privacy page are made from these parts alone, so that none of them can say less than the others. A table
that can point to a person and is in no part needs a reason in `WITHOUT` (a test walks all tables).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tenants.scope import Kind, Scope


@dataclass(frozen=True, slots=True)
class Person:
    """One membership of somebody: a member of a client (member_id), or a person of the firm's staff (staff_id).

    `email` is their address as it is compared. `token` is the hash of their sign-in's secret, when it is they who look: what
    the database gives to the person alone asks for it.
    """

    firm_id: UUID
    workspace_id: UUID | None
    member_id: UUID | None
    staff_id: UUID | None
    account_id: UUID | None
    name: str
    email: str
    token: str = ""

    def scope(self, kind: Kind) -> Scope | None:
        """The scope of a kind in which this person's rows are; None when there is none, as the community of somebody who
        has never signed in."""
        if kind is Kind.PLATFORM:
            return Scope.platform()
        if kind is Kind.FIRM or self.workspace_id is None:
            return Scope.firm(self.firm_id) if kind is Kind.FIRM else None
        if kind is Kind.COMMUNITY:
            return Scope.community(self.firm_id, self.workspace_id, self.account_id) if self.account_id else None
        return Scope.workspace(self.firm_id, self.workspace_id)

    def home(self) -> Scope:
        """The scope of this membership itself: the client's, or the firm's."""
        return Scope.workspace(self.firm_id, self.workspace_id) if self.workspace_id else Scope.firm(self.firm_id)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is held: `key` for machines, `label` for a person, `value` a text, number, day, moment or list of texts."""

    key: str
    label: Any
    value: Any


Row = Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Hold:
    """A document that the law keeps: what, by which law, until which day.

    `names`: it must go on naming the person, as an attendance sheet must; an invoice counts a seat without a name.
    """

    what: Any
    source: Any
    until: dt.date
    names: bool = True


@dataclass(frozen=True, slots=True)
class Erasing:
    """How a membership is erased: what stands in the place of a name (`former`: of a writer's name in the community) and of
    what was written, and whether posts go too.

    `called` is the name where it is nobody else's, else empty: a line that holds a name alone does not say whose it is.
    `alias` is an id that leads to nobody.
    """

    name: str
    former: str
    removed: str
    with_posts: bool
    called: str
    alias: UUID


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of personal data of a feature.

    `what` and `why` are sentences for the person and for the privacy page; `basis` is contract, duty or interest (GDPR,
    art. 6.1 b, c, f). `within` is the scope of its rows, `tables` the tables it answers for. `read` gives a person's rows;
    `files` their own documents; `holds` what the law keeps of them; `erase` takes away what is not held, in the workspace's
    scope and in its transaction, in the order of `rank`; `end` takes away what was held, when no hold is left.
    """

    key: str
    title: Any
    what: Any
    why: Any
    basis: str
    tables: tuple[str, ...]
    read: Callable[[Person], Sequence[Row]]
    within: Kind = Kind.WORKSPACE
    files: Callable[[Person], Sequence[tuple[str, bytes]]] | None = None
    holds: Callable[[Person], Sequence[Hold]] | None = None
    erase: Callable[[Person, Erasing], None] | None = None
    end: Callable[[Person], None] | None = None
    rank: int = 0  # of `erase`: the lower first, then from the top feature down


@dataclass(slots=True)
class Registry:
    """What features have declared, lowest feature first."""

    parts: list[Part] = field(default_factory=list)
    without: dict[str, str] = field(default_factory=dict)


REGISTRY = Registry()


def holds_personal(part: Part) -> Part:
    """Declare a kind of personal data; features call this when they are imported."""
    if part.key not in {known.key for known in REGISTRY.parts}:
        REGISTRY.parts.append(part)
    return part


def not_personal(reason: str, *tables: str) -> None:
    """Say why tables that look as if they could point to a person belong to no part."""
    REGISTRY.without.update(dict.fromkeys(tables, reason))


def parts_of(person: Person) -> list[Part]:
    """The parts that may hold something about a person, as a member or as one of the staff."""
    kinds = {Kind.FIRM} if person.staff_id else {Kind.WORKSPACE, Kind.COMMUNITY}
    return [part for part in REGISTRY.parts if part.within in kinds]


def parts_of_account() -> list[Part]:
    """The parts about how somebody signs in, whatever they are where."""
    return [part for part in REGISTRY.parts if part.within is Kind.PLATFORM]


def years_after(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; 29 February gives 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def in_order() -> list[Part]:
    """The parts in the order of erasing: what others leave behind them goes after them, and who it is goes last."""
    top_down = list(reversed(REGISTRY.parts))
    return sorted(top_down, key=lambda part: part.rank)

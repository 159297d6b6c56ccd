"""What a list is narrowed to, as its address or a form says it: words under names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Inherited by the frozen dataclasses that say what a list is asked for; each of their fields is a str, "" by default."""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """From an address or a form; what is not said is empty."""
        return cls(**{field.name: said.get(field.name, "").strip()[:LONGEST] for field in fields(cls)})

    def args(self, **changes: str) -> dict[str, str]:
        """The address's parameters, with some of them changed; empty ones are left out."""
        changed = replace(self, **changes)
        return {field.name: value for field in fields(changed) if (value := getattr(changed, field.name))}

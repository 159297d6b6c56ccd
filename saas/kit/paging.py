"""One page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`items` of page `number` (from 1), of `total` rows in all."""

    items: list[Row]
    number: int
    has_next: bool
    total: int
    per_page: int = 25

    @property
    def pages(self) -> int:
        return max(-(-self.total // self.per_page), 1)


def page_url(number: int) -> str:
    """This page's address with another page number; filters stay."""
    args = {**request.args.to_dict(), "page": str(number)}
    return "?" + urlencode(args)


def sort_url(column: str, current: str, first: str = "") -> str:
    """This page's address sorted by a column: once more turns the order round. `-name` is name downwards; `first` starts."""
    wanted = f"-{column}" if current == column else column if current == f"-{column}" else f"{first}{column}"
    args = {name: value for name, value in request.args.items() if name not in ("sort", "page")}
    return "?" + urlencode({**args, "sort": wanted})

"""Choices of a form's list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms.fields import SelectChoice


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a list offers, from (value, label)."""
    return [SelectChoice(value, label) for value, label in pairs]

"""What a form sends of many rows: boxes of one name, cells of a table."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import abort, request


def posted_ids(name: str, most: int) -> list[UUID]:
    """The ids ticked under a name, `most` at most. 400 when one is no id: no page of ours sends such a thing."""
    try:
        return [UUID(value) for value in request.form.getlist(name)[:most] if value]
    except ValueError:
        abort(400)


def posted_cells(longest: int = 320) -> Iterator[tuple[str, str, str]]:
    """(row, field, value) of the inputs called ``row:field``, and of a button called apply with ``row:field=value``, which wins."""
    pairs = list(request.form.items())
    if "apply" in request.form:
        name, _equals, value = request.form["apply"].partition("=")
        pairs.append((name, value))
    for name, value in pairs:
        row, colon, field = name.partition(":")
        if colon:
            yield row, field, value.strip()[:longest]

"""Ids that a form sends: many boxes of one name."""

from __future__ import annotations

from uuid import UUID

from flask import abort, request


def posted_ids(name: str, most: int) -> list[UUID]:
    """The ids ticked under a name, `most` at most. 400 when one is no id: no page of ours sends such a thing."""
    try:
        return [UUID(value) for value in request.form.getlist(name)[:most]]
    except ValueError:
        abort(400)

"""What this feature adds to a person's page: a correction that waits, an erasure asked for, and the way to erase a leaver."""

from __future__ import annotations

from typing import Any

from flask import render_template

from saas.identity.models import Member
from saas.kit.access import may
from saas.kit.panels import panel
from saas.privacy import queries


@panel("person")
def requests(person: Member, **_: Any) -> str:
    """One statement."""
    asked, erasure = queries.waiting_of(person.id)
    if not (asked or erasure or person.left_at):
        return ""
    return render_template(
        "privacy/_person.html", person=person, asked=asked, erasure=erasure, decides=may("hr", "owner"),
    )  # fmt: skip

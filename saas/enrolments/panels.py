"""What enrolments add to the page of a person, and to the question whether somebody leaves."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy import Select

from saas.enrolments.queries import seats as queries
from saas.identity.models import Member
from saas.kit.clock import now
from saas.kit.panels import panel


@panel("person")
def of_person(person: Member, **_: Any) -> str:
    return render_template("enrolments/_person.html", person=person, rows=queries.of_person(person.id), now=now())


@panel("leaving")
def seats_to_come(who: Select[Member], **_: Any) -> str:
    """The seats that stay when these people leave, each with its page, where it is given back."""
    rows, number = queries.seats_to_come(who)
    return render_template("enrolments/_leaving.html", rows=rows, number=number) if rows else ""

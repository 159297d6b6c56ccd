"""What a person says of their needs. In workspace scope, through functions that ask who is signed in.

`token` is the hash of the sign-in's secret: the database gives a need to whoever holds a sign-in of the seat's person, and to
nobody else of their company.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from saas.enrolments.needs.words import ACCESS, DIET
from saas.kit.errors import Refused
from tenants.db import db, new_id

MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Need:
    """Codes of saas.enrolments.needs.words, and a sentence of one's own for each of the two."""

    diet: Collection[str] = ()
    diet_words: str = ""
    access: Collection[str] = ()
    access_words: str = ""

    def __bool__(self) -> bool:
        return bool(self.diet or self.diet_words or self.access or self.access_words)


def mine(enrolment_id: UUID, token: str) -> Need:
    """What whoever is signed in has said for their seat; empty when it is not theirs."""
    row = db.session.execute(text("SELECT * FROM my_need(:seat, :token)"), {"seat": enrolment_id, "token": token}).first()
    return Need(*row) if row else Need()


def say(enrolment_id: UUID, token: str, need: Need) -> None:
    """Keep it; an empty one is forgotten. Raises Refused when the seat is not theirs, or ended."""
    if not set(need.diet) <= set(DIET) or not set(need.access) <= set(ACCESS):
        raise Refused(_l("Choose from the list."))
    if not need:
        forget(enrolment_id, token)
        return
    values = {
        "id": new_id(), "seat": enrolment_id, "token": token, "diet": json.dumps(sorted(need.diet)),
        "diet_words": need.diet_words.strip()[:MOST_WORDS], "access": json.dumps(sorted(need.access)),
        "access_words": need.access_words.strip()[:MOST_WORDS],
    }  # fmt: skip
    kept = text("SELECT say_need(:id, :seat, :token, CAST(:diet AS jsonb), :diet_words, CAST(:access AS jsonb), :access_words)")
    if not db.session.scalar(kept, values):
        raise Refused(_l("Needs are said by the person whose seat it is, while they have it."))


def forget(enrolment_id: UUID, token: str) -> None:
    """Erase it, at once and for good."""
    db.session.execute(text("SELECT forget_need(:seat, :token)"), {"seat": enrolment_id, "token": token})

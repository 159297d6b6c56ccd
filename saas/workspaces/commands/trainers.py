"""Writes about trainers: their card, skills and papers. In firm scope."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l

from saas.identity.models import StaffCard, StaffDocument
from saas.kit import documents, journal
from saas.kit.errors import Refused
from saas.kit.names import slugify
from tenants.db import db, new_id

MOST_FILE = 10 * 1024 * 1024
MOST_SKILLS = 30


def describe(card: StaffCard, *, phone: str, bio: dict[str, str], skills: str) -> None:
    """Change what others see of a trainer; `skills` has one a line. Raises Refused on too many or too long ones."""
    lines = list(dict.fromkeys(" ".join(line.split()) for line in skills.splitlines() if line.strip()))
    if len(lines) > MOST_SKILLS or any(len(line) > 80 for line in lines):
        raise Refused(_l("Up to 30 skills of up to 80 characters each, one a line."), "skills")
    card.phone, card.skills = phone.strip(), lines
    card.bio = {code: text.strip() for code, text in bio.items() if text.strip()}
    db.session.flush()
    journal.note("trainer.described", card.name, card.id)


def add_paper(
    card: StaffCard, *, kind: str, label: str, expires_on: dt.date | None, content: bytes, suffix: str
) -> StaffDocument:  # fmt: skip
    """Archive a document of a trainer's; the file is kept with its hash and never changes."""
    paper = StaffDocument(id=new_id(), staff_id=card.id, kind=kind, label=label.strip(), expires_on=expires_on)
    name = f"{slugify(label) or kind}{suffix}"
    paper.document_id = documents.archive("staff-document", paper.id, name, content).id
    db.session.add(paper)
    db.session.flush()
    journal.note("trainer.document_added", card.name, card.id, label=paper.label)
    return paper


def drop_paper(card: StaffCard, paper: StaffDocument) -> None:
    """Take a document off a trainer's page. Its file stays in the archive."""
    db.session.delete(paper)
    db.session.flush()
    journal.note("trainer.document_removed", card.name, card.id, label=paper.label)

"""Writes of a programme's wording: drafts, versions, publication. In firm scope.

A draft is changed in place. A published version never changes: saving over it starts the next one, and sessions and offers
keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue import completeness
from saas.catalogue.models import Programme, ProgrammeVersion
from saas.catalogue.texts import CODES, KINDS, both_filled
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id

FACTS = (
    "minutes", "days", "modality", "min_group", "max_group", "price_seat_cents", "price_group_cents", "vat", "nsf_code", "bpf_class",
    "languages",
)  # fmt: skip
MOST_LINES, LONGEST = 40, 8_000


@dataclass(frozen=True, slots=True)
class Wording:
    """What a version says: its title and texts in both languages, and its facts by column name."""

    title: dict[str, str]
    texts: dict[str, Any]
    facts: dict[str, Any]

    @classmethod
    def of(cls, version: ProgrammeVersion) -> Wording:
        return cls(dict(version.title), dict(version.texts), {name: getattr(version, name) for name in FACTS})


class Overtaken(Refused):
    """Somebody saved the same wording meanwhile: `theirs` is what they saved."""

    def __init__(self, theirs: ProgrammeVersion) -> None:
        super().__init__(_l("%(who)s saved this programme while you were typing.", who=theirs.edited_by or "Cordée"))
        self.theirs = theirs


def check(wording: Wording) -> None:
    """Raises Refused when a wording cannot be kept: no title, an impossible group, texts without end."""
    if not both_filled(wording.title):
        raise Refused(_l("Enter a title, in one language at least."), "title_fr")
    facts = wording.facts
    if facts.get("min_group", 1) > facts.get("max_group", 1):
        raise Refused(_l("The smallest group is larger than the largest one."), "min_group")
    if any(len(wording.texts.get(name, [])) > MOST_LINES for name in ("objectives", "modules")):
        raise Refused(_l("A programme has up to %(n)s objectives and parts.", n=MOST_LINES), "objectives_fr")
    said = [(name, texts) for name, texts in wording.texts.items() if isinstance(texts, dict)]
    for name, texts in [("title", wording.title), *said]:
        for code in CODES:
            if len(texts.get(code, "")) > (160 if name == "title" else LONGEST):
                raise Refused(_l("This text is too long."), f"{name}_{code}")


def tidy(wording: Wording) -> dict[str, Any]:
    """A wording as it is stored: nothing empty, facts beside."""
    texts: dict[str, Any] = {}
    for kind in KINDS:
        if both := both_filled(wording.texts.get(kind.name) or {}):
            texts[kind.name] = both
    texts["objectives"] = [both for row in wording.texts.get("objectives", []) if (both := both_filled(row))]
    modules = [
        {part: both_filled(row.get(part) or {}) for part in ("title", "content")} for row in wording.texts.get("modules", [])
    ]
    texts["modules"] = [module for module in modules if any(module.values())]
    return {"title": both_filled(wording.title), "texts": texts, **wording.facts}


def locked(version: ProgrammeVersion) -> Programme:
    """A version's programme, held until the end of the transaction, both as they are now."""
    programme = db.session.scalars(
        select(Programme).where(Programme.id == version.programme_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if version in db.session:
        db.session.refresh(version)
    return programme


def first(programme: Programme, wording: Wording) -> ProgrammeVersion:
    """The first draft of a new programme."""
    version = ProgrammeVersion(id=new_id(), programme_id=programme.id, number=1, edited_by=journal.actor_name(), **tidy(wording))
    version.programme = programme
    db.session.add(version)
    db.session.flush()
    journal.note("programme.created", programme.reference, programme.id)
    return version


def save(version: ProgrammeVersion, wording: Wording, revision: int) -> ProgrammeVersion:
    """Keep a wording: in the draft, or as the next version's draft when `version` is published; the version that holds it.

    `revision` is the one that the editor started from. Raises Overtaken when somebody saved since, Refused when the wording
    cannot be.
    """
    check(wording)
    programme = locked(version)
    newest = db.session.scalars(
        select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id, ProgrammeVersion.is_newest)
    ).one()
    if newest.id != version.id or newest.revision != revision:
        raise Overtaken(newest)
    if version.published_at is not None:
        if tidy(wording) == tidy(Wording.of(version)):
            return version  # nothing was changed: no new version
        return _next(programme, version, wording)
    for name, value in tidy(wording).items():
        setattr(version, name, value)
    version.revision += 1
    version.edited_by, version.edited_at = journal.actor_name(), now()
    db.session.flush()
    return version


def _next(programme: Programme, version: ProgrammeVersion, wording: Wording) -> ProgrammeVersion:
    version.is_newest = False
    db.session.flush()  # one version of a programme is the newest at any moment
    draft = ProgrammeVersion(
        id=new_id(), programme_id=programme.id, number=version.number + 1, edited_by=journal.actor_name(), **tidy(wording)
    )
    db.session.add(draft)
    db.session.flush()
    journal.note("programme.drafted", programme.reference, programme.id, number=draft.number)
    return draft


def must_be_complete(version: ProgrammeVersion) -> None:
    """Raises Refused, naming what lacks, when a version does not tell what the public must be told."""
    contact = db.session.execute(select(FirmProfile.email, FirmProfile.phone)).first()
    if gaps := completeness.missing(version, bool(contact and any(contact))):
        names = ", ".join(str(gap.label) for gap in gaps)
        raise Refused(_l("The public must be told more before it is published: %(what)s.", what=names), "visibility")


def publish(version: ProgrammeVersion) -> ProgrammeVersion:
    """Put a draft in force: offers and sessions made from now on take it. Done twice, it stays as it is.

    Raises Refused when the programme is public and does not tell what the public must be told.
    """
    programme = locked(version)
    if version.published_at is not None:
        return version
    if programme.visibility == "public":
        must_be_complete(version)
    for other in db.session.scalars(
        select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id, ProgrammeVersion.is_current)
    ):
        other.is_current = False
    db.session.flush()  # one version of a programme is in force at any moment
    version.is_current, version.published_at, version.published_by = True, now(), journal.actor_name()
    programme.state = "published"
    journal.note("programme.published", programme.reference, programme.id, number=version.number)
    db.session.flush()
    return version

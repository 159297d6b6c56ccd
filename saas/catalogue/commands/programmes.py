"""Writes of programmes: create, show to more or fewer, retire, copy. In firm scope. Their wording is in versions.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from saas.catalogue.commands import versions
from saas.catalogue.commands.versions import Wording
from saas.catalogue.models import Offer, Programme, ProgrammeVersion, TrainingSession
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.names import slugify
from saas.workspaces.commands.clients import free_slug
from saas.workspaces.commands.firm import profile_to_fill
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.scope import current_scope

LONGEST_REFERENCE = 40


def publish_programme(reference: str, title: dict[str, str], texts: dict[str, Any], **facts: Any) -> ProgrammeVersion:
    """Add a programme with its first version, published. Raises Refused when the reference is taken or the public lacks something."""
    visibility, tailored_for = facts.pop("visibility", "offered"), facts.pop("tailored_for", None)
    version = create(reference, Wording(title, texts, facts))
    version.programme.visibility, version.programme.tailored_for = visibility, tailored_for
    return versions.publish(version)


def create(reference: str, wording: Wording) -> ProgrammeVersion:
    """Add a programme with a first draft. Raises Refused when the reference is taken or the wording cannot be."""
    versions.check(wording)
    one_at_a_time()
    programme = Programme(id=new_id(), reference=checked_reference(reference), slug=free_address(wording.title))
    db.session.add(programme)
    db.session.flush()
    return versions.first(programme, wording)


def one_at_a_time() -> None:
    """References and addresses of one firm's programmes are given one after the other: two at once would take the same."""
    key = f"programmes:{current_scope().firm_id}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def checked_reference(said: str, of: UUID | None = None) -> str:
    """A reference that no other programme has. Raises Refused."""
    reference = " ".join(said.split())
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise Refused(_l("Enter a reference of up to %(n)s signs.", n=LONGEST_REFERENCE), "reference")
    taken = select(Programme.id).where(func.lower(Programme.reference) == reference.lower(), Programme.id != of)
    if db.session.scalar(taken):
        raise Refused(_l("Another programme has this reference."), "reference")
    return reference


def free_address(title: dict[str, str]) -> str:
    """The public address of a new programme: its title, in French if there is one."""
    wanted = slugify(title.get("fr") or title.get("en") or "") or "programme"
    near = select(Programme.slug).where(Programme.slug.startswith(wanted, autoescape=True))
    return free_slug(wanted, set(db.session.scalars(near)))


def refer(version: ProgrammeVersion, reference: str) -> None:
    """Change a programme's reference, for all its versions. Raises Refused when another one has it."""
    one_at_a_time()
    programme = versions.locked(version)
    programme.reference = checked_reference(reference, programme.id)
    db.session.flush()


def show_to(version: ProgrammeVersion, visibility: str, tailored_for: UUID | None = None) -> None:
    """Say who may know of a programme: everybody, the clients it is offered to, or one client alone. Raises Refused.

    A programme that is already published goes public only when it tells what the public must be told; one that other
    clients have in their catalogue is not made one client's own.
    """
    programme = versions.locked(version)
    if visibility not in ("public", "offered", "tailored"):
        raise Refused(_l("Choose who may see it."), "visibility")
    if visibility == "tailored":
        _must_be_alone(programme, tailored_for)
    if visibility == "public" and programme.state == "published":
        current = select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id, ProgrammeVersion.is_current)
        versions.must_be_complete(db.session.scalars(current).one())
    programme.visibility = visibility
    programme.tailored_for = tailored_for if visibility == "tailored" else None
    journal.note("programme.shown", programme.reference, programme.id, visibility=visibility)
    db.session.flush()


def _must_be_alone(programme: Programme, workspace_id: UUID | None) -> None:
    known = workspace_id and db.session.scalar(select(Workspace.id).where(Workspace.id == workspace_id))
    if not known:
        raise Refused(_l("Choose the client it is made for."), "tailored_for")
    offers = Offer.__table__.c  # the table: other clients' offers may be hidden from the model
    others = select(offers.id).where(
        offers.firm_id == programme.firm_id, offers.programme_id == programme.id, offers.workspace_id != workspace_id,
        offers.ended_at.is_(None),
    )  # fmt: skip
    if db.session.execute(others.limit(1)).first():
        raise Refused(_l("Other clients have it in their catalogue: end those offers first."), "tailored_for")


def retire(version: ProgrammeVersion) -> None:
    """Take a programme off sale: no new offer, no new session, nothing public. Sessions and offers that are there stay."""
    programme = versions.locked(version)
    if programme.state != "published":
        raise Refused(_l("Only a published programme is retired."))
    programme.state = "retired"
    journal.note("programme.retired", programme.reference, programme.id)
    db.session.flush()


def bring_back(version: ProgrammeVersion) -> None:
    """Put a retired programme on sale again, as it was. Raises Refused when it is not retired."""
    programme = versions.locked(version)
    if programme.state != "retired":
        raise Refused(_l("This programme is not retired."))
    programme.state = "published"
    journal.note("programme.restored", programme.reference, programme.id)
    db.session.flush()


def duplicate(version: ProgrammeVersion) -> ProgrammeVersion:
    """A new programme in draft that says the same, under a reference of its own."""
    reference = version.programme.reference
    near = select(Programme.reference).where(Programme.reference.startswith(reference[:30], autoescape=True))
    taken = {known.lower() for known in db.session.scalars(near)}
    free = next(name for n in range(2, len(taken) + 3) if (name := f"{reference[:34]}-{n}").lower() not in taken)
    copy = create(free, Wording.of(version))
    journal.note("programme.copied", reference, copy.id)
    return copy


def discard(version: ProgrammeVersion) -> UUID | None:
    """Throw a draft away; the version to show instead, none when the programme goes with it. Raises Refused when published."""
    programme = versions.locked(version)
    if version.published_at is not None:
        raise Refused(_l("A published version is kept: sessions and offers may name it."))
    before = db.session.scalar(
        select(ProgrammeVersion)
        .where(ProgrammeVersion.programme_id == programme.id, ProgrammeVersion.id != version.id)
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    )
    db.session.delete(version)
    db.session.flush()
    journal.note("programme.discarded", programme.reference, programme.id)
    if before is None:
        db.session.delete(programme)
    else:
        before.is_newest = True
    db.session.flush()
    return before.id if before else None


def show_session(session: TrainingSession, *, is_public: bool) -> None:
    """Show a date in the public catalogue, or hide it. Raises Refused for a session inside one company."""
    db.session.refresh(session, with_for_update=True)
    if session.kind != "inter":
        raise Refused(_l("A session inside one company is shown to nobody else."))
    if session.is_public != is_public:
        session.is_public = is_public
        act = "session.shown" if is_public else "session.hidden"
        journal.note(act, session.version.title.get("fr", ""), session.id)
        db.session.flush()


def show_catalogue(*, is_public: bool) -> None:
    """Turn the firm's public catalogue on or off."""
    profile = profile_to_fill()
    if profile.is_catalogue_public != is_public:
        profile.is_catalogue_public = is_public
        act = "catalogue.opened" if is_public else "catalogue.closed"
        journal.note(act, "", profile.id)
        db.session.flush()

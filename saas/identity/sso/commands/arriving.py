"""Whom a provider's answer opens, and nobody else. In the scope of its workspace, or of its firm: the database keeps it there.

The key is (connection, issuer, subject), never the address: an address finds a person once, the first time, and only when the
provider vouches for it and the company has proved its domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from saas.identity.commands.people import add_member
from saas.identity.models import Member, Staff
from saas.identity.sso import queries
from saas.identity.sso.client import Answer, Provider
from saas.identity.sso.commands.roles import apply_roles
from saas.identity.sso.domains import domain_of
from saas.identity.sso.models import SsoConnection, SsoIdentity
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm, is_email
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.scope import inside


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says of a person, as far as it is believed: the address only when the provider vouches for it."""

    first_name: str
    last_name: str
    address: str  # normalised; empty: none that is vouched for
    language: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Whom an answer would open: 'linked', 'known' (by the address), 'new', or nobody and why."""

    how: str
    name: str = ""
    person_id: UUID | None = None
    why: Any = ""


@dataclass(frozen=True, slots=True)
class Arriving:
    """Who acts, for the journal: the product itself until the person is known, then that person."""

    account_id: UUID | None
    name: str = ""
    language: str | None = None


def read(profile: Mapping[str, Any]) -> Said:
    """Names, address and language from one claim set. The address counts with its own flag in the same set, and exactly true."""
    first, last = _text(profile, "given_name"), _text(profile, "family_name")
    if not (first and last):
        first, _blank, last = (_text(profile, "name") or first or last).partition(" ")
    email = profile.get("email")
    vouched = profile.get("email_verified") is True or profile.get("xms_edov") in (True, "1", "true")
    sound = vouched and profile.get("email_verified") is not False and isinstance(email, str) and is_email(email)
    locale = _text(profile, "locale")[:2].lower()
    return Said(first[:80], last[:80], email_norm(str(email)) if sound else "", locale if locale in ("fr", "en") else "")


def _text(profile: Mapping[str, Any], name: str) -> str:
    said = profile.get(name)
    return " ".join("".join(c for c in said if c.isprintable()).split())[:160] if isinstance(said, str) else ""


def arrive(provider: Provider, answer: Answer) -> UUID:
    """The account of whoever an answer brings, in its own scope and transaction. Raises Refused, in words for that person."""
    try:
        return _arrive(provider, answer)
    except IntegrityError:  # the same person came through two windows at the same moment: the second time they are known
        return _arrive(provider, answer)


def _arrive(provider: Provider, answer: Answer) -> UUID:
    with inside(provider.scope) as context:
        context.g.viewer = Arriving(None)
        found = _identity(provider, answer.subject)
        identity = found or _first_time(provider, answer)
        person = _person(identity)
        account_id = db.session.scalar(select(func.sso_account(identity.member_id, identity.staff_id, new_id())))
        context.g.viewer = Arriving(account_id, _name(person))
        identity.last_at, identity.claims = now(), _kept(answer)
        if found is None:
            journal.note("sso.linked", _name(person), person.id)
        if isinstance(person, Member):
            apply_roles(queries.connection(provider.id), identity, person, answer.claims, answer.profile)
        return UUID(str(account_id))


def _kept(answer: Answer) -> dict[str, Any]:
    said = read(answer.profile)
    return {"name": said.name, "email": said.address}


def _name(person: Member | Staff) -> str:
    return person.name if isinstance(person, Member) else person.card.name


def _identity(provider: Provider, subject: str) -> SsoIdentity | None:
    mine = SsoIdentity.connection_id == provider.id, SsoIdentity.issuer == provider.issuer
    return db.session.scalar(select(SsoIdentity).where(*mine, SsoIdentity.subject == subject).with_for_update())


def _person(identity: SsoIdentity) -> Member | Staff:
    model: Any = Member if identity.member_id else Staff
    person: Member | Staff = db.session.scalars(select(model).where(model.id == (identity.member_id or identity.staff_id))).one()
    if person.left_at is not None:
        raise Refused(_l("Your place here has ended. Ask your HR department."))
    return person


def _first_time(provider: Provider, answer: Answer) -> SsoIdentity:
    """Whom a subject that is new here stands for. The connection's row is locked: its newcomers come one after the other."""
    db.session.execute(select(SsoConnection.id).where(SsoConnection.id == provider.id).with_for_update())
    known = _identity(provider, answer.subject)
    if known is not None:
        return known
    said = read(answer.profile)
    seen = foresee(provider, answer)
    if seen.why:
        raise Refused(seen.why)
    person_id = seen.person_id or _newcomer(said)
    whom = {"member_id": person_id} if provider.workspace_id else {"staff_id": person_id}
    made = SsoIdentity(
        connection_id=provider.id, workspace_id=provider.workspace_id, issuer=provider.issuer, subject=answer.subject, **whom
    )
    db.session.add(made)
    db.session.flush()
    return made


def _newcomer(said: Said) -> UUID:
    """A participant of this workspace, and of no other."""
    first = said.first_name or said.address.partition("@")[0]
    language = said.language or db.session.scalars(select(Workspace.language)).first() or "fr"
    member = add_member(first, said.last_name, said.address, roles=["participant"], language=language)
    journal.note("sso.came", member.name, member.id)
    return member.id


def foresee(provider: Provider, answer: Answer) -> Foreseen:
    """Whom an answer would open, without opening anything."""
    known = _identity(provider, answer.subject)
    if known is not None:
        try:
            person = _person(known)
        except Refused as no:
            return Foreseen("nobody", why=no.message)
        return Foreseen("linked", _name(person), person.id)
    said = read(answer.profile)
    if not said.address:
        return Foreseen(
            "nobody", why=_l("Your directory does not vouch for an e-mail address of yours. Tell your IT department.")
        )
    if not queries.has_proved(domain_of(said.address)):
        return Foreseen(
            "nobody",
            why=_l(
                "Your address %(address)s is of a domain that is not proved here. Tell your IT department.", address=said.address
            ),
        )
    return _by_address(provider, said)


def _by_address(provider: Provider, said: Said) -> Foreseen:
    model: Any = Member if provider.workspace_id else Staff
    person: Member | Staff | None = db.session.scalar(
        select(model).where(model.email_norm == said.address).with_for_update(of=model)
    )
    if person is None:
        if provider.workspace_id:
            return Foreseen("new", said.name or said.address)
        return Foreseen("nobody", why=_l("Nobody of the staff has your address. Ask the firm's owner to invite you."))
    if person.left_at is not None:
        return Foreseen("nobody", why=_l("Your place here has ended. Ask your HR department."))
    whose = SsoIdentity.member_id if provider.workspace_id else SsoIdentity.staff_id
    other = select(SsoIdentity.id).where(
        SsoIdentity.connection_id == provider.id, SsoIdentity.issuer == provider.issuer, whose == person.id
    )
    if db.session.scalar(other) is not None:
        return Foreseen(
            "nobody", why=_l("Your address belongs here to another person of your directory. Tell your HR or IT department.")
        )
    return Foreseen("known", _name(person), person.id)

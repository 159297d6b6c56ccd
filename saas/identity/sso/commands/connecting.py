"""Connecting a directory, and saying what it may do. In the scope of the workspace, or of the firm for its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from saas.identity.models import Member, Staff
from saas.identity.sso import queries
from saas.identity.sso.client import discover
from saas.identity.sso.commands.ending import end_person
from saas.identity.sso.models import KINDS, SsoConnection, SsoIdentity
from saas.kit import journal, outbound
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.kit.sealed import seal
from tenants.db import db
from tenants.scope import Scope, current_scope, inside

WELL_KNOWN = "/.well-known/openid-configuration"
# What a directory may say that somebody is, beyond a participant. Never staff of a firm.
MAPPED = ("hr", "sponsor")
MOST_VALUES = 20


def begin(label: str, kind: str) -> SsoConnection:
    """Open a draft, so that its addresses can be given to the provider. The one that is there stays. Raises Refused."""
    label = label.strip()[:80]
    if not label:
        raise Refused(_l("Say what your people call this directory."), "label")
    scope = current_scope()
    # Two people may begin at the same moment: the second finds what the first has opened.
    db.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"sso of {scope.workspace_id or scope.firm_id}", 0)))
    )
    known = queries.own_connection()
    if known is not None:
        return known
    made = SsoConnection(workspace_id=scope.workspace_id, label=label, kind=kind if kind in KINDS else "other", state="draft")
    db.session.add(made)
    db.session.flush()
    journal.note("sso.begun", made.label, made.id)
    return made


def describe(row: SsoConnection, *, label: str, issuer: str, client_id: str, secret: str, found: Mapping[str, Any]) -> None:
    """Write what the provider gave, with what it says of itself (`found`: see looked_up).

    Another issuer or client is another directory: it is a draft again until it was tried, and what it had opened ends.
    """
    other = (row.issuer, row.client_id) != (found["issuer"], client_id)
    row.label, row.issuer, row.client_id = label.strip()[:80], found["issuer"], client_id
    row.discovery, row.fetched_at = dict(found), now()
    if secret:
        row.secret = seal(secret)
    elif other:
        row.secret = ""
    if other:
        row.state, row.enforced, row.tested_at = "draft", False, None
    db.session.flush()
    journal.note("sso.described", row.label, row.id, issuer=row.issuer)


def looked_up(issuer: str) -> dict[str, Any]:
    """What an issuer says of itself, however its address was pasted. No transaction waits meanwhile. Raises Refused, by field."""
    try:
        found = discover(issuer.strip().removesuffix(WELL_KNOWN), as_typed=True)
    except outbound.Closed:
        raise Refused(
            _l("Nothing can be read at this address. It begins with https:// and is reached from the internet."), "issuer"
        ) from None
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not {"client_secret_basic", "client_secret_post", "none"} & set(methods):
        raise Refused(_l("This provider takes no client secret: choose one that does in its settings."), "issuer")
    return found


def turn_on(row: SsoConnection) -> None:
    """Let people in. Raises Refused before a trial has worked."""
    if row.tested_at is None:
        raise Refused(_l("Try the connection first: it is switched on once a trial has worked."))
    if row.state != "active":
        row.state = "active"
        _noted(row, "sso.turned_on")


def turn_off(row: SsoConnection) -> None:
    """Let nobody in any more; what it had opened ends at the next request, and the mailed link works for everybody again."""
    if row.state == "active":
        row.state, row.enforced = "off", False
        _noted(row, "sso.turned_off")


def enforce(row: SsoConnection) -> None:
    """Make it the only way into the workspace. Raises Refused unless an HR has come in through it: nobody locks themselves out."""
    if row.workspace_id is None:
        raise Refused(_l("A firm's staff keep their mailed link: it is their way in when the directory is away."))
    if row.state != "active":
        raise Refused(_l("Switch the connection on first."))
    if not queries.an_hr_came(row):
        raise Refused(_l("An HR of the whole company must have tried the connection as themselves first."))
    if not row.enforced:
        row.enforced = True
        _noted(row, "sso.enforced")


def relax(row: SsoConnection) -> None:
    """The mailed link and the password open the workspace again."""
    if row.enforced:
        row.enforced = False
        _noted(row, "sso.relaxed")


def delete(row: SsoConnection) -> None:
    """Take the connection away, with whom it had named; what it had opened goes in the same statement."""
    journal.note("sso.deleted", row.label, row.id)
    db.session.delete(row)
    db.session.flush()


def map_roles(row: SsoConnection, claim: str, mapping: Mapping[str, str]) -> None:
    """Say which values of a claim give which role. Raises Refused, by field; staff's roles are no values of it."""
    claim = claim.strip()[:120]
    kept = {value.strip()[:120]: role for value, role in mapping.items() if value.strip() and role in MAPPED}
    if row.workspace_id is None and kept:
        raise Refused(_l("The roles of a firm's staff are given by hand."), "claim")
    if kept and not claim:
        raise Refused(_l("Enter the name of the claim."), "claim")
    if len(kept) > MOST_VALUES:
        raise Refused(_l("Twenty values are the most."), "values")
    row.role_claim, row.role_map = claim, kept
    _noted(row, "sso.roles_mapped")


def tried(row: SsoConnection) -> None:
    """A trial came back, proved."""
    row.tested_at = now()
    _noted(row, "sso.tried")


def link_me(row: SsoConnection, issuer: str, subject: str, member_id: UUID) -> None:
    """Name the HR who tried the connection by what it calls them. Raises Refused when that name or that person is taken."""
    me = db.session.scalar(select(Member).where(Member.id == member_id, Member.left_at.is_(None)))
    mine = SsoIdentity.connection_id == row.id, SsoIdentity.issuer == issuer
    taken = db.session.scalar(select(SsoIdentity).where(*mine, SsoIdentity.subject == subject))
    if taken is not None and taken.member_id == member_id:
        return
    own = db.session.scalar(select(SsoIdentity).where(*mine, SsoIdentity.member_id == member_id))
    if me is None or taken is not None or own is not None:
        raise Refused(_l("This person of the directory, or you, are linked to somebody else already."))
    db.session.add(
        SsoIdentity(connection_id=row.id, workspace_id=row.workspace_id, issuer=issuer, subject=subject, member_id=member_id)
    )
    db.session.flush()
    journal.note("sso.linked", me.name, me.id)


def unlink(row: SsoConnection, address: str) -> str:
    """Forget what the directory called somebody, who has another account there now; ends what it had opened to them.

    Returns their name. Raises Refused when nobody of this address has come through it.
    """
    model: Any = Member if row.workspace_id else Staff
    person = db.session.scalar(select(model).where(model.email_norm == email_norm(address)))
    whose = SsoIdentity.member_id if row.workspace_id else SsoIdentity.staff_id
    known = select(SsoIdentity).where(SsoIdentity.connection_id == row.id, whose == getattr(person, "id", None))
    links = db.session.scalars(known).all()
    if person is None or not links:
        raise Refused(_l("Nobody of this address has come through the directory."), "email")
    with inside(Scope.platform()):
        for link in links:
            end_person(row.id, link.subject)
    for link in links:
        db.session.delete(link)
    db.session.flush()
    name: str = person.name if isinstance(person, Member) else person.card.name
    journal.note("sso.unlinked", name, person.id)
    return name


def _noted(row: SsoConnection, act: str) -> None:
    db.session.flush()
    journal.note(act, row.label, row.id)

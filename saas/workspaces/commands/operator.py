"""What the operator does to firms. Each says the scope it runs in."""

from __future__ import annotations

import re
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.identity.commands.inviting import invitation_token, invite_staff
from saas.identity.commands.people import add_staff
from saas.identity.models import Staff
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.names import is_email
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id
from tenants.models import SLUG, Firm
from tenants.scope import current_scope

# Addresses that people would take for the platform's own.
RESERVED = frozenset(
    [
        "admin",
        "api",
        "app",
        "assets",
        "billing",
        "cordee",
        "demo",
        "health",
        "help",
        "login",
        "mail",
        "new",
        "sso",
        "static",
        "status",
        "support",
        "www",
    ]
)
MOVES = {"active": {"suspended", "closed"}, "suspended": {"active", "closed"}, "closed": set[str]()}


def check(slug: str, name: str, owner_name: str, owner_email: str) -> None:
    """No scope: whether a firm could be opened with these. Raises Refused."""
    if not re.match(SLUG, slug):
        raise Refused(_l("A slug has up to 48 small letters, digits and hyphens, such as equoranda: %(slug)s", slug=slug), "slug")
    if slug in RESERVED:
        raise Refused(_l("This slug is reserved: %(slug)s", slug=slug), "slug")
    if not name.strip() or not owner_name.strip():
        raise Refused(_l("Give the firm and its owner a name."), "name")
    if not is_email(owner_email):
        raise Refused(_l("This is no e-mail address: %(email)s", email=owner_email), "owner_email")


def reserve(slug: str, name: str) -> UUID:
    """Platform scope: the id of a new firm, closed to everybody until it is furnished; or of the one with this slug."""
    known = db.session.scalar(select(Firm.id).where(Firm.slug == slug))
    if known is not None:
        return known
    firm = Firm(id=new_id(), slug=slug, name=name.strip(), state="suspended")
    db.session.add(firm)
    db.session.flush()
    return firm.id


def furnish(name: str, owner_name: str, owner_email: str, language: str) -> str:
    """Firm scope: give a firm its profile and its owner, whose invitation leaves; returns the invitation's token.

    Raises Refused when the firm has staff already: then its slug is another firm's.
    """
    if db.session.scalar(select(Staff.id).limit(1)):
        raise Refused(_l("Another firm has this slug."), "slug")
    db.session.add(FirmProfile(id=current_scope().firm_id, legal_name=name.strip(), needs_second_factor=True))
    owner = add_staff(owner_name.strip(), owner_email.strip(), ["owner"], language)
    invitation = invite_staff(owner, "Cordée")
    journal.note("firm.opened", name.strip(), current_scope().firm_id)
    return invitation_token(invitation)


def move(slug: str, state: str) -> UUID | None:
    """Platform scope: make a firm active, suspended or closed; its id, or None when it is so already. Raises Refused."""
    firm = db.session.scalar(select(Firm).where(Firm.slug == slug).with_for_update())
    if firm is None:
        raise Refused(_l("No firm has this slug: %(slug)s", slug=slug), "slug")
    if firm.state == state:
        return None
    if state not in MOVES[firm.state]:
        raise Refused(_l("This firm is closed for good: %(slug)s", slug=slug), "slug")
    firm.state = state
    db.session.flush()
    return firm.id

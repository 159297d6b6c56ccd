"""Writes of the firm's console: clients, billing parties, HR invitations."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from saas.identity.commands import look_after
from saas.kit import branding, journal
from saas.kit.errors import Refused
from saas.kit.names import luhn, slugify
from saas.workspaces.models import BillingParty
from tenants.db import db, new_id
from tenants.models import Workspace

RESERVED = {"new"}


def create_workspace(name: str, *, language: str, colour: str, city: str = "", trade: str = "") -> Workspace:
    """Firm scope: open a client company's space. Raises Refused when the name or the colour cannot be used."""
    slug = _free_slug(slugify(name))
    workspace = Workspace(
        id=new_id(),
        slug=slug,
        name=name.strip(),
        language=language,
        colour=checked_colour(colour),
        city=city,
        trade=trade,
    )
    db.session.add(workspace)
    db.session.flush()
    look_after(workspace.id)
    journal.note("workspace.created", workspace.name, workspace.id)
    return workspace


def _free_slug(wanted: str) -> str:
    if not wanted:
        raise Refused(_l("Enter a name with letters or digits."), "name")
    # The table: the slugs of clients that whoever acts does not look after are taken all the same.
    slug = Workspace.__table__.c.slug
    taken = set(db.session.execute(select(slug).where(slug.startswith(wanted))).scalars()) | RESERVED
    if wanted not in taken:
        return wanted
    return next(f"{wanted[:44]}-{n}" for n in range(2, 1000) if f"{wanted[:44]}-{n}" not in taken)


def checked_colour(colour: str) -> str:
    """A brand colour as #rrggbb. Raises Refused."""
    try:
        branding.guard(colour)
    except ValueError:
        raise Refused(_l("Enter a colour such as #0057b8."), "colour") from None
    return colour.lower()


def brand(workspace: Workspace, *, name: str, colour: str, language: str) -> None:
    """Change how a client's space looks and speaks."""
    workspace.name, workspace.colour, workspace.language = name.strip(), checked_colour(colour), language
    journal.note("workspace.branded", workspace.name, workspace.id, colour=workspace.colour)


def add_billing_party(workspace_id: UUID, *, name: str, siret: str, is_default: bool = False, **more: str) -> BillingParty:
    """Add who is invoiced. The SIRET may be empty, never wrong. Raises Refused."""
    digits = "".join(siret.split())
    if digits and not (len(digits) == 14 and luhn(digits)):
        raise Refused(_l("This SIRET has a wrong check digit: 14 digits, as on the company's Kbis."), "siret")
    if is_default:
        here = BillingParty.workspace_id == workspace_id
        db.session.execute(update(BillingParty).where(here).values(is_default=False))
    party = BillingParty(id=new_id(), workspace_id=workspace_id, name=name.strip(), siret=digits, is_default=is_default, **more)
    db.session.add(party)
    db.session.flush()
    return party

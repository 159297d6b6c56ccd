"""Writes about who is invoiced for a client."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from saas.kit import journal
from saas.kit.errors import Refused
from saas.workspaces import numbers
from saas.workspaces.models import BillingParty
from tenants.db import db, new_id


def add_billing_party(
    workspace_id: UUID, *, name: str, siret: str, is_default: bool = False, siren: str = "", **more: Any
) -> BillingParty:
    """Add who is invoiced. Numbers may be empty, never wrong; `siren` is the company that they must fit. Raises Refused."""
    first = db.session.scalar(select(BillingParty.id).where(BillingParty.workspace_id == workspace_id).limit(1)) is None
    if is_default:
        _no_default(workspace_id)
    party = BillingParty(id=new_id(), workspace_id=workspace_id, is_default=is_default or first)
    _write(party, siren, name=name, siret=siret, **more)
    db.session.add(party)
    db.session.flush()
    return party


def change_party(party: BillingParty, **facts: str) -> None:
    """Workspace scope: change who is invoiced; invoices that are issued keep what they say. Raises Refused."""
    _write(party, "", **facts)
    journal.note("party.changed", party.name, party.id)
    db.session.flush()


def _write(
    party: BillingParty, siren: str, *, name: str, siret: str, vat_number: str = "", einvoice_address: str = "", **more: Any
) -> None:
    party.name = name.strip()
    party.siret = numbers.siret(siret)
    party.vat_number = numbers.vat(vat_number, party.siren or siren)
    party.einvoice_address = numbers.einvoice(einvoice_address)
    for fact in ("street", "postcode", "city", "purchase_order"):
        if fact in more:
            setattr(party, fact, more[fact].strip())


def _no_default(workspace_id: UUID) -> None:
    db.session.execute(update(BillingParty).where(BillingParty.workspace_id == workspace_id).values(is_default=False))


def make_default(party: BillingParty) -> None:
    """Workspace scope: invoice this one unless told otherwise."""
    _no_default(party.workspace_id)
    party.is_default = True
    db.session.flush()


def delete_party(party: BillingParty) -> None:
    """Workspace scope: forget who was to be invoiced. Raises Refused when there is an invoice to it, or nobody else."""
    others = db.session.scalars(select(BillingParty).where(BillingParty.id != party.id).order_by(BillingParty.name)).all()
    if not others:
        raise Refused(_l("A client keeps at least one company to invoice: add the other one first."))
    name, was_default = party.name, party.is_default
    try:
        with db.session.begin_nested():
            db.session.delete(party)
            db.session.flush()
    except IntegrityError:
        raise Refused(_l("There are invoices to %(name)s: it stays.", name=name)) from None
    if was_default:
        others[0].is_default = True
    journal.note("party.deleted", name)
    db.session.flush()

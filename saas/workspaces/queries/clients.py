"""Reads of client companies, and of who is invoiced for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import abort, g
from sqlalchemy import select

from saas.identity.models import Invitation
from saas.workspaces.models import BillingParty
from tenants.db import db
from tenants.models import Workspace


def own_workspace() -> Workspace:
    """The workspace of this scope."""
    return db.session.scalars(select(Workspace).where(Workspace.id == g.viewer.workspace_id)).one()


def client(client_id: UUID) -> Workspace:
    """Firm scope: one client that is there to be acted for. 404 otherwise."""
    found = db.session.scalar(select(Workspace).where(Workspace.id == client_id, Workspace.state == "active"))
    if found is None:
        abort(404)
    return found


def workspace_names() -> dict[UUID, Workspace]:
    """Firm scope: every client, by id."""
    rows = db.session.scalars(select(Workspace).order_by(Workspace.name_folded))
    return {row.id: row for row in rows}


def billing_parties() -> Sequence[BillingParty]:
    """Workspace scope: who may be invoiced, the usual one first."""
    return db.session.scalars(select(BillingParty).order_by(BillingParty.is_default.desc(), BillingParty.name)).all()


def billing_party(party_id: UUID) -> BillingParty:
    """Workspace scope: one of them. 404 otherwise."""
    found = db.session.scalar(select(BillingParty).where(BillingParty.id == party_id))
    if found is None:
        abort(404)
    return found


def open_invitations(member_ids: Sequence[UUID]) -> Mapping[UUID, Invitation]:
    """Workspace scope: the newest invitation of these people that is neither used nor withdrawn, ended or not."""
    rows = db.session.scalars(
        select(Invitation).where(Invitation.member_id.in_(member_ids), Invitation.is_awaited()).order_by(Invitation.expires_at)
    )
    return {row.member_id: row for row in rows if row.member_id}

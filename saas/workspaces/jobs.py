"""Work of the console done later."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.workspaces.imports import applying as imports
from saas.workspaces.models import PeopleImport
from tenants.db import db
from tenants.queue import job, later, on_failure


def _import(import_id: str) -> PeopleImport:
    return db.session.scalars(select(PeopleImport).where(PeopleImport.id == UUID(import_id)).with_for_update()).one()


@job("workspaces.apply_import")
def apply_import(import_id: str) -> None:
    imports.apply(_import(import_id))


@job("workspaces.invite_imported")
def invite_imported(import_id: str) -> None:
    imports.invite_imported(_import(import_id))


@on_failure("workspaces.apply_import")
def apply_failed(import_id: str, *, dead: bool) -> None:
    found = db.session.scalar(select(PeopleImport).where(PeopleImport.id == UUID(import_id)).with_for_update())
    if found is not None:
        imports.note_failure(found, dead=dead)


@job("workspaces.send_invitations")
def send_invitations(invitation_ids: list[str]) -> None:
    """Workspace scope: one mail a person, each a job of its own, so that one that fails holds no other up."""
    for invitation_id in invitation_ids:
        later("identity.invitation", invitation_id=invitation_id)

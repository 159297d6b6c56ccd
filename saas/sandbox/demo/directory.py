"""The demo's second client has connected its directory: the sandbox's provider, with its proved domain."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from saas.identity.sso.domains import record_name
from saas.identity.sso.models import SsoConnection, SsoDomain
from saas.kit.clock import now
from saas.kit.sealed import seal
from saas.sandbox.demo.clients import CLIENTS
from saas.sandbox.dns import publish
from saas.sandbox.idp import CLIENT_ID, CLIENT_SECRET, HR_GROUP, issuer
from tenants.db import db
from tenants.models import Firm
from tenants.scope import Scope, inside

TOKEN = "cordee-demo-9Q2vJmW7sV0"  # noqa: S105  # the demo's own record, in the demo's own zone


def connect(firm_id: UUID, workspace_id: UUID) -> None:
    """A connection that is on. What the provider says of itself is read at the first sign-in: it is not up yet."""
    domain = f"{CLIENTS[1].slug}.example"
    with inside(Scope.workspace(firm_id, workspace_id)):
        db.session.add(
            SsoConnection(
                workspace_id=workspace_id,
                label=f"mon compte {CLIENTS[1].name}",
                kind="keycloak",
                issuer=issuer(),
                client_id=CLIENT_ID,
                secret=seal(CLIENT_SECRET),
                state="active",
                tested_at=now(),
                role_claim="groups",
                role_map={HR_GROUP: "hr"},
            )  # fmt: skip
        )
        db.session.add(SsoDomain(workspace_id=workspace_id, domain=domain, token=TOKEN, proved_at=now(), checked_at=now()))
    publish(record_name(domain), TOKEN)


def follow() -> None:
    """The demo answers at another address than when it was loaded: its provider goes by that one now."""
    with inside(Scope.platform()):
        firm = db.session.scalar(select(Firm.id).where(Firm.is_demo))
    if firm is None:
        return
    with inside(Scope.firm(firm)):
        moved = SsoConnection.client_id == CLIENT_ID, SsoConnection.issuer.like("%/-/idp"), SsoConnection.issuer != issuer()
        db.session.execute(update(SsoConnection).where(*moved).values(issuer=issuer(), discovery={}, fetched_at=None))

"""A client company that has connected its directory, another that has its own, and browsers that go there and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from saas.identity.sso.commands import connecting
from saas.identity.sso.models import SsoConnection, SsoDomain
from saas.kit.clock import now
from tenants.db import db
from tenants.scope import Scope, inside
from tests.cast import Company, World
from tests.identity.sso.provider import CLIENT, SECRET, Idp, listening

Rows = list[tuple[Any, ...]]


@pytest.fixture
def idp(app: Flask) -> Iterator[Idp]:
    """A provider, whose address is exempt from the rule that providers are public."""
    made, server = listening()
    before = app.config["OUTBOUND_EXEMPT"]
    app.config["OUTBOUND_EXEMPT"] = f"localhost:{made.port}"
    yield made
    app.config["OUTBOUND_EXEMPT"] = before
    server.shutdown()
    server.server_close()


@dataclass
class Scene:
    app: Flask
    world: World
    idp: Idp
    superuser: psycopg.Connection[Any]
    connection_id: UUID

    @property
    def a(self) -> Company:
        return self.world.firms[0].companies[0]

    @property
    def b(self) -> Company:
        return self.world.firms[0].companies[1]

    @property
    def door(self) -> str:
        return f"/-/sso/{self.connection_id}"

    def sql(self, statement: str, *values: object) -> Rows:
        done = self.superuser.execute(statement.encode(), values)
        return done.fetchall() if done.description else []

    def connect(self, scope: Scope, domain: str, state: str = "active") -> UUID:
        """A directory of a workspace or a firm, tried and switched on, with a proved domain."""
        with self.app.app_context(), inside(scope):
            row = (
                db.session.query(SsoConnection)
                .filter(SsoConnection.workspace_id.is_not_distinct_from(scope.workspace_id))
                .first()
            )
            row = row or SsoConnection(workspace_id=scope.workspace_id, label="Directory")
            db.session.add(row)
            db.session.flush()
            found = connecting.looked_up(self.idp.issuer)
            connecting.describe(row, label="Directory", issuer=self.idp.issuer, client_id=CLIENT, secret=SECRET, found=found)
            row.state, row.tested_at = state, now()
            db.session.query(SsoDomain).filter(SsoDomain.workspace_id.is_not_distinct_from(scope.workspace_id)).delete()
            if domain:
                db.session.add(SsoDomain(workspace_id=scope.workspace_id, domain=domain, token="t", proved_at=now()))
            db.session.flush()
            return row.id

    def browser(self) -> FlaskClient:
        browser = self.app.test_client()
        browser.set_cookie("language", "en")
        return browser

    def leave(self, browser: FlaskClient, door: str = "", **query: str) -> str:
        """Where the door sends a browser."""
        gone = browser.get(door or self.door, query_string=query or None)
        assert gone.status_code == 303, gone.get_data(as_text=True)
        return gone.headers["Location"]

    def arrive(
        self, browser: FlaskClient, subject: str = "u-1", *, door: str = "", query: dict[str, str] | None = None, **claims: Any
    ) -> TestResponse:
        """There and back: the provider's answer, taken to the callback."""
        carried = self.idp.sign_in(self.leave(browser, door, **(query or {})), subject, **claims)
        return browser.get(f"{door or self.door}/callback", query_string=carried)

    def person(self, role: str = "participant", **more: Any) -> dict[str, Any]:
        """Claims that a directory vouches for."""
        return {"email": self.a.address(role), "email_verified": True, "name": f"{role.title()} Person", **more}

    def is_in(self, browser: FlaskClient) -> bool:
        """Whether a browser opens the space."""
        return browser.get(f"/alpha/w/{self.a.slug}/").status_code == 200

    def is_signed_in(self, browser: FlaskClient) -> bool:
        return browser.get("/-/chooser").status_code == 200


@pytest.fixture
def scene(app: Flask, world: World, idp: Idp, superuser: psycopg.Connection[Any]) -> Scene:
    """alpha-a has connected its directory and proved alpha-a.example."""
    made = Scene(app, world, idp, superuser, UUID(int=0))
    made.sql("DELETE FROM sso_connection")
    made.sql("DELETE FROM sso_domain")
    made.connection_id = made.connect(made.a.scope, f"{made.a.slug}.example")
    return made


@pytest.fixture
def hr(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The HR of alpha-a, signed in by themselves a moment ago."""
    return signed_in(scene.a.address("hr"))

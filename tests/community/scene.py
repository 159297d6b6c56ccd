"""The community of alpha-a: "second" pilots, "sponsor" is in; "participant" and "hr" come in when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import select

from saas.community.commands import spaces
from saas.community.models import Zone
from tenants.db import db
from tenants.scope import Scope, inside
from tests.cast import Company, account_of

Superuser = psycopg.Connection[tuple[object, ...]]


class Scene:
    """Acts as one person of a company's community after another."""

    def __init__(self, app: Flask, company: Company) -> None:
        self.app, self.company = app, company
        self.zone: UUID = company.ids["zone_id"]

    def account(self, role: str) -> UUID:
        with self.app.app_context():
            return account_of(role if "@" in role else self.company.address(role))

    @contextmanager
    def as_(self, role: str) -> Iterator[UUID]:
        """Community scope as somebody: a role of the company, or a whole address."""
        account = self.account(role)
        with self.app.app_context(), inside(Scope.community(self.company.firm_id, self.company.id, account)):
            yield account

    @contextmanager
    def workspace(self) -> Iterator[None]:
        with self.app.app_context(), inside(self.company.scope):
            yield

    def joins(self, *roles: str) -> None:
        """Into the open zone."""
        for role in roles:
            with self.as_(role):
                spaces.join()

    def peers(self) -> UUID:
        """A zone among peers, opened by the pilot."""
        with self.as_("second"):
            return spaces.open_zone(self.zone, "peer", "Peers")

    def sees(self, role: str) -> set[UUID]:
        """The zones whose content somebody reads."""
        with self.as_(role):
            return set(db.session.scalars(select(Zone.id)))

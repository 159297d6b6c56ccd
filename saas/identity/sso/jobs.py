"""What the clock does for single sign-on: every proof of a domain is looked for again each day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from saas.identity.sso.commands import proving
from saas.identity.sso.models import SsoDomain
from tenants.db import db
from tenants.queue import for_each_firm, job, later_each


@job("identity.sweep_domains")
def sweep_domains() -> None:
    """Platform scope: ask each firm for its domains."""
    for_each_firm("identity.check_domains")


@job("identity.check_domains")
def check_domains() -> None:
    """Firm scope: one look each, so that a server that does not answer holds up no other."""
    later_each("identity.check_domain", "domain_id", [domain.id for domain in proving.due()])


@job("identity.check_domain")
def check_domain(domain_id: str) -> None:
    """Firm scope: look for one proof. While nobody answers, it stands and is tried again."""
    domain = db.session.scalar(select(SsoDomain).where(SsoDomain.id == UUID(domain_id)).with_for_update())
    if domain is not None:
        proving.check(domain)

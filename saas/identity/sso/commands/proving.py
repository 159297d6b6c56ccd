"""Domains that are claimed, proved, lost and proved again. In the scope of the workspace, or of the firm for its own."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from saas.identity.sso import queries
from saas.identity.sso.domains import holds, normalised
from saas.identity.sso.models import SsoDomain
from saas.kit import dns, journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.tokens import new_token
from tenants.db import db
from tenants.scope import current_scope

MOST = 20


def claim(said: str) -> SsoDomain:
    """Say that a domain is one's own; it is worth nothing before it is proved. Raises Refused."""
    domain, mine = normalised(said), queries.own_domains()
    known = next((one for one in mine if one.domain == domain), None)
    if known is not None:
        return known
    if len(mine) >= MOST:
        raise Refused(_l("Twenty domains are the most."), "domain")
    made = SsoDomain(workspace_id=current_scope().workspace_id, domain=domain, token=f"cordee-{new_token()}")
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError:  # two people typed it at the same moment
        db.session.rollback()
        raise Refused(_l("This domain is in your list already."), "domain") from None
    journal.note("sso.domain_claimed", domain, made.id)
    return made


def check(domain: SsoDomain) -> bool:
    """Look for the record and note what it says; returns whether the domain is proved now. Raises Refused when nobody answers.

    Of two owners the one that proved first keeps it while its record is there; the other waits.
    """
    try:
        there = holds(domain.domain, domain.token)
    except dns.NoAnswer:
        raise Refused(_l("The domain's servers do not answer. Try again in a moment.")) from None
    domain.checked_at = now()
    if there and not domain.is_proved:
        _prove(domain)
    elif not there and domain.is_proved:
        domain.lost_at = now()
        journal.note("sso.domain_lost", domain.domain, domain.id)
    db.session.flush()
    return domain.is_proved


def _prove(domain: SsoDomain) -> None:
    if queries.is_taken(domain.domain):
        return
    try:
        with db.session.begin_nested():
            domain.proved_at, domain.lost_at = now(), None
            db.session.flush()
    except IntegrityError:  # somebody else's proof came in between
        db.session.refresh(domain)
        return
    journal.note("sso.domain_proved", domain.domain, domain.id)


def remove(domain: SsoDomain) -> None:
    """Give a domain up: addresses of it bring nobody new from now on."""
    journal.note("sso.domain_removed", domain.domain, domain.id)
    db.session.delete(domain)
    db.session.flush()


def due() -> list[SsoDomain]:
    """Firm scope: every domain of the firm and of its clients."""
    return list(db.session.scalars(select(SsoDomain).order_by(SsoDomain.id)))

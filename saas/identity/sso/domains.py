"""Mail domains: how they are written and compared, which can belong to nobody, and what proves one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import idna
from flask_babel import lazy_gettext as _l

from saas.kit import dns
from saas.kit.errors import Refused
from saas.kit.names import is_email

CHALLENGE = "_cordee-challenge"
# Who sells mail boxes to everybody. Written by hand from the providers' own pages; a domain that is not there and should be
# still asks for a record in its zone, which such a provider publishes for nobody.
PUBLIC = Path(__file__).with_name("public_domains.txt")


@cache
def public_domains() -> frozenset[str]:
    """Domains of mail boxes for everybody."""
    lines = PUBLIC.read_text().splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def normalised(said: str) -> str:
    """A domain as it is kept: IDNA 2008 after UTS 46, lower case. Raises Refused for what is none, or for everybody's."""
    said = said.strip().removeprefix("@").rstrip(".")
    try:
        found = idna.encode(said, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        found = ""
    if len(found) > 253 or not is_email(f"a@{found}"):
        raise Refused(_l("Enter a domain such as company.com."), "domain")
    if found in public_domains():
        raise Refused(_l("This domain is a mail service's, open to everybody: it proves nothing about your company."), "domain")
    return found


def domain_of(address: str) -> str:
    """The domain of a normalised address, as domains are kept; empty when it has none that can be."""
    try:
        return normalised(address.rpartition("@")[2]) if "@" in address else ""
    except Refused:
        return ""


def record_name(domain: str) -> str:
    """Where the proof is published."""
    return f"{CHALLENGE}.{domain}"


def holds(domain: str, token: str) -> bool:
    """Whether the record is there. Raises saas.kit.dns.NoAnswer when nobody can say."""
    return token in dns.texts(record_name(domain))

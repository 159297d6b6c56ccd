"""The domain name system: addresses of a host, words published under a name."""

from __future__ import annotations

from pathlib import Path

import dns.exception
import dns.resolver
from dns.rdatatype import RdataType
from flask import current_app

SANDBOX = "sandbox:"
# Answers that say for certain that nothing is published, against those that say nothing.
NOTHING = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)


class NoAnswer(OSError):
    """Nobody could be asked: neither yes nor no."""


def _resolver() -> dns.resolver.Resolver:
    """The server that DNS_SERVER names (host or host:port), or the system's own."""
    said = current_app.config["DNS_SERVER"]
    if not said or said == SANDBOX:
        return dns.resolver.Resolver()
    host, _, port = said.rpartition(":") if ":" in said else (said, "", "53")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port)
    return resolver


def addresses(host: str, seconds: float) -> list[str]:
    """The addresses of a host, version 4 first, as text. Empty: it has none. Raises NoAnswer."""
    try:
        found = _resolver().resolve_name(host, lifetime=seconds, search=False)
    except NOTHING:
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise NoAnswer(str(error)) from error
    return sorted(found.addresses(), key=lambda address: ":" in address)


def texts(name: str, seconds: float = 5) -> list[str]:
    """What is published as TXT under a name (RFC 1035); in the sandbox, what its page says. Raises NoAnswer."""
    if current_app.config["DNS_SERVER"] == SANDBOX:
        page = sandbox_zone() / f"{name}.txt"
        return page.read_text().splitlines() if page.is_file() else []
    try:
        answer = _resolver().resolve(name, RdataType.TXT, lifetime=seconds, search=False)
    except NOTHING:
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise NoAnswer(str(error)) from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def sandbox_zone() -> Path:
    """Where the sandbox keeps what is published, a file a name."""
    folder = Path(current_app.config["STORAGE_DIR"]).absolute() / "dns"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""The one door to addresses that people give us: an identity provider's, for one. What it reaches is on the public internet.

Https on port 443 only; the name is resolved once, every answer must be a public address, and the connection goes to what was
checked, with the name in SNI and Host. No redirects, no proxies, no netrc; five seconds in all, a mebibyte at most
(OWASP, server-side request forgery; ASVS 5.0 1.3.6 and 15.3.2). Hosts that OUTBOUND_EXEMPT names, and our own in a demo, are
let through as they are.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import current_app
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from saas.kit import dns

SECONDS = 5.0
MOST_BYTES = 1024 * 1024
# Never the public internet, whatever Python's own table of special addresses says (IANA special-purpose registries): version 4
# inside version 6 in any form (mapped, NAT64, 6to4, Teredo), relays, benchmarks, documentation, segment routing.
CLOSED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3", "::/16", "64:ff9b::/32", "100::/32",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/6",
    )
)  # fmt: skip
# A last label of digits, or 0x…: resolvers read it as an address (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.I)
_HOST = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$")


class Closed(requests.RequestException):
    """The door stays shut: this address, or what came from it, is not for us."""


class _Watch:
    """The clock of one exchange. When it runs out, every socket of the exchange is shut, whatever it was waiting for."""

    def __init__(self) -> None:
        self.until = time.monotonic() + SECONDS
        self.sockets: list[socket.socket] = []
        self.timer = threading.Timer(SECONDS, self.shut)
        self.timer.daemon = True

    def left(self) -> float:
        """Seconds that remain. Raises Closed when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise Closed("it took too long")
        return left

    def shut(self) -> None:
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself


_watch: ContextVar[_Watch] = ContextVar("outbound_watch")


def _exempt() -> frozenset[str]:
    config = current_app.config
    own = {urlsplit(config["PUBLIC_URL"]).netloc.lower()} if config["CORDEE_DEMO"] else set()
    return frozenset({host.strip().lower() for host in config["OUTBOUND_EXEMPT"].split(",") if host.strip()} | own)


def is_public(address: str) -> bool:
    """Whether an address, written out, is one of the public internet's."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(ip.version == net.version and ip in net for net in CLOSED):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local)


def check_url(url: str) -> str:
    """The same address, if its form is one that we may call. Raises Closed; nothing is asked of anybody."""
    parts = _split(url)
    host, port = parts.hostname or "", parts.port
    if f"{host}:{port or (443 if parts.scheme == 'https' else 80)}" in _exempt() and parts.scheme in ("https", "http"):
        return url
    if parts.scheme != "https" or port not in (None, 443):
        raise Closed("an address must begin with https:// and use port 443")
    if not _is_name(host) and not is_public(host):
        raise Closed("this is no host of the public internet")
    return url


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        raise Closed("this is no address") from None
    if not sound or "\\" in url or parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Closed("this is no address")
    return parts


def _is_name(host: str) -> bool:
    return len(host) <= 253 and bool(_HOST.match(host)) and not _NUMBER.search(host)


def permitted(host: str, port: int, seconds: float) -> list[str]:
    """Where to connect for a host, resolved once. Raises Closed unless every answer is public, or the host is exempt."""
    if f"{host}:{port}" in _exempt():
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if is_public(host):
        return [host]
    if not _is_name(host):
        raise Closed("this is no host of the public internet")
    try:
        found = dns.addresses(host, seconds)
    except dns.NoAnswer as error:
        raise Closed("the name could not be looked up") from error
    if not found or not all(is_public(address) for address in found):
        raise Closed("this is no host of the public internet")
    return found


def _connect(host: str, port: int) -> socket.socket:
    """A socket to an address that was checked, watched until the end of the exchange."""
    watch = _watch.get()
    fault: OSError = OSError("no address")
    for address in permitted(host, port, watch.left())[:3]:
        try:
            made = socket.create_connection((address, port), timeout=watch.left())
        except OSError as error:
            fault = error
        else:
            watch.sockets.append(made)
            made.settimeout(watch.left())
            return made
    raise Closed("it does not answer") from fault


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port or 80)


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port or 443)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Door(HTTPAdapter):
    """What a requests session sends everything through."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        """Send, and read the whole answer: five seconds and a mebibyte at most. Raises Closed."""
        check_url(request.url or "")
        watch = _Watch()
        token = _watch.set(watch)
        watch.timer.start()
        try:
            answer = super().send(request, stream=True, timeout=SECONDS, verify=True, cert=None, proxies=None)
            return _whole(answer, watch)
        except (requests.ConnectionError, HTTPError, OSError) as error:
            if isinstance(error, Closed):
                raise
            raise Closed("it does not answer") from error
        finally:
            watch.timer.cancel()
            _watch.reset(token)
            self.close()


def _whole(answer: requests.Response, watch: _Watch) -> requests.Response:
    if 300 <= answer.status_code < 400:
        raise Closed("it sends us elsewhere")
    body = bytearray()
    for piece in answer.raw.stream(16 * 1024, decode_content=True):
        body += piece
        if len(body) > MOST_BYTES:
            raise Closed("it says too much")
        watch.left()
    watch.left()
    answer._content, answer._content_consumed = bytes(body), True  # type: ignore[attr-defined]
    return answer


class Guarded:
    """Mixed into a requests session: everything it sends goes through the door, with no help from the environment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        session: Any = self
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", Door())
        session.mount("http://", Door())
        session.headers["Accept-Encoding"] = "identity"


class Session(Guarded, requests.Session):
    """A session for what people give us the address of."""


def read_json(url: str) -> Mapping[str, Any]:
    """The JSON object at an address. Raises Closed."""
    with Session() as session:
        answer = session.get(check_url(url), headers={"Accept": "application/json"})
    try:
        found = answer.json() if answer.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Closed("what comes from there is not what was expected")
    return found

"""The door to addresses that people give: nothing that is not the public internet is ever connected to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from saas.config import BadSettings, read
from saas.kit import outbound
from tests.house.test_settings import DESK, REAL
from tests.identity.sso import dns_stub
from tests.identity.sso.dns_stub import Zone


@dataclass
class Canary:
    """Listens on loopback, over both versions, and counts who comes. `says` is what it answers, piece by piece."""

    port: int = 0
    came: int = 0
    says: list[bytes] = field(default_factory=list)
    pause: float = 0


@pytest.fixture
def canary() -> Iterator[Canary]:
    made, open_sockets = Canary(), []
    first = socket.create_server(("127.0.0.1", 0))
    made.port = first.getsockname()[1]
    open_sockets.append(first)
    if socket.has_dualstack_ipv6():
        open_sockets.append(socket.create_server(("::1", made.port), family=socket.AF_INET6))
    for one in open_sockets:
        threading.Thread(target=serve, args=(made, one), daemon=True).start()
    yield made
    for one in open_sockets:
        one.close()


def serve(canary: Canary, listener: socket.socket) -> None:
    while True:
        try:
            came, _address = listener.accept()
        except OSError:
            return
        canary.came += 1
        threading.Thread(target=talk, args=(canary, came), daemon=True).start()


def talk(canary: Canary, came: socket.socket) -> None:
    with came:
        try:
            came.recv(65536)
            for piece in canary.says:
                came.sendall(piece)
                time.sleep(canary.pause)
        except OSError:
            return


@pytest.fixture
def zone(app: Flask) -> Iterator[Zone]:
    made, server = dns_stub.listening()
    before, app.config["DNS_SERVER"] = app.config["DNS_SERVER"], made.address
    yield made
    app.config["DNS_SERVER"] = before
    server.shutdown()
    server.server_close()


# Written in as many ways as people have found. {p} is the canary's port.
WRITTEN = (
    "https://127.0.0.1:{p}/", "https://127.0.0.1/", "http://127.0.0.1:{p}/", "http://localhost:{p}/", "https://localhost:{p}/",
    "https://localhost/", "https://127.1:{p}/", "https://127.1/", "https://0/", "https://0:{p}/", "https://0.0.0.0/",
    "https://[::1]/", "https://[::1]:{p}/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/", "https://[fc00::1]/", "https://[fec0::1]/", "https://[ff02::1]/", "https://[::127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data/", "http://169.254.169.254/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://192.168.1.1/", "https://100.64.0.1/", "https://192.0.0.192/", "https://198.18.0.1/", "https://224.0.0.1/",
    "https://255.255.255.255/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.0.0.1./", "https://user@127.0.0.1/", "https://public.example@127.0.0.1:{p}/",
    "https://public.example:pw@127.0.0.1/", "https://127.0.0.1\\@public.example/", "https://public.example:8443/",
    "http://public.example/", "ftp://public.example/", "file:///etc/passwd", "gopher://127.0.0.1:{p}/_x", "//127.0.0.1/",
    "https://", "https:///x", "https://public.example:0/", "https://public.example:99999/", "https://①②⑦.0.0.1/",
    "https://127.0.0.1%00.public.example/", "https://public.example /", "https://public.example\t/", "https://-x.example/",
)  # fmt: skip
# Names that answer with what may not be reached.
NAMED = {
    "loopback.example": ["127.0.0.1"], "private.example": ["10.1.2.3"], "metadata.example": ["169.254.169.254"],
    "both.example": ["93.184.216.34", "127.0.0.1"], "nat.example": ["100.64.1.1"], "this.example": ["0.0.0.0"],
}  # fmt: skip
NAMED6 = {
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "local.example": ["fd00::1"],
}


def test_forty_ways_of_writing_reach_nothing(app: Flask, canary: Canary, zone: Zone) -> None:
    assert len(WRITTEN) + len(NAMED) + len(NAMED6) >= 40
    zone.answers |= {(name, "A"): found for name, found in NAMED.items()}
    zone.answers |= {(name, "AAAA"): found for name, found in NAMED6.items()}
    open_doors = []
    with app.app_context():
        for url in [*(w.format(p=canary.port) for w in WRITTEN), *(f"https://{name}/" for name in (*NAMED, *NAMED6))]:
            try:
                outbound.read_json(url)
                open_doors.append(url)
            except outbound.Closed:
                continue
    assert not open_doors and canary.came == 0


def test_a_name_is_looked_up_once_and_its_answer_is_where_we_go(
    app: Flask, canary: Canary, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public for the check, loopback for the connection. There is no second question."""
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    zone.answers[("rebind.example", "A")] = [["203.0.112.1"], ["127.0.0.1"]]
    with app.app_context(), pytest.raises(outbound.Closed):
        outbound.read_json("https://rebind.example/")
    assert zone.asked.count(("rebind.example", "A")) == 1 and canary.came == 0


def test_a_name_server_that_says_nothing_holds_us_five_seconds_at_most(
    app: Flask, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.6)
    zone.silent, began = True, time.monotonic()
    with app.app_context(), pytest.raises(outbound.Closed):
        outbound.read_json("https://slow.example/")
    assert time.monotonic() - began < 2


@pytest.fixture
def exempt(app: Flask, canary: Canary) -> Iterator[str]:
    """The canary's own address, let through: what it answers is judged all the same."""
    before, app.config["OUTBOUND_EXEMPT"] = app.config["OUTBOUND_EXEMPT"], f"127.0.0.1:{canary.port}"
    yield f"http://127.0.0.1:{canary.port}/"
    app.config["OUTBOUND_EXEMPT"] = before


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_an_exempt_host_is_reached(app: Flask, canary: Canary, exempt: str) -> None:
    canary.says = [HEAD + b"Content-Length: 8\r\n\r\n", b'{"a": 1}']
    with app.app_context():
        assert outbound.read_json(exempt) == {"a": 1}
        with pytest.raises(outbound.Closed):
            outbound.read_json(exempt.replace("127.0.0.1", "localhost"))


@pytest.mark.parametrize("where", ["http://127.0.0.1:{p}/x", "https://169.254.169.254/", "https://public.example/", "/x"])
def test_nobody_sends_us_elsewhere(app: Flask, canary: Canary, exempt: str, where: str) -> None:
    canary.says = [f"HTTP/1.1 302 Found\r\nLocation: {where.format(p=canary.port)}\r\nContent-Length: 0\r\n\r\n".encode()]
    with app.app_context(), pytest.raises(outbound.Closed, match="elsewhere"):
        outbound.read_json(exempt)
    assert canary.came == 1


@pytest.mark.parametrize(
    "says",
    [[HEAD + b"\r\n", *[b" "] * 200], [b"H", *[b"T"] * 200], [HEAD, *[b"X-A: b\r\n"] * 200], [HEAD + b"Content-Length: 9\r\n\r\n"], []],
    ids=["body", "first line", "headers", "half a body", "nothing"],
)  # fmt: skip
def test_who_drips_is_left(app: Flask, canary: Canary, exempt: str, says: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.4)
    canary.says, canary.pause, began = [*says, b""], 0.1 if len(says) > 1 else 3, time.monotonic()
    if not says:
        canary.says = [b""]
    with app.app_context(), pytest.raises(outbound.Closed):
        outbound.read_json(exempt)
    assert time.monotonic() - began < 1.5


def test_a_mebibyte_is_the_most(app: Flask, canary: Canary, exempt: str) -> None:
    canary.says = [HEAD + b"\r\n", *[b" " * 65536] * 40]
    with app.app_context(), pytest.raises(outbound.Closed, match="too much"):
        outbound.read_json(exempt)


def test_what_is_no_json_object_is_refused(app: Flask, canary: Canary, exempt: str) -> None:
    for body in (b"[]", b"x", b'"x"'):
        canary.says = [HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body]
        with app.app_context(), pytest.raises(outbound.Closed):
            outbound.read_json(exempt)


def test_the_environment_has_no_say(app: Flask, canary: Canary, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment, which would connect for us."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{canary.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{canary.port}")
    zone.answers[("private.example", "A")] = ["10.1.2.3"]
    with app.app_context(), pytest.raises(outbound.Closed):
        outbound.read_json("https://private.example/")
    assert canary.came == 0


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.31.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
        "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:db8::1", "2002:808:808::1",
        "3fff::1", "5f00::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "localhost", "8.8.8.8.", "0x8.8.8.8", "",
    ],
)  # fmt: skip
def test_every_special_address_is_closed(address: str) -> None:
    assert not outbound.is_public(address)


def test_public_addresses_are_let_through() -> None:
    for address in ("93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "2a01:e0a::1"):
        assert outbound.is_public(address), address


def test_no_exception_where_real_people_come() -> None:
    for more in ({"OUTBOUND_EXEMPT": "localhost:9000"}, {"DNS_SERVER": "sandbox:"}):
        with pytest.raises(BadSettings, match=next(iter(more))):
            read({**REAL, **more})
        assert read({**DESK, **more})

"""A name server of the tests' own, on loopback: what it answers may change from one question to the next."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class Zone:
    """Answers by (name, type); a list of lists is answered one after the other. `silent`: no answer at all."""

    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    silent: bool = False
    broken: bool = False
    address: str = ""

    def reply(self, wire: bytes) -> bytes | None:
        question = dns.message.from_wire(wire)
        name, kind = str(question.question[0].name).rstrip("."), dns.rdatatype.to_text(question.question[0].rdtype)
        self.asked.append((name, kind))
        if self.silent:
            return None
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        found = self.answers.get((name, kind))
        if self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found is None and not any(known == name for known, _kind in self.answers):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            now = (
                found.pop(0)
                if isinstance(found[0], list) and len(found) > 1
                else found[0]
                if isinstance(found[0], list)
                else found
            )
            reply.answer.append(dns.rrset.from_text(f"{name}.", 0, "IN", kind, *now))
        return reply.to_wire()


def listening() -> tuple[Zone, socketserver.UDPServer]:
    """A zone and its server, on a port of its own. The caller shuts it down."""
    zone = Zone()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            if reply := zone.reply(wire):
                sock.sendto(reply, self.client_address)

    server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
    zone.address = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return zone, server

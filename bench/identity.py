"""Whether time tells who has an account, what signing in takes by each way, and what knowing who looks costs a page.

`make bench-identity`. Each request comes from a network of its own, as PROXY_HOPS=1 lets a proxy say; each try is at an
address of its own, so that no limit is met.
"""

from __future__ import annotations

import http.client
import math
import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
from flask import Flask

from bench import pages, scene

TIMES, WAYS = 200, 40
GOOD = "a long sentence of mine"
NETWORKS = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))


class Browser:
    """A form's session and token over one connection, and how long a POST takes."""

    def __init__(self, port: int) -> None:
        self.host, self.connection = f"127.0.0.1:{port}", http.client.HTTPConnection("127.0.0.1", port)
        page, self.cookie = self._ask("GET", "/-/sign-in")
        found = re.search(rb'name="csrf-token" content="([^"]+)"', page)
        self.token = found[1].decode() if found else ""

    def _ask(self, method: str, path: str, body: str = "") -> tuple[bytes, str]:
        headers = {"Host": self.host, "X-Forwarded-For": next(NETWORKS), "Cookie": getattr(self, "cookie", "")}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        self.status = answer.status
        return answer.read(), "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or [])

    def post(self, path: str, wanted: int, **data: str) -> tuple[float, str]:
        """Milliseconds, and the cookies that came back."""
        body, began = urlencode({**data, "csrf_token": self.token}), time.perf_counter()
        _page, cookies = self._ask("POST", path, body)
        taken = (time.perf_counter() - began) * 1000
        if self.status != wanted:
            raise RuntimeError(f"{path}: {self.status} instead of {wanted}")
        return taken, cookies


def whether_time_tells(browser: Browser, known: Sequence[str]) -> None:
    """Known and unknown in pairs, now the one first and now the other, with addresses of one length."""
    draw = random.Random(7)
    ways: dict[str, Callable[[str], float]] = {
        "a link": lambda address: browser.post("/-/sign-in", 303, email=address)[0],
        "a wrong password": lambda address: browser.post("/-/sign-in/password", 422, email=address, password="wrong")[0],
    }
    print(f"{'asking for':24}{'known, ms':>12}{'unknown, ms':>13}{'gap':>8}{'p (Mann-Whitney)':>19}")
    for label, way in ways.items():
        for n in range(10):
            way(f"warm{n}@nowhere.example")
        yes: list[float] = []
        no: list[float] = []
        for address in known:
            pair = [(yes, address), (no, f"{uuid4()}@client.example")]
            draw.shuffle(pair)
            for taken, asked in pair:
                taken.append(way(asked))
        a, b = statistics.median(yes), statistics.median(no)
        print(f"{label:24}{a:>12.2f}{b:>13.2f}{a - b:>8.2f}{mann_whitney(yes, no):>19.2f}")


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """The chance that two samples of one thing differ as much as these (normal approximation, no ties)."""
    ranked = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    ranks = sum(rank for rank, (_value, which) in enumerate(ranked, 1) if which == 0)
    u, middle = ranks - len(a) * (len(a) + 1) / 2, len(a) * len(b) / 2
    spread = math.sqrt(len(a) * len(b) * (len(a) + len(b) + 1) / 12)
    return math.erfc(abs(u - middle) / spread / math.sqrt(2))


def each_way(app: Flask, port: int, known: Sequence[str], invitations: Iterator[str]) -> None:
    """Milliseconds from the last button to the cookie."""
    from saas.identity.commands import links
    from saas.kit.tokens import derived
    from tenants.scope import Scope, inside

    def by_mail(address: str) -> UUID:
        with app.app_context(), inside(Scope.platform()):
            return links.ask_for_code(address, "fr", "", silent=True)

    def by_link(address: str) -> float:
        with app.app_context():
            path = f"/-/sign-in/link/{derived('sign-in', by_mail(address))}"
        return Browser(port).post(path, 303)[0]

    def by_password(address: str) -> float:
        return Browser(port).post("/-/sign-in/password", 303, email=address, password=GOOD)[0]

    def by_code(address: str) -> float:
        browser = Browser(port)
        _taken, browser.cookie = browser.post("/-/sign-in", 303, email=address)
        page, _cookies = browser._ask("GET", "/-/sign-in/code")
        found = re.search(rb'name="csrf-token" content="([^"]+)"', page)
        browser.token = found[1].decode() if found else ""
        with app.app_context(), psycopg.connect(os.environ["BENCH_DSN"]) as connection:
            newest = "SELECT id FROM sign_in_code WHERE email_norm = %s ORDER BY expires_at DESC LIMIT 1"
            row = connection.execute(newest, (address,)).fetchone()
            digits = links.digits(row[0]) if row else ""
        return browser.post("/-/sign-in/code", 303, code=digits)[0]

    ways = {
        "a link": by_link, "a typed code": by_code, "a password": by_password,
        "an invitation": lambda _address: Browser(port).post(f"/-/invitation/{next(invitations)}", 303)[0],
    }  # fmt: skip
    print(f"\n{'signing in by':24}{'median ms':>12}{'slowest of 40':>15}")
    for label, way in ways.items():
        taken = [way(address) for address in known[:WAYS]]
        print(f"{label:24}{statistics.median(taken):>12.2f}{max(taken):>15.2f}")


def who_looks(app: Flask, address: str) -> None:
    """The one statement that says who looks, as the login role, beside the whole page."""
    from saas.identity.viewer import WHO_IS
    from saas.kit.tokens import hashed
    from tenants.db import db

    with app.app_context():
        asked = {"token": hashed(pages.signed_in(address)), "firm": "sure", "workspace": "client"}
        taken = []
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for _n in range(TIMES):
                began = time.perf_counter()
                connection.execute(WHO_IS, asked).one()
                taken.append((time.perf_counter() - began) * 1000)
    print(f"\nknowing who looks: {statistics.median(taken):.2f} ms, one statement")


def a_firm(number: int) -> tuple[list[str], Iterator[str]]:
    """So many people who have come before and have a password, and as many links of invitations as are needed."""
    from saas.identity.commands import passwords
    from saas.identity.commands.inviting import invitation_token, member_invitation
    from saas.identity.commands.links import prove
    from saas.identity.models import Account, Member
    from tenants.db import db
    from tenants.scope import Scope, inside

    client = scene.a_client("sure")
    ids = scene.people(client, number + WAYS)
    with inside(client):
        members = [db.session.get_one(Member, (client.firm_id, client.workspace_id, i)) for i in ids]
        addresses = [str(member.email_norm) for member in members]
        tokens = [invitation_token(member_invitation(member, "Bench")) for member in members[number:]]
    with inside(Scope.platform()):
        accounts = [prove(address) for address in addresses[:number]]
        hashed = passwords._hasher.hash(GOOD)
        for account in accounts:
            db.session.get_one(Account, account).password_hash = hashed
    return addresses[:number], iter(tokens)


def main() -> None:
    with pages.stage(PROXY_HOPS="1") as (app, _services):
        with app.app_context():
            known, invitations = a_firm(TIMES)
        port = int(os.environ["PUBLIC_URL"].rsplit(":", 1)[1])
        with psycopg.connect(os.environ["BENCH_DSN"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        with pages.served("wsgi:app", port, dict(os.environ)):
            whether_time_tells(Browser(port), known)
            each_way(app, port, known, invitations)
        who_looks(app, "hr@sure.example")
        pages.compare(app, {"HR's home": ("/sure/w/client/", "hr@sure.example")}, {"bare Flask page": "/hello"})


if __name__ == "__main__":
    main()

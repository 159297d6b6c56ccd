"""How often somebody may try: moving windows and growing waits, counted in Redis through Flask-Limiter.

On the ways in, Redis away means no (503): nobody guesses while nobody counts. For signed-in people it means yes.
Keys are keyed hashes: who reads Redis learns no address, no account and no network.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from functools import lru_cache
from typing import cast
from uuid import UUID

import structlog
from flask import Flask, current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from redis import Redis
from redis.exceptions import RedisError

from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.requests import network, subscriber

log = structlog.get_logger()

# The ways in: what is tried from one subscriber's network, and for one firm from all networks together. What can be guessed
# is counted ten times closer than what cannot: a room of managers who join at the same minute has one address.
GUESSED, OF_NETWORK, OF_FIRM, OF_CONNECTION = "30 per minute", "300 per minute", "300 per minute", "300 per minute"
# Guesses at one account: five at once, then a wait that doubles from a second to a quarter of an hour.
FREE, FIRST_WAIT, LONGEST_WAIT, FORGOTTEN = 5, 1, 900, 7200
CHECKS = "60 per hour"
MAILS = "5 per 15 minutes"
# So many tries on the ways in within a minute, over all firms, are told to whoever reads the log.
ALARM = 1000
# Signed-in people, by what they ask for: (their own, their whole firm's).
QUOTAS = {
    "search": ("300 per minute", "3000 per minute"),
    "workbook": ("60 per minute", "600 per minute"),
    "upload": ("60 per minute", "600 per minute"),
}
SEARCHES = frozenset({"home.search", "home.client_search", "home.switch"})
HEAVY = (".xlsx", ".pdf", ".csv", ".zip")

WAIT = """
local seconds, most, free, first = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', KEYS[1], 'tries', 'until')
local tries, till = tonumber(known[1] or '0'), tonumber(known[2] or '0')
if seconds < till then return math.ceil(till - seconds - 0.001) end
tries = tries + 1
if tries >= free then till = seconds + math.min(first * 2 ^ math.min(tries - free, 30), most) end
redis.call('HSET', KEYS[1], 'tries', tries, 'until', string.format('%.6f', till))
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[5]))
return 0
"""


class TooMany(Refused):
    """Too many tries; worth trying again in so many seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        said = (
            lazy_ngettext("Too many tries. Wait a second, then try again.", "Too many tries. Wait %(num)s seconds.", seconds)
            if seconds < 60
            else lazy_ngettext("Too many tries. Wait a minute, then try again.", "Too many tries. Wait %(num)s minutes.", minutes)
        )
        super().__init__(said)
        self.headers = {"Retry-After": str(seconds)}


class Closed(Refused):
    """Nobody counts tries at the moment, so nobody may try."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_l("Signing in is closed for a moment. Try again in a few seconds."))
        self.headers = {"Retry-After": "10"}


def _limiter() -> Limiter:
    return cast(Limiter, current_app.extensions["cordee_limiter"])


@lru_cache
def _item(limit: str) -> RateLimitItem:
    return parse(limit)


def key(kind: str, subject: object) -> str:
    """What Redis knows of somebody: a keyed hash."""
    secret = current_app.config["SECRET_KEY"].encode()
    return f"{kind}:{hmac.new(secret, f'limits:{kind}:{subject}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def hit(limit: str, kind: str, subject: object) -> None:
    """Count one try of a subject in a moving window. Raises TooMany, and RedisError when nobody can count."""
    item, known = _item(limit), key(kind, subject)
    if not _limiter().limiter.hit(item, known):
        reset = _limiter().limiter.get_window_stats(item, known).reset_time
        raise TooMany(max(1, min(round(reset - now().timestamp()), item.get_expiry())))


def from_network(*, guessed: bool = False) -> None:
    """Before anything is tried on a way in; `guessed`: a secret that somebody may guess. Raises TooMany, and Closed when Redis is away."""
    if guessed:
        _strictly(GUESSED, "guessed", subscriber(network()))
    _strictly(OF_NETWORK, "network", subscriber(network()))
    _count_all()


def for_firm(slug: str) -> None:
    """Before a browser that nobody knows tries a way in to a firm, if it is known to which. Raises as from_network does."""
    if slug:
        _strictly(OF_FIRM, "firm", slug)


def for_connection(connection_id: UUID) -> None:
    """Before a company's own provider is asked, or answers. Raises as from_network does."""
    _strictly(OF_CONNECTION, "connection", connection_id)


def _strictly(limit: str, kind: str, subject: object) -> None:
    try:
        hit(limit, kind, subject)
    except RedisError:
        raise _closed() from None


def guess(kind: str, subject: object, browser: str = "") -> None:
    """Before a secret of a subject is checked. Counted as wrong until `right` says otherwise, so that of many at once all count.

    `browser`: what tells a browser that has been let in to this account before; it has a wait of its own, so a stranger who
    guesses holds up strangers alone. Raises TooMany, and Closed when Redis is away.
    """
    moment = now().timestamp()
    asked = [moment, LONGEST_WAIT, FREE, FIRST_WAIT, FORGOTTEN]
    try:
        seconds = cast(int, _redis().eval(WAIT, 1, _wait_key(kind, subject, browser), *asked))
        if seconds:
            raise TooMany(seconds)
        hit(CHECKS, f"{kind}-checks", subject)
    except RedisError:
        raise _closed() from None


def right(kind: str, subject: object, browser: str = "") -> None:
    """The last guess was right: what was wrong before it is forgotten."""
    try:
        _redis().delete(_wait_key(kind, subject, browser))
    except RedisError:
        log.warning("redis is away: wrong tries before a right one stay counted")


def may_mail(address: str, browser: str = "") -> bool:
    """Whether one more mail may leave for an address; `browser` as in guess. Raises Closed when Redis is away."""
    try:
        hit(MAILS, "mails", f"{address} {browser}")
    except TooMany:
        return False
    except RedisError:
        raise _closed() from None
    return True


def _wait_key(kind: str, subject: object, browser: str) -> str:
    return f"WAIT:{key(kind, f'{subject} {browser}')}"


def _redis() -> Redis:
    return cast(Redis, cast(RedisStorage, _limiter().storage).storage)


def _closed() -> Closed:
    log.error("redis is away: nobody can sign in")
    return Closed()


def _count_all() -> None:
    """The alarm rings once a minute, at its number."""
    with suppress(RedisError):
        if _limiter().storage.incr("ALARM:tries", 60) == ALARM:
            log.error("alarm: many tries on the ways in", tries=ALARM, seconds=60)


def asked_for() -> str:
    """What a request of somebody signed in counts as: a key of QUOTAS, or "" for a page like any other."""
    if request.endpoint in SEARCHES:
        return "search"
    if request.method == "POST":
        return "upload" if request.mimetype == "multipart/form-data" else ""
    return "workbook" if request.path.endswith(HEAVY) else ""


def _quota() -> None:
    viewer = getattr(g, "viewer", None)
    if viewer is None or viewer.account_id is None or not (kind := asked_for()):
        return
    own, whole = QUOTAS[kind]
    try:
        hit(own, kind, viewer.account_id)
        if viewer.firm_id is not None:
            hit(whole, f"{kind}-firm", viewer.firm_id)
    except RedisError:
        log.warning("redis is away: nobody counts", kind=kind)


def init_limits(app: Flask) -> None:
    """After access.guard: who is looking is known, and they may."""
    url = app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1)
    limiter = Limiter(
        lambda: subscriber(network()), storage_uri=url, strategy="moving-window",
        storage_options={"socket_connect_timeout": 2, "socket_timeout": 2},
    )  # fmt: skip
    limiter.init_app(app)
    app.extensions["cordee_limiter"] = limiter
    app.before_request(_quota)

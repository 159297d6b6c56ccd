"""Opening, renewing and ending sign-ins. In platform scope."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import func, select, update

from saas.identity.models import SecondFactor, SignIn, SignInGrant
from saas.kit.clock import now
from saas.kit.requests import network, request_id
from saas.kit.tokens import hashed, new_token
from tenants.db import db, new_id
from tenants.queue import later

# The longest that a sign-in lives. `live_sign_in` (migrations) holds it shorter for whoever may act for a firm with it.
SIGN_IN_LIVES = dt.timedelta(days=90)
IDLE = dt.timedelta(days=30)
STAFF_SIGN_IN_LIVES = dt.timedelta(hours=12)
STAFF_IDLE = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Opens:
    """What a proof opens: without firm and workspace, every membership of the account that accepts `method`.

    A company's provider names its connection and one workspace, or one firm. `mfa`: it vouched for a second factor;
    `subject` and `sid`: its own names of the person and of its session; `proved_at`: when the person signed in there, if it
    said so: a session that was open there already is no fresh proof.
    """

    method: str
    connection_id: UUID | None = None
    firm_id: UUID | None = None
    workspace_id: UUID | None = None
    mfa: bool = False
    subject: str = ""
    sid: str = ""
    proved_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from: its name of itself, its network address, the hash of its own long-lived cookie."""

    device: str = ""
    network: str = ""
    known_by: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new sign-in: its cookie's token, and whether the account's second factor is to be given next."""

    id: UUID
    token: str
    wants_factor: bool


def sign_in(account_id: UUID, opens: Opens, browser: Browser, replaced: str = "") -> Opened:
    """Open a sign-in. The browser's former one (`replaced`, its token) ends: a token is never taken over.

    A company's provider adds what it opens to what its person had proved by themselves, and renews nothing of that:
    neither the hours since they signed in, nor when they last proved that it is them.
    Whoever has signed in before hears of a browser they have not used.
    """
    token, is_new_browser = new_token(), _is_new(account_id, browser)
    former = _taken_from(replaced, account_id) if replaced and opens.connection_id else None
    opened = SignIn(
        id=new_id(), token_hash=hashed(token), account_id=account_id, device=browser.device[:200], network=browser.network,
        browser_hash=browser.known_by, expires_at=now() + SIGN_IN_LIVES,
    )  # fmt: skip
    if former is not None:
        opened.created_at, opened.fresh_at, opened.factor_at = former.created_at, former.fresh_at, former.factor_at
    elif opens.connection_id is not None:
        opened.fresh_at = opens.proved_at or now() - STAFF_SIGN_IN_LIVES
    db.session.add(opened)
    db.session.flush()
    if former is not None:
        db.session.execute(update(SignInGrant).where(SignInGrant.sign_in_id == former.id).values(sign_in_id=opened.id))
    if replaced:
        end(replaced)
    grant = asdict(opens)
    del grant["proved_at"]
    db.session.add(SignInGrant(sign_in_id=opened.id, **grant))
    db.session.flush()
    note(opened.id, "sign_in.opened")
    if is_new_browser and opens.method != "demo":
        later("identity.new_browser", sign_in_id=opened.id)
    return Opened(opened.id, token, opens.connection_id is None and has_factor(account_id))


def _taken_from(token: str, account_id: UUID) -> SignIn | None:
    """The sign-in of this token, when it is live, of this account, and was opened by the person's own proof."""
    own = select(SignInGrant.id).where(SignInGrant.sign_in_id == SignIn.id, SignInGrant.firm_id.is_(None))
    mine = SignIn.token_hash == hashed(token), SignIn.account_id == account_id
    found = select(SignIn).where(*mine, SignIn.revoked_at.is_(None), SignIn.expires_at > now(), own.exists())
    return db.session.scalar(found.with_for_update())


def has_factor(account_id: UUID) -> bool:
    """Whether the account has an authenticator that works."""
    found = select(SecondFactor.account_id).where(SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None))
    return db.session.scalar(found) is not None


def _is_new(account_id: UUID, browser: Browser) -> bool:
    """Whether this account has signed in before, and never from this browser."""
    known = select(SignIn.browser_hash).where(SignIn.account_id == account_id)
    hashes = set(db.session.scalars(known.distinct()))
    return bool(hashes) and browser.known_by not in hashes


def knows_browser(account_id: UUID, known_by: str) -> bool:
    """Whether this account has signed in from this browser before."""
    found = select(SignIn.id).where(SignIn.account_id == account_id, SignIn.browser_hash == known_by).limit(1)
    return bool(known_by) and db.session.scalar(found) is not None


def renew(token: str, *, factor: bool = False) -> str:
    """The person proved again that it is them (or gave the second factor): the cookie gets a new token, the old one is dead."""
    fresh = new_token()
    more = {"factor_at": now()} if factor else {}
    db.session.execute(
        update(SignIn)
        .where(SignIn.token_hash == hashed(token), SignIn.revoked_at.is_(None))
        .values(token_hash=hashed(fresh), fresh_at=now(), seen_at=now(), **more)
    )
    return fresh


def end(token: str) -> None:
    """End the sign-in of this cookie."""
    db.session.execute(
        update(SignIn).where(SignIn.token_hash == hashed(token), SignIn.revoked_at.is_(None)).values(revoked_at=now())
    )


def end_one(account_id: UUID, sign_in_id: UUID) -> bool:
    """End one sign-in of this account; False when it is no live one of theirs."""
    return bool(_end(SignIn.account_id == account_id, SignIn.id == sign_in_id))


def end_others(account_id: UUID, kept: UUID | None) -> int:
    """End every sign-in of this account but one; returns how many there were."""
    return _end(SignIn.account_id == account_id, SignIn.id != kept if kept else SignIn.id.is_not(None))


def _end(*whose: object) -> int:
    ended = update(SignIn).where(*whose, SignIn.revoked_at.is_(None)).values(revoked_at=now()).returning(SignIn.id)  # type: ignore[arg-type]
    ids = db.session.scalars(ended).all()
    for one in ids:
        note(one, "sign_in.ended")
    return len(ids)


def note(sign_in_id: UUID, act: str) -> None:
    """Write an act down where it concerns others: a firm reads of its staff, a client of its HR, nobody of a manager's."""
    db.session.scalar(select(func.note_sign_in(sign_in_id, act, request_id(), network())))

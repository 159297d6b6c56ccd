"""The second factor: an authenticator app (TOTP, RFC 6238) and the codes that stand in for a lost one. In platform scope."""

from __future__ import annotations

import base64
import hmac
import secrets
from uuid import UUID

import pyotp
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from saas.identity.commands.links import only_digits
from saas.identity.models import RecoveryCode, SecondFactor
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.sealed import seal, unseal
from saas.kit.tokens import hashed
from tenants.db import db, new_id

STEP = 30  # seconds
AROUND = (0, -1, 1)  # steps: a phone's clock may be half a minute off
CODES = 10
WRONG = _l("This is not the code that your authenticator shows now. Check that your phone's clock is set by itself.")


def secret_for(sign_in_id: UUID) -> str:
    """The secret of an authenticator that is being set up in this sign-in, made again each time: looking writes nothing."""
    key = current_app.config["SECRET_KEY"].encode()
    return base64.b32encode(hmac.new(key, f"authenticator:{sign_in_id}".encode(), "sha1").digest()).decode()


def address(secret: str, name: str, issuer: str = "Cordée") -> str:
    """What an authenticator app reads from the picture (Key URI format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def confirm(account_id: UUID, secret: str, typed: str) -> list[str]:
    """The first code typed turns the authenticator on; returns the recovery codes, shown this once. Raises Refused."""
    if db.session.get(SecondFactor, account_id, with_for_update=True) is not None:
        raise Refused(_l("You have an authenticator already: remove it first."))
    step = _step(secret, typed)
    if step is None:
        raise Refused(WRONG, "code")
    db.session.add(SecondFactor(account_id=account_id, secret=seal(secret), confirmed_at=now(), last_step=step))
    db.session.flush()
    return new_codes(account_id)


def give(account_id: UUID, typed: str) -> str:
    """Check the second factor: 'app' for a code of the authenticator, 'recovery' for one of the ten. Raises Refused.

    Each code works once, whatever comes at the same moment: the step is written behind a condition.
    """
    plain = "".join(typed.split()).replace("-", "").upper()
    if plain.isascii() and plain.isdecimal() and len(plain) == 6:
        factor = db.session.get(SecondFactor, account_id)
        step = _step(unseal(factor.secret), plain) if factor and factor.confirmed_at else None
        later_one = update(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.last_step < (step or 0))
        if step and db.session.scalar(later_one.values(last_step=step).returning(SecondFactor.account_id)):
            return "app"
        raise Refused(WRONG, "code")
    mine = RecoveryCode.account_id == account_id, RecoveryCode.code_hash == hashed(plain), RecoveryCode.used_at.is_(None)
    if db.session.scalar(update(RecoveryCode).where(*mine).values(used_at=now()).returning(RecoveryCode.id)):
        return "recovery"
    raise Refused(_l("This is neither a code of your authenticator nor one of your unused recovery codes."), "code")


def new_codes(account_id: UUID) -> list[str]:
    """Ten new recovery codes of 80 bits; the former ones are worth nothing any more."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    plain = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(CODES)]
    db.session.add_all(RecoveryCode(id=new_id(), account_id=account_id, code_hash=hashed(code)) for code in plain)
    db.session.flush()
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in plain]


def codes_left(account_id: UUID) -> int:
    """How many recovery codes are unused."""
    unused = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def remove(account_id: UUID) -> None:
    """Take the authenticator and its recovery codes away."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    db.session.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))


def _step(secret: str, typed: str) -> int | None:
    """The time step that this code belongs to, at most one away from now; None for a wrong code."""
    at = int(now().timestamp()) // STEP
    app, plain = pyotp.TOTP(secret or pyotp.random_base32()), only_digits(typed)
    return next((at + n for n in AROUND if hmac.compare_digest(app.generate_otp(at + n), plain)), None)

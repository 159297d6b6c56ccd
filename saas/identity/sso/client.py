"""Speaking OpenID Connect with a provider: its description, the way there, and what comes back, proved.

Authlib does the protocol; what it leaves to its caller is done here (OpenID Connect Core 1.0 sections 3.1.2 and 3.1.3, RFC 9207,
RFC 9700): the issuer's own words are compared with what was configured, of its description only named fields are kept (others
could switch the code challenge off), a state is used once and in the browser it was made in, an ID token is required.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self, cast
from uuid import UUID

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import session
from flask_babel import lazy_gettext as _l
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy import update

from saas.identity.sso.models import SsoConnection
from saas.kit import outbound
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.sealed import unseal
from tenants.db import db
from tenants.queue import connection as redis
from tenants.resolver import link
from tenants.scope import Scope, inside

log = structlog.get_logger()
STATE_LIVES = 600
LEEWAY = 30
DESCRIPTION_LIVES = dt.timedelta(days=1)
KEYS_AGAIN = 60  # seconds between two looks for a key that is not there
# Signatures that only the provider can make. Never none, never a shared secret.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
NEEDED = ENDPOINTS[:3]
KEPT = (
    "issuer", *ENDPOINTS, "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported",
    "authorization_response_iss_parameter_supported",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provider:
    """A connection as it was read, so that no transaction waits for somebody else's server."""

    id: UUID
    firm_id: UUID
    workspace_id: UUID | None
    label: str
    issuer: str
    client_id: str
    secret: str
    state: str
    discovery: Mapping[str, Any]
    fetched_at: dt.datetime | None

    @classmethod
    def of(cls, row: SsoConnection) -> Self:
        """From its row."""
        return cls(
            row.id, cast(UUID, row.firm_id), row.workspace_id, row.label, row.issuer, row.client_id, unseal(row.secret), row.state,
            row.discovery, row.fetched_at,
        )  # fmt: skip

    @property
    def scope(self) -> Scope:
        """The one place that it opens, and that its answers are worked in."""
        return Scope.workspace(self.firm_id, self.workspace_id) if self.workspace_id else Scope.firm(self.firm_id)

    @property
    def callback(self) -> str:
        """The redirect address, of this connection alone."""
        return link(None, "sso.callback", connection_id=self.id)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said of a person, proved; and what was kept when the browser left for it."""

    subject: str
    claims: Mapping[str, Any]
    profile: Mapping[str, Any]  # the claim set that names and address are read from, whole
    auth_time: dt.datetime | None
    flow: Mapping[str, Any]


def _fail(name: str, why: object) -> NoReturn:
    """One sentence for whatever is not accepted: who tries things learns nothing. The log says which check it was."""
    log.warning("sso refused", provider=name, why=type(why).__name__)
    if isinstance(why, outbound.Closed):
        raise Refused(_l("%(name)s does not answer. Try again in a moment.", name=name))
    raise Refused(
        _l("We could not accept the answer of %(name)s. Try again; if it comes back, tell your HR or IT department.", name=name)
    )


# What a provider says of itself.


def discover(issuer: str, *, as_typed: bool = False) -> dict[str, Any]:
    """What we keep of an issuer's description (OpenID Connect Discovery 1.0) and its keys. Raises Refused, Closed.

    `as_typed`: a slash at its end more or less is forgiven, and the issuer's own form is the one to keep.
    """
    document = outbound.read_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    said = document.get("issuer")
    if said != issuer and not (as_typed and isinstance(said, str) and said.rstrip("/") == issuer.rstrip("/")):
        raise Refused(_l("This address describes another issuer: %(said)s.", said=str(said)[:120]), "issuer")
    kept = {name: document[name] for name in KEPT if name in document}
    if not all(isinstance(kept.get(name), str) for name in NEEDED):
        raise Refused(_l("This description lacks what signing in needs. Is it an OpenID Connect issuer?"), "issuer")
    for name in ENDPOINTS:
        if name in kept:
            outbound.check_url(str(kept[name]))
    published = kept.get("id_token_signing_alg_values_supported") or ["RS256"]
    kept["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in published]
    if not kept["id_token_signing_alg_values_supported"]:
        raise Refused(_l("This provider signs in no way that can be trusted."), "issuer")
    kept["jwks"] = fetch_keys(kept["jwks_uri"])
    return kept


def fetch_keys(address: str) -> dict[str, Any]:
    """The public keys at an address; shared secrets among them are left out. Raises Closed."""
    found = outbound.read_json(address).get("keys")
    keys = found if isinstance(found, list) else []
    return {"keys": [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")][:50]}


def described(provider: Provider) -> Provider:
    """The same with a description that is less than a day old; an older one stands in while it cannot be had. Raises Refused."""
    if provider.discovery and provider.fetched_at and provider.fetched_at > now() - DESCRIPTION_LIVES:
        return provider
    try:
        found = discover(provider.issuer)
    except outbound.Closed as error:
        if provider.discovery:
            log.warning("sso description is old", provider=provider.label)
            return provider
        _fail(provider.label, error)
    return _keep(provider, found)


def _keep(provider: Provider, found: Mapping[str, Any]) -> Provider:
    with inside(provider.scope):
        same = SsoConnection.id == provider.id, SsoConnection.issuer == provider.issuer
        db.session.execute(update(SsoConnection).where(*same).values(discovery=dict(found), fetched_at=now()))
    return replace(provider, discovery=found, fetched_at=now())


def keys_again(provider: Provider) -> dict[str, Any]:
    """Its keys, looked for anew because one is not there: once a minute at most. Raises Closed."""
    if not redis().set(f"oidc-keys:{provider.id}", "1", nx=True, ex=KEYS_AGAIN):
        return dict(provider.discovery.get("jwks") or {"keys": []})
    keys = fetch_keys(str(provider.discovery["jwks_uri"]))
    _keep(provider, {**provider.discovery, "jwks": keys})
    return keys


# Authlib's client, and where it keeps what it must remember.


class _Session(outbound.Guarded, OAuth2Session):
    """Authlib's session, that goes out through the guarded door."""


class _Memory:
    """Redis, as Authlib's cache."""

    def get(self, key: str) -> Any:
        return redis().get(key)

    def set(self, key: str, value: str, expires: int) -> None:
        redis().set(key, value, ex=expires)

    def delete(self, key: str) -> None:
        redis().delete(key)


class _States(FlaskIntegration):
    """States live ten minutes on our side, are worth something in the browser that asked, and are taken out when read."""

    expires_in = STATE_LIVES

    def get_state_data(self, session: Any, state: str | None) -> Any:
        key = f"_state_{self.name}_{state}"
        mine = session.pop(key, None)
        taken: Any = redis().getdel(key) if mine else None
        return json.loads(taken)["data"] if taken else None

    def set_state_data(self, session: Any, state: str, data: Any) -> None:
        self._clear_session_state(session)
        for old in [key for key in session if key.startswith("_state_")][:-4]:
            session.pop(old)  # a browser that leaves and leaves again: its cookie stays small
        super().set_state_data(session, state, data)


class _Client(FlaskOAuth2App):
    client_cls = _Session

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        kwargs = {"scope": "openid email profile", "code_challenge_method": "S256", "token_endpoint_auth_method": _way(provider)}
        super().__init__(
            _States(str(provider.id), _Memory()), name=str(provider.id), client_id=provider.client_id,
            client_secret=provider.secret or None, client_kwargs=kwargs,
        )  # fmt: skip
        self.server_metadata = {name: provider.discovery[name] for name in (*KEPT, "jwks") if name in provider.discovery}

    def fetch_jwk_set(self, force: bool = False) -> Any:
        if force:
            self.server_metadata["jwks"] = keys_again(self.provider)
        return self.server_metadata["jwks"]


def _way(provider: Provider) -> str:
    """How the secret travels to the token endpoint: by what the provider says it takes."""
    if not provider.secret:
        return "none"
    known = provider.discovery.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_post" if "client_secret_post" in known else "client_secret_basic"


def way_there(provider: Provider, flow: Mapping[str, Any], *, again: bool = False, hint: str = "") -> str:
    """The provider's address to send the browser to; `flow` comes back with the answer. `again`: sign in anew there."""
    client = _Client(provider)
    more = {"prompt": "login", "max_age": "0"} if again else {}
    if hint:
        more["login_hint"] = hint
    made = client.create_authorization_url(provider.callback, response_mode="query", **more)
    kept = {**flow, "again": again, "left_at": now().timestamp()}
    client.save_authorize_data(redirect_uri=provider.callback, flow=kept, **made)
    return str(made["url"])


def forget(provider: Provider, state: str | None) -> Mapping[str, Any]:
    """Use a state up without an answer; returns the flow it was kept for, if it was this browser's."""
    found = _Client(provider).framework.get_state_data(session, state)
    return found["flow"] if found else {}


def answer(provider: Provider, said: Mapping[str, str]) -> Answer:
    """The person whom a callback's address brings, proved. Raises Refused; whatever is wrong, the sentence is the same."""
    client = _Client(provider)
    kept = client.framework.get_state_data(session, said.get("state"))
    try:
        if not kept:
            raise ValueError("unknown state")
        _is_from(provider, said)
        token = client.fetch_access_token(
            code=said.get("code") or "", code_verifier=kept["code_verifier"], redirect_uri=kept["redirect_uri"],
            grant_type="authorization_code",
        )  # fmt: skip
        claims = _proved(client, token, kept["nonce"])
        profile = _profile(client, token, claims)
        auth_time = _auth_time(claims, kept["flow"])
    except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, RuntimeError, AttributeError, OSError) as error:
        _fail(provider.label, error)
    return Answer(str(claims["sub"]), claims, profile, auth_time, kept["flow"])


def _is_from(provider: Provider, said: Mapping[str, str]) -> None:
    """RFC 9207: an answer says whose it is, where the provider promised that it would."""
    promised = provider.discovery.get("authorization_response_iss_parameter_supported") is True
    if (promised or "iss" in said) and said.get("iss") != provider.issuer:
        raise ValueError("answer of another issuer")


def _options(provider: Provider) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "exp": {"essential": True},
        "nonce": {"essential": True},
        "sub": {"essential": True, "validate": lambda _claims, value: isinstance(value, str) and 0 < len(value) <= 255},
    }


def _proved(client: _Client, token: Any, nonce: str) -> Mapping[str, Any]:
    """The claims of the ID token, all of them checked; no ID token is no sign-in."""
    if not isinstance(token, dict) or not isinstance(token.get("id_token"), str) or not nonce:
        raise ValueError("no ID token")
    options = _options(client.provider)
    try:
        claims = client.parse_id_token(token, nonce=nonce, claims_options=options, leeway=LEEWAY)
    except BadSignatureError:  # a provider that names no keys may have changed its only one
        client.fetch_jwk_set(force=True)
        claims = client.parse_id_token(token, nonce=nonce, claims_options=options, leeway=LEEWAY)
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience != [client.provider.client_id] or claims.get("azp", client.provider.client_id) != client.provider.client_id:
        raise ValueError("token for others too")
    return dict(claims)


def _profile(client: _Client, token: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claim set to read names and address from: the ID token, or what userinfo says of the same subject."""
    where = client.server_metadata.get("userinfo_endpoint")
    if "email" in claims or not where or not token.get("access_token"):
        return claims
    with _Session() as web:
        found = web.get(where, headers={"Authorization": f"Bearer {token['access_token']}"}, withhold_token=True).json()
    if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
        raise ValueError("userinfo of somebody else")
    return found


def _auth_time(claims: Mapping[str, Any], flow: Mapping[str, Any]) -> dt.datetime | None:
    said = claims.get("auth_time")
    if flow.get("again") and (not isinstance(said, int | float) or said < flow["left_at"] - LEEWAY):
        raise Refused(_l("Your directory did not ask you to sign in again. Sign in with a mailed link instead."))
    known = isinstance(said, int | float) and not isinstance(said, bool) and said > 0
    return min(dt.datetime.fromtimestamp(said, dt.UTC), now()) if known else None  # type: ignore[arg-type]


def decoded(provider: Provider, token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(header, claims) of any other token that the provider has signed. Raises Refused."""
    registry = JWSRegistry(
        algorithms=list(provider.discovery["id_token_signing_alg_values_supported"]), strict_check_header=False
    )
    try:
        try:
            found = jwt.decode(token, KeySet.import_key_set(provider.discovery["jwks"]), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            found = jwt.decode(token, KeySet.import_key_set(cast(Any, keys_again(provider))), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError, outbound.Closed) as error:
        _fail(provider.label, error)
    return found.header, found.claims

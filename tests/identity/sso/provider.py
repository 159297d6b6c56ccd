"""An identity provider of the tests' own, over HTTP on loopback: it can be honest, and it can forge everything.

It shares no code with the product or with its sandbox; it signs with joserfc.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "client-of-cordee", "s3cret-of-cordee-0123456789abcdef"
Claims = dict[str, Any]
Forge = Callable[["Minted"], None]
KEYS = [RSAKey.generate_key(2048, {"kid": f"key-{n}", "use": "sig"}) for n in range(3)]


@dataclass
class Minted:
    """A token about to be signed, for a forger to change: its claims, header and key, or the whole answer."""

    claims: Claims
    header: Claims
    key: Any
    algorithms: list[str] = field(default_factory=lambda: ["RS256"])
    after: Callable[[str], str] = lambda token: token
    answer: Callable[[Claims], Claims] = lambda answer: answer


@dataclass
class Idp:
    """One provider, listening. `forge` changes what is minted next; `document` adds to its description."""

    port: int = 0
    forge: Forge | None = None
    document: Claims = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [KEYS[0]])
    userinfo: Claims = field(default_factory=dict)
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    def discovery(self) -> Claims:
        base = self.issuer
        return {
            "issuer": base, "authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks", "end_session_endpoint": f"{base}/leave", "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True, **self.document,
        }  # fmt: skip

    def sign_in(self, there: str, subject: str, **claims: Any) -> Claims:
        """Somebody signs in after the redirect to `there`; returns what the browser carries back."""
        asked = dict(parse_qsl(urlsplit(there).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256", asked
        assert asked["response_mode"] == "query" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(12)
        moment = int(time.time())
        said = {
            "iss": self.issuer, "sub": subject, "aud": asked["client_id"], "iat": moment, "exp": moment + 300,
            "nonce": asked["nonce"], **claims,
        }  # fmt: skip
        self.codes[code] = {"asked": asked, "claims": said}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def redeem(self, sent: dict[str, str], authorization: str) -> tuple[int, Claims]:
        kept = self.codes.pop(sent.get("code", ""), None)
        if kept is None:
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = authorization == basic or (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        asked = kept["asked"]
        if not known or challenge != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        return 200, self.mint(kept["claims"], access)

    def mint(self, claims: Claims, access: str) -> Claims:
        half = base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).decode().rstrip("=")
        minted = Minted({**claims, "at_hash": half}, {"alg": "RS256", "kid": self.keys[0].kid}, self.keys[0])
        if self.forge:
            self.forge(minted)
        token = minted.after(jwt.encode(minted.header, minted.claims, minted.key, algorithms=minted.algorithms))
        return minted.answer({"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def logout_token(self, forge: Forge | None = None, **claims: Any) -> str:
        moment = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 120, "jti": secrets.token_hex(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **claims,
        }  # fmt: skip
        minted = Minted(said, {"alg": "RS256", "kid": self.keys[0].kid, "typ": "logout+jwt"}, self.keys[0])
        if forge:
            forge(minted)
        return minted.after(jwt.encode(minted.header, minted.claims, minted.key, algorithms=minted.algorithms))


class Handler(BaseHTTPRequestHandler):
    idp: Idp

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def say(self, code: int, what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.idp.asked.append(path)
        if self.idp.down:
            return self.say(503, {})
        if path == "/.well-known/openid-configuration":
            return self.say(200, self.idp.discovery())
        if path == "/jwks":
            return self.say(200, {"keys": [key.as_dict(private=False) for key in self.idp.keys]})
        if path == "/userinfo":
            return self.say(200, self.idp.userinfo)
        return self.say(404, {})

    def do_POST(self) -> None:
        self.idp.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self.say(*self.idp.redeem(sent, self.headers.get("Authorization", "")))


def listening() -> tuple[Idp, ThreadingHTTPServer]:
    """A provider on a port of its own. The caller shuts the server down."""
    idp = Idp()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"idp": idp}))
    idp.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return idp, server


def signed_by_public_key(key: Any) -> Callable[[str], str]:
    """A public key used as a shared secret: the oldest forgery. Made by hand, since joserfc refuses to."""

    def again(token: str) -> str:
        def coded(part: bytes) -> str:
            return base64.urlsafe_b64encode(part).decode().rstrip("=")

        said = f"{coded(json.dumps({'alg': 'HS256', 'kid': key.kid}).encode())}.{token.split('.')[1]}"
        return f"{said}.{coded(hmac.new(key.as_pem(private=False), said.encode(), hashlib.sha256).digest())}"

    return again

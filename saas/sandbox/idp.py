"""A small identity provider, that of the demo's second client: it signs in whomever one clicks on. Built on Authlib's server side.

The product speaks with it over HTTP as with any other: it is let through the guarded door because it is our own address.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import EVERYONE, open_to
from saas.sandbox.demo.clients import CLIENTS
from saas.sandbox.personae import demo_firm
from tenants.db import db
from tenants.models import Workspace
from tenants.queue import connection as redis
from tenants.resolver import link
from tenants.scope import Kind, Scope, inside

bp = Blueprint("idp", __name__, template_folder="templates", url_prefix="/-/idp")
COMPANY = CLIENTS[1]
CLIENT_ID, CLIENT_SECRET = "cordee", "the-demos-own-secret"
HR_GROUP = "Ressources humaines"
CODE_LIVES = 60


def issuer() -> str:
    """The provider's own name."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}/-/idp"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company's directory. `note` says what is special about them."""

    sub: str
    first_name: str
    last_name: str
    email: str
    groups: tuple[str, ...] = ("Encadrants",)
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


NEWCOMER = Person("demo-new", "Ariane", "Teyssier", f"ariane.teyssier@{COMPANY.slug}.example", note="new")
OUTSIDER = Person("demo-outside", "Loïc", "Maréchal", "loic.marechal@prestataire.example", (), note="outside")


def people() -> list[Person]:
    """The directory: HR and some managers of the demo's second client, one who is not in the space yet, one of elsewhere."""
    with inside(Scope.firm(demo_firm().id)):
        space = db.session.scalars(select(Workspace.id).where(Workspace.slug == COMPANY.slug)).one()
        known = select(Member).where(Member.workspace_id == space, Member.left_at.is_(None), Member.email_norm.is_not(None))
        members = db.session.scalars(known.order_by(Member.id).limit(6)).all()
        found = [_known(member) for member in members if member.email_norm != NEWCOMER.email]
    return [*found, NEWCOMER, OUTSIDER]


def _known(member: Member) -> Person:
    groups = ("Encadrants", HR_GROUP) if "hr" in member.roles else ("Encadrants",)
    return Person(f"demo-{member.id}", member.first_name, member.last_name, member.email_norm or "", groups)


class _Client(ClientMixin):
    """Cordée, as the provider knows it."""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(s for s in (scope or "").split() if s in ("openid", "profile", "email"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.startswith(f"{current_app.config['PUBLIC_URL'].rstrip('/')}/-/sso/") and redirect_uri.endswith(
            "/callback"
        )

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code(AuthorizationCodeMixin):
    """A code that waits in Redis to be exchanged."""

    code: str
    sub: str
    redirect_uri: str
    scope: str
    nonce: str
    auth_time: int
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> list[str]:
        return ["pwd"]


class _Grant(AuthorizationCodeGrant):
    def save_authorization_code(self, code: str, request: Any) -> None:
        said = request.payload.data
        kept = _Code(
            code, request.user.sub, request.payload.redirect_uri, request.payload.scope, said.get("nonce", ""), int(time.time()),
            said["code_challenge"], said["code_challenge_method"],
        )  # fmt: skip
        redis().set(f"idp-code:{code}", json.dumps(asdict(kept)), ex=CODE_LIVES)

    def query_authorization_code(self, code: str, client: Any) -> _Code | None:
        kept: Any = redis().getdel(f"idp-code:{code}")
        return _Code(**json.loads(kept)) if kept else None

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """It went when it was read."""

    def authenticate_user(self, authorization_code: _Code) -> Person | None:
        return next((person for person in people() if person.sub == authorization_code.sub), None)


class _OpenId(OpenIDCode):
    def resolve_client_private_key(self, client: Any) -> RSAKey:
        return key()

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": issuer(), "aud": CLIENT_ID}

    def get_encode_header(self, client: Any) -> dict[str, str]:
        return {"alg": "RS256", "kid": str(key().kid)}

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return UserInfo(
            sub=user.sub, name=user.name, given_name=user.first_name, family_name=user.last_name, email=user.email,
            email_verified=True, locale="fr", groups=list(user.groups),
        )  # fmt: skip


class _Issuer(IssuerParameter):
    def get_issuer(self) -> str:
        return issuer()


def _server() -> AuthorizationServer:
    server = AuthorizationServer(current_app, query_client=lambda said: _Client() if said == CLIENT_ID else None,
                                 save_token=lambda _token, _request: None)  # fmt: skip
    server.register_grant(_Grant, [_OpenId(require_nonce=True), CodeChallenge(required=True)])
    server.register_extension(_Issuer())
    return server


def key() -> RSAKey:
    """The provider's signing key, made once beside the files."""
    path = Path(current_app.config["STORAGE_DIR"]).absolute() / "idp" / "key.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        made = path.with_suffix(f".{time.monotonic_ns()}")
        made.write_text(json.dumps(RSAKey.generate_key(2048, {"kid": "demo", "use": "sig"}).as_dict(private=True)))
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass  # another process was first
        finally:
            made.unlink()
    return _read(path)


@cache
def _read(path: Path) -> RSAKey:
    return RSAKey.import_key(json.loads(path.read_text()))


@bp.get("/.well-known/openid-configuration")
@open_to(EVERYONE, within=Kind.PLATFORM)
def discovery() -> dict[str, Any]:
    demo_firm()
    own = issuer()
    return {
        "issuer": own, "authorization_endpoint": f"{own}/authorize", "token_endpoint": f"{own}/token", "jwks_uri": f"{own}/keys",
        "end_session_endpoint": f"{own}/leave", "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip


@bp.get("/keys")
@open_to(EVERYONE, within=Kind.PLATFORM)
def keys() -> dict[str, Any]:
    demo_firm()
    return {"keys": [key().as_dict(private=False)]}


@bp.get("/authorize")
@open_to(EVERYONE, within=Kind.PLATFORM)
def authorize() -> str:
    """Who is it? A click is the password here."""
    demo_firm()
    try:
        _server().get_consent_grant(end_user=None)
    except OAuth2Error:
        abort(404)
    return render_template("sandbox/idp.html", people=people(), company=COMPANY)


@bp.post("/authorize")
@open_to(EVERYONE, within=Kind.PLATFORM)
def signed_in() -> Response:
    person = next((one for one in people() if one.sub == request.form.get("person")), None)
    server = _server()
    try:
        grant = server.get_consent_grant(end_user=person)
    except OAuth2Error:
        abort(404)
    response: Response = server.create_authorization_response(grant_user=person, grant=grant)
    return response


@bp.post("/token")
@open_to(EVERYONE, within=Kind.PLATFORM)
def token() -> Response:
    demo_firm()
    response: Response = _server().create_token_response()
    return response


@bp.get("/leave")
@open_to(EVERYONE, within=Kind.PLATFORM)
def leave() -> Response:
    """There is no session to end; back to where the product says."""
    demo_firm()
    asked = request.args.get("post_logout_redirect_uri")
    own = link(None, "identity.signed_out")
    return redirect(own if asked == own else url_for("identity.sign_in"), 303)

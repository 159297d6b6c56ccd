"""The doors of single sign-on: to the provider, back from it, and out again. One callback a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.identity.commands.signing import Opens
from saas.identity.entering import enter, safe_next
from saas.identity.sso import client, queries
from saas.identity.sso.client import Answer, Provider
from saas.identity.sso.commands import arriving, ending, trying
from saas.identity.sso.remembering import remember, remembered_connection
from saas.kit import limits
from saas.kit.access import EVERYONE, open_to
from saas.kit.errors import Refused
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.resolver import link
from tenants.scope import Kind, inside

bp = Blueprint("sso", __name__, template_folder="../../templates", url_prefix="/-/sso")
bp.add_app_template_global(remembered_connection, "remembered_connection")

Shown = Response | tuple[str, int] | tuple[str, int, dict[str, str]]
ANSWER = ("code", "state", "iss", "error")


def _connection(connection_id: UUID, *states: str) -> Provider:
    """A connection in one of these states. 404 for any other id, which tells nobody anything.

    The transaction that found it ends here: nothing is held while the provider is asked.
    """
    found = queries.provider(connection_id)
    if found is None or found.state not in states or not found.issuer:
        abort(404)
    db.session.commit()
    return found


def _refused(provider: Provider, no: Refused, code: int = 403) -> tuple[str, int, dict[str, str]]:
    """The page that says why not; 429 and 503 say when to come back."""
    shown = render_template("identity/sso/refused.html", provider=provider, message=no.message)
    return shown, code if no.status == Refused.status else no.status, dict(no.headers)


@bp.get("/<uuid:connection_id>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def start(connection_id: UUID) -> Shown:
    """On to the provider. Also where a provider's own page of applications sends people (initiate_login_uri)."""
    found = _connection(connection_id, "active")
    if request.args.get("iss", found.issuer) != found.issuer:
        abort(404)
    flow = {"next": safe_next(request.args.get("next"))}
    try:
        there = client.way_there(
            client.described(found), flow, again="again" in request.args, hint=request.args.get("login_hint", "")[:254]
        )
    except Refused as no:
        return _refused(found, no, 502)
    return redirect(there, 303)


@bp.get("/<uuid:connection_id>/callback")
@open_to(EVERYONE, within=Kind.PLATFORM)
def callback(connection_id: UUID) -> Shown:
    """Back from the provider, to whatever it opens."""
    found = _connection(connection_id, "active", "draft", "off")
    said = {name: request.args[name] for name in ANSWER if name in request.args}
    try:
        if "error" in said:
            return _declined(found, said)
        limits.for_connection(found.id)
        proved = client.answer(found, said)
        if proved.flow.get("trial"):
            return redirect(trying.came_back(found, proved, g.viewer.account_id), 303)
        if found.state != "active":
            abort(404)
        return _enter(found, proved)
    except Refused as no:
        return _refused(found, no)


def _declined(provider: Provider, said: Mapping[str, str]) -> Response | tuple[str, int]:
    """The provider sends an error: the state is used up, and nothing of what it says is shown."""
    flow = client.forget(provider, said.get("state"))
    if not flow:
        abort(404)
    return render_template("identity/sso/declined.html", provider=provider, next=flow.get("next", "")), 403


def _enter(provider: Provider, proved: Answer) -> Response:
    account_id = arriving.arrive(provider, proved)
    sid = proved.claims.get("sid")
    opens = Opens(
        "oidc", connection_id=provider.id, firm_id=provider.firm_id, workspace_id=provider.workspace_id,
        mfa=_vouches(proved.claims), subject=proved.subject, sid=sid if isinstance(sid, str) else "", proved_at=proved.auth_time,
    )  # fmt: skip
    return remember(enter(account_id, opens, str(proved.flow.get("next") or "") or home(provider)), provider)


def _vouches(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that several factors were used (RFC 8176, "mfa")."""
    amr = claims.get("amr")
    return isinstance(amr, list) and "mfa" in amr


def home(provider: Provider) -> str:
    """Where what a provider opens begins."""
    with inside(provider.scope):
        firm = db.session.scalars(select(Firm.slug)).one()
        own = select(Workspace.slug).where(Workspace.id == provider.workspace_id)
        space = db.session.scalars(own).one() if provider.workspace_id else ""
    return f"/{firm}/w/{space}/" if space else f"/{firm}/"


@bp.get("/<uuid:connection_id>/leave")
@open_to(EVERYONE, within=Kind.PLATFORM)
def leave(connection_id: UUID) -> Response:
    """End the session at the provider too (OpenID Connect RP-Initiated Logout 1.0), for whoever has signed out here."""
    found = client.described(_connection(connection_id, "active"))
    there = found.discovery.get("end_session_endpoint")
    if not there:
        return redirect(url_for("identity.signed_out"), 303)
    said = {"client_id": found.client_id, "post_logout_redirect_uri": link(None, "identity.signed_out")}
    return redirect(f"{there}{'&' if '?' in there else '?'}{urlencode(said)}", 303)


@bp.post("/<uuid:connection_id>/logout")
@open_to(EVERYONE, within=Kind.PLATFORM)
def logout(connection_id: UUID) -> tuple[dict[str, str], int]:
    """The provider says that somebody has left (back-channel). Signed by it, so without a form's token."""
    found = _connection(connection_id, "active")
    try:
        ending.log_out(client.described(found), request.form.get("logout_token", ""))
    except Refused:
        return {"error": "invalid_request"}, 400
    return {}, 200

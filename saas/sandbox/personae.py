"""Become any person of the demo in one click. It opens only a demo firm's people, and only where the settings ask for it.

A firm is a demo by its own row, which only the loader writes, with the owner's connection, on an empty database: the
setting alone opens nothing on other data.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from saas.identity.commands.links import prove
from saas.identity.commands.signing import Opens
from saas.identity.entering import enter
from saas.identity.models import Member, Staff
from saas.identity.sso.models import SsoConnection
from saas.kit.access import EVERYONE, open_to
from saas.kit.names import email_norm
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.scope import Kind, Scope, inside

bp = Blueprint("personae", __name__, template_folder="templates", url_prefix="/-/personae")


def demo_firm() -> Firm:
    """Platform scope: the demo firm. 404 where there is none or the settings do not ask for it."""
    firm = db.session.scalar(select(Firm).where(Firm.is_demo)) if current_app.config["CORDEE_DEMO"] else None
    if firm is None:
        abort(404)
    return firm


def cast(firm_id: object) -> tuple[list[Staff], dict[str, list[Member]]]:
    """The people to become: staff, then HR, a sponsor and two participants of each client."""
    with inside(Scope.firm(firm_id)):  # type: ignore[arg-type]
        staff = list(db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.id)))
        names = {w.id: w.name for w in db.session.scalars(select(Workspace).order_by(Workspace.name))}
        members: dict[str, list[Member]] = {name: [] for name in names.values()}
        found = select(Member).where(Member.left_at.is_(None), Member.email_norm.is_not(None)).order_by(Member.id)
        for member in db.session.scalars(found):
            people = members[names[member.workspace_id]]
            plain = sum(1 for m in people if m.roles == ["participant"])
            if member.roles != ["participant"] or plain < 2:
                people.append(member)
        db.session.expunge_all()
    return staff, members


@bp.get("")
@open_to(EVERYONE, within=Kind.PLATFORM)
def index() -> str:
    firm = demo_firm()
    staff, members = cast(firm.id)
    return render_template("sandbox/personae.html", demo=firm, staff=staff, members=members, directory_url=_directory(firm.id))


def _directory(firm_id: UUID) -> str:
    """The way in through the directory of the demo's client that has connected one."""
    with inside(Scope.firm(firm_id)):
        found = db.session.scalar(select(SsoConnection.id).where(SsoConnection.state == "active").limit(1))
    return url_for("sso.start", connection_id=found) if found else ""


@bp.post("")
@open_to(EVERYONE, within=Kind.PLATFORM)
def become() -> Response:
    firm = demo_firm()
    address = email_norm(request.form.get("email", ""))
    with inside(Scope.firm(firm.id)):
        known = db.session.scalar(select(Staff.id).where(Staff.email_norm == address)) or db.session.scalar(
            select(Member.id).where(Member.email_norm == address).limit(1)
        )
    account_id = prove(address) if known else None
    if account_id is None:
        abort(404)
    return enter(account_id, Opens("demo"))

"""The settings of single sign-on: a client's, for HR of the whole company and the firm's staff; a firm's own, for its owner.

Both have the same pages, each in its own scope; every one of them asks for a fresh proof of who is there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from saas.identity.sso import domains, queries
from saas.identity.sso.client import Provider
from saas.identity.sso.commands import connecting, proving, trying
from saas.identity.sso.forms import KINDS, BeginForm, DomainForm, PersonForm, ProviderForm, RolesForm
from saas.identity.sso.guides import GUIDES
from saas.identity.sso.models import SsoConnection
from saas.kit.access import HR_OF_ALL, open_to
from saas.kit.errors import Refused
from saas.kit.shell import CONSOLE, nav_entry
from tenants.db import db
from tenants.resolver import link
from tenants.scope import Kind, current_scope

clients = Blueprint("directory", __name__, template_folder="../../templates", url_prefix="/w/<workspace>/sign-in")
firms = Blueprint("own_directory", __name__, template_folder="../../templates", url_prefix="/sign-in")
nav_entry(CONSOLE, 101, _l("Sign-in"), "own_directory.index", "key-round", "owner")

ACTS: dict[str, tuple[Callable[[SsoConnection], None], Any]] = {
    "on": (connecting.turn_on, _l("People come in through the directory now.")),
    "off": (connecting.turn_off, _l("The directory lets nobody in any more. What it had opened is closed.")),
    "enforce": (connecting.enforce, _l("The directory is the only way in now.")),
    "relax": (connecting.relax, _l("The mailed link opens the space again.")),
    "delete": (connecting.delete, _l("The connection is deleted. What it had opened is closed.")),
}
Answer = Response | str | tuple[str, int]


def _here(name: str, **values: Any) -> str:
    """A page of the same settings."""
    return url_for(f"{request.blueprint}.{name}", **({"workspace": g.viewer.workspace.slug} if _is_client() else {}), **values)


def _is_client() -> bool:
    return current_scope().kind is Kind.WORKSPACE


def _back(anchor: str = "") -> Response:
    return redirect(_here("index") + (f"#{anchor}" if anchor else ""), 303)


def _own() -> SsoConnection:
    row = queries.own_connection(lock=True)
    if row is None:
        abort(404)
    return row


def index() -> Answer:
    return _page()


def begin() -> Answer:
    form = BeginForm()
    if form.validate():
        try:
            connecting.begin(form.label.data, form.kind.data)
            return _back("provider")
        except Refused as no:
            form.label.errors = [no.message]
    return _page(begin=form), 422


def save() -> Answer:
    form = ProviderForm()
    if form.validate():
        try:
            if queries.own_connection() is None:
                abort(404)
            db.session.commit()  # nothing is held while the provider is asked
            found = connecting.looked_up(form.issuer.data)
            connecting.describe(
                _own(), label=form.label.data, issuer=form.issuer.data, client_id=form.client_id.data.strip(),
                secret=form.secret.data or "", found=found,
            )  # fmt: skip
            flash(_("Saved. Now try the connection."), "ok")
            return _back("try")
        except Refused as no:
            form[no.field or "issuer"].errors = [no.message]
    return _page(provider=form), 422


def attempt() -> Answer:
    """Off to the provider and back, opening nothing."""
    row, viewer = queries.own_connection(), g.viewer
    if row is None:
        abort(404)
    member = viewer.member_id if _is_client() and "hr" in viewer.roles and viewer.perimeter is None else None
    provider = Provider.of(row)
    db.session.commit()  # nothing is held while the provider is asked
    return redirect(trying.way_there(provider, viewer.account_id, f"{_here('index')}#try", member), 303)


def link_me() -> Answer:
    """The HR who tried says that whom the directory brought is them."""
    row, viewer = _own(), g.viewer
    seen = trying.last(row.id, viewer.account_id)
    if seen is None or viewer.member_id is None or "hr" not in viewer.roles or seen.issuer != row.issuer:
        abort(404)
    connecting.link_me(row, seen.issuer, seen.subject, viewer.member_id)
    flash(_("You can come in through the directory from now on."), "ok")
    return _back("try")


def change() -> Answer:
    """On, off, the only way in or not, gone: what the button says."""
    act = request.form.get("act", "")
    if act not in ACTS:
        abort(404)
    do, said = ACTS[act]
    do(_own())
    flash(str(said), "ok")
    return _back("" if act == "delete" else "on")


def roles() -> Answer:
    form = RolesForm()
    if form.validate():
        try:
            connecting.map_roles(_own(), form.claim.data or "", form.mapping())
            flash(_("Saved. It counts from each person's next sign-in."), "ok")
            return _back("roles")
        except Refused as no:
            form.claim.errors = [no.message]
    return _page(roles=form), 422


def unlink() -> Answer:
    form = PersonForm()
    if form.validate():
        try:
            name = connecting.unlink(_own(), form.email.data)
            flash(
                _("What the directory called %(name)s is forgotten: they are found by their address the next time.", name=name),
                "ok",
            )
            return _back("unlink")
        except Refused as no:
            form.email.errors = [no.message]
    return _page(person=form), 422


def add_domain() -> Answer:
    form = DomainForm()
    if form.validate():
        try:
            proving.claim(form.domain.data)
            return _back("domains")
        except Refused as no:
            form.domain.errors = [no.message]
    return _page(domain=form), 422


def check_domain(domain_id: UUID) -> Answer:
    found = queries.own_domain(domain_id)
    if found is None:
        abort(404)
    if proving.check(found):
        flash(_("%(domain)s is proved.", domain=found.domain), "ok")
    elif queries.is_taken(found.domain):
        flash(_("The record is there. Somebody else has proved this domain and holds it still: yours waits."), "error")
    else:
        flash(
            _("The record of %(domain)s is not there yet. It may take an hour to be seen everywhere.", domain=found.domain),
            "error",
        )
    return _back("domains")


def remove_domain(domain_id: UUID) -> Answer:
    found = queries.own_domain(domain_id)
    if found is None:
        abort(404)
    proving.remove(found)
    flash(_("%(domain)s is taken from the list.", domain=found.domain), "ok")
    return _back("domains")


def _addresses(row: SsoConnection) -> dict[str, str]:
    """What to paste at the provider."""
    at = {"connection_id": row.id}
    return {
        "callback": link(None, "sso.callback", **at), "signed_out": link(None, "identity.signed_out"),
        "logout": link(None, "sso.logout", **at), "start": link(None, "sso.start", **at),
    }  # fmt: skip


def _page(**forms: FlaskForm) -> str:
    row = queries.own_connection()
    if row is None:
        return render_template(
            "identity/sso/begin.html", is_client=_is_client(), form=forms.get("begin") or BeginForm(formdata=None), here=_here
        )
    mine, values = queries.own_domains(), [{"value": value, "role": role} for value, role in row.role_map.items()]
    return render_template(
        "identity/sso/settings.html", row=row, here=_here, is_client=_is_client(), addresses=_addresses(row), domains=mine,
        record_name=domains.record_name, proved=[one for one in mine if one.is_proved], linked=queries.linked(row),
        an_hr_came=_is_client() and queries.an_hr_came(row), trial=trying.last(row.id, g.viewer.account_id),
        form=next(iter(forms.values()), None), step=_step(row, len(mine)), guide=GUIDES[row.kind], kind_word=KINDS[row.kind],
        provider_form=forms.get("provider") or ProviderForm(formdata=None, obj=row),
        domain_form=forms.get("domain") or DomainForm(formdata=None),
        person_form=forms.get("person") or PersonForm(formdata=None),
        roles_form=forms.get("roles") or RolesForm(formdata=None, claim=row.role_claim, values=values),
    )  # fmt: skip


def _step(row: SsoConnection, claimed: int) -> int:
    """Which of the five steps is next."""
    if not row.issuer:
        return 0
    if row.state == "active":
        return 5
    return 4 if row.tested_at else 3 if claimed else 2


Pages = tuple[tuple[str, str, Callable[..., Answer], str], ...]
PAGES: Pages = (
    ("", "index", index, "GET"), ("/begin", "begin", begin, "POST"), ("/provider", "save", save, "POST"),
    ("/try", "attempt", attempt, "GET"), ("/me", "link_me", link_me, "POST"), ("/roles", "roles", roles, "POST"),
    ("/unlink", "unlink", unlink, "POST"),
    ("/state", "change", change, "POST"), ("/domains", "add_domain", add_domain, "POST"),
    ("/domains/<uuid:domain_id>/check", "check_domain", check_domain, "POST"),
    ("/domains/<uuid:domain_id>/remove", "remove_domain", remove_domain, "POST"),
)  # fmt: skip


def _open(bp: Blueprint, *audiences: str) -> None:
    """Give a blueprint the pages, each a view of its own that says whom it is for."""
    for rule, name, view, method in PAGES:

        def shown(_view: Callable[..., Answer] = view, workspace: str = "", **values: Any) -> Answer:
            return _view(**values)

        bp.add_url_rule(rule, name, open_to(*audiences, fresh=True)(functools.wraps(view)(shown)), methods=[method])


_open(clients, HR_OF_ALL, "owner", "advisor")
_open(firms, "owner")

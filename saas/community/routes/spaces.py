"""A client's community: its door, its home, opening it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.community.commands import spaces as spaces_commands
from saas.community.forms.spaces import SpaceForm
from saas.community.queries import notices as notices_queries
from saas.community.queries import rituals as rituals_queries
from saas.community.queries import spaces as spaces_queries
from saas.community.queries import threads as threads_queries
from saas.identity.queries import joined_people
from saas.kit.access import MEMBERS, STAFF, may, open_to
from saas.kit.ids import posted_ids
from saas.kit.options import options
from saas.kit.shell import CLIENT, MEMBER, nav_entry
from saas.kit.tables import paged
from tenants.scope import Kind

bp = Blueprint("spaces", __name__, template_folder="../templates", url_prefix="/w/<workspace>/community")
nav_entry(CLIENT, 50, _l("Community"), "spaces.home", "messages-square", *MEMBERS, *STAFF)
nav_entry(MEMBER, 10, _l("Community"), "spaces.home", "messages-square", *MEMBERS)


@bp.get("")
@open_to(*MEMBERS, *STAFF, within=Kind.COMMUNITY)
def home(workspace: str) -> str:
    """For who is in a zone: its life. For the others: that it exists, why, who pilots it, and how to join."""
    space, (zones, unread) = spaces_queries.space(), notices_queries.zones_and_unread()
    if not zones:
        return render_template("community/door.html", space=space, may_join=may(*MEMBERS))
    zone = next((z for z in zones if str(z.id) == request.args.get("zone")), zones[0])
    people = spaces_queries.people(zone.id)
    return render_template(
        "community/home.html", space=space, zone=zone, zones=zones, people=people, audience=spaces_queries.audience(people),
        page=paged(threads_queries.threads(zone.id, request.args.get("only", ""))), dates=rituals_queries.occurrences(zone.id, limit=3),
        only=request.args.get("only", ""), me=g.viewer.account_id, unread=unread,
    )  # fmt: skip


@bp.post("/join")
@open_to(*MEMBERS, within=Kind.COMMUNITY)
def join(workspace: str) -> Response:
    spaces_commands.join()
    flash(_("You are in. Say hello: a first question is the best hello."), "ok")
    return redirect(url_for("spaces.home", workspace=workspace), 303)


@bp.post("/leave")
@open_to(*MEMBERS, *STAFF, within=Kind.COMMUNITY)
def leave(workspace: str) -> Response:
    spaces_commands.leave()
    flash(_("You have left the community."), "ok")
    return redirect(url_for("spaces.home", workspace=workspace), 303)


@bp.get("/open")
@open_to("owner", "advisor")
def new(workspace: str) -> str:
    """Workspace scope: staff opens the community and names its pilot."""
    return render_template("community/open.html", form=_form(), space=spaces_queries.space(), joined=joined_people())


@bp.post("/open")
@open_to("owner", "advisor")
def create(workspace: str) -> Response | tuple[str, int]:
    form = _form()
    if not form.validate():
        page = render_template("community/open.html", form=form, space=spaces_queries.space(), joined=joined_people())
        return page, 422
    account, _sep, name = form.pilot.data.partition("|")
    side = "firm" if account == str(g.viewer.account_id) else "company"
    spaces_commands.open_space(form.purpose.data, _("Managers"), UUID(account), name, side)
    flash(_("The community is open. %(name)s pilots it.", name=name), "ok")
    return redirect(url_for("spaces.home", workspace=workspace), 303)


@bp.post("/pilot")
@open_to("owner", "advisor")
def name_pilot(workspace: str) -> Response:
    """Workspace scope: when nobody leads the community any more, name somebody who is in it."""
    chosen = posted_ids("account", 1)
    if not chosen:
        abort(400)
    name = spaces_commands.name_pilot(chosen[0], g.viewer.name)
    flash(_("%(name)s pilots the community.", name=name), "ok")
    return redirect(url_for("spaces.home", workspace=workspace), 303)


def _form() -> SpaceForm:
    form = SpaceForm()
    own = (f"{g.viewer.account_id}|{g.viewer.name}", _("%(name)s (you)", name=g.viewer.name))
    form.pilot.choices = options([own, *[(f"{account}|{name}", name) for account, name in joined_people()]])
    return form

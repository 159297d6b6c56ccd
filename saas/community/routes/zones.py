"""Zones: which there are, who is in them and leads them, and what one is told of. In community scope."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.community.commands import notices as notices_commands
from saas.community.commands import spaces as commands
from saas.community.forms.zones import ZoneForm
from saas.community.models import Zone
from saas.community.queries import notices as notices_queries
from saas.community.queries import spaces as queries
from saas.kit.access import MEMBERS, STAFF, open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.tables import paged
from tenants.scope import Kind

bp = Blueprint("zones", __name__, template_folder="../templates", url_prefix="/w/<workspace>/community")
WHO = (*MEMBERS, *STAFF)


@bp.get("/zones")
@open_to(*WHO, within=Kind.COMMUNITY)
def index(workspace: str) -> str:
    """The zones one is in, and those that are there to join."""
    mine = queries.zones()
    numbers = queries.numbers([zone.id for zone in mine])
    return render_template("community/zones.html", mine=mine, numbers=numbers, to_join=queries.zones_to_join())


@bp.post("/zones/<uuid:zone_id>/join")
@open_to(*MEMBERS, within=Kind.COMMUNITY)
def join(workspace: str, zone_id: UUID) -> Response:
    if zone_id not in {zone.id for zone in queries.zones_to_join()}:
        zone_id = queries.zone(zone_id).id  # in it already: doing it twice is no mistake
    else:
        commands.join_zone(zone_id)
    flash(_("You are in. What is said from now on is yours to read."), "ok")
    return redirect(url_for("spaces.home", workspace=workspace, zone=zone_id), 303)


@bp.post("/zones/<uuid:zone_id>/leave")
@open_to(*WHO, within=Kind.COMMUNITY)
def leave(workspace: str, zone_id: UUID) -> Response:
    zone = queries.zone(zone_id)
    commands.leave_zone(zone.id)
    flash(_("You have left “%(zone)s”: nothing of it is yours to read any more.", zone=zone.name), "ok")
    return redirect(url_for("spaces.home", workspace=workspace), 303)


@bp.route("/zones/<uuid:zone_id>/open", methods=["GET", "POST"])
@open_to(*WHO, within=Kind.COMMUNITY)
def create(workspace: str, zone_id: UUID) -> Response | str | tuple[str, int]:
    """Open a zone among peers, or a room with some people of this zone."""
    zone, form, code = queries.zone(zone_id), ZoneForm(), 200
    others = [
        m
        for m in queries.people(zone.id).values()
        if m.left_at is None and m.account_id != g.viewer.account_id and m.role != "hr"
    ]
    form.people.choices = options([(str(m.account_id), m.name) for m in others])
    if form.is_submitted():
        code = 422
        try:
            if form.validate():
                made = commands.open_zone(zone.id, form.kind.data, form.name.data, [UUID(i) for i in form.people.data])
                flash(_("“%(zone)s” is open.", zone=form.name.data), "ok")
                return redirect(url_for("spaces.home", workspace=workspace, zone=made), 303)
        except Refused as no:
            getattr(form, no.field or "kind").errors = [no.message]
    return render_template("community/new_zone.html", form=form, zone=zone), code


@bp.get("/zones/<uuid:zone_id>/members")
@open_to(*WHO, within=Kind.COMMUNITY)
def members(workspace: str, zone_id: UUID) -> str:
    """Who is in a zone, who leads it since when and by whose word."""
    zone, people = queries.zone(zone_id), queries.people(zone_id)
    return render_template(
        "community/members.html", zone=zone, people=people, here=[m for m in people.values() if m.left_at is None],
        mandates=queries.mandates(zone_id), audience=queries.audience(people), me=g.viewer.account_id, leads=_leads(zone),
    )  # fmt: skip


def _leads(zone: Zone) -> bool:
    return commands.is_pilot(zone.id)


@bp.post("/zones/<uuid:zone_id>/members/<uuid:account_id>/role")
@open_to(*WHO, within=Kind.COMMUNITY)
def appoint(workspace: str, zone_id: UUID, account_id: UUID) -> Response:
    zone = queries.zone(zone_id)
    commands.appoint(zone.id, account_id, request.form.get("role", ""), g.viewer.name)
    flash(_("Done. Everybody in the zone is told."), "ok")
    return redirect(url_for("zones.members", workspace=workspace, zone_id=zone_id), 303)


@bp.post("/zones/<uuid:zone_id>/members/<uuid:account_id>/remove")
@open_to(*WHO, within=Kind.COMMUNITY)
def remove(workspace: str, zone_id: UUID, account_id: UUID) -> Response:
    zone = queries.zone(zone_id)
    commands.remove(zone.id, account_id)
    flash(_("This person reads nothing of “%(zone)s” any more.", zone=zone.name), "ok")
    return redirect(url_for("zones.members", workspace=workspace, zone_id=zone_id), 303)


@bp.get("/notices")
@open_to(*WHO, within=Kind.COMMUNITY)
def notices(workspace: str) -> str:
    """What concerns the person looking, newest first: one line an object, however much happened there."""
    page = paged(notices_queries.mine())
    return render_template(
        "community/notices.html", page=page, titles=notices_queries.titles(page.items), unread=notices_queries.unread()
    )


@bp.post("/notices/read")
@open_to(*WHO, within=Kind.COMMUNITY)
def read(workspace: str) -> Response:
    notices_commands.read_all()
    return redirect(url_for("zones.notices", workspace=workspace), 303)

"""Rituals: plan dates, answer them, keep what was learnt."""

from __future__ import annotations

import datetime as dt
import io
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.community.commands import rituals as rituals_commands
from saas.community.commands import spaces as spaces_commands
from saas.community.forms.rituals import CallOffForm, MoveForm, RitualForm
from saas.community.models import Occurrence
from saas.community.queries import rituals as rituals_queries
from saas.community.queries import spaces as spaces_queries
from saas.kit import calendar
from saas.kit.access import MEMBERS, STAFF, open_to
from saas.kit.clock import PARIS
from saas.kit.errors import Refused
from tenants.scope import Kind

bp = Blueprint("rituals", __name__, template_folder="../templates", url_prefix="/w/<workspace>/community")
WHO = (*MEMBERS, *STAFF)


@bp.get("/zones/<uuid:zone_id>/rituals")
@open_to(*WHO, within=Kind.COMMUNITY)
def index(workspace: str, zone_id: UUID) -> str:
    return render_template(
        "community/rituals.html", zone=spaces_queries.zone(zone_id), dates=rituals_queries.occurrences(zone_id, cancelled=True),
        held=rituals_queries.occurrences(zone_id, past=True), me=g.viewer.account_id, pilot=spaces_commands.is_pilot(zone_id),
        people=spaces_queries.people(zone_id),
    )  # fmt: skip


@bp.route("/zones/<uuid:zone_id>/rituals/new", methods=["GET", "POST"])
@open_to(*WHO, within=Kind.COMMUNITY)
def create(workspace: str, zone_id: UUID) -> Response | str | tuple[str, int]:
    zone, form, code = spaces_queries.zone(zone_id), RitualForm(), 200
    if form.is_submitted():
        code = 422
        try:
            if form.validate():
                rituals_commands.plan_ritual(
                    zone.id,
                    form.kind.data,
                    form.title.data,
                    form.purpose.data or "",
                    dates(form),
                    form.place.data or "",
                    form.seats.data,
                )
                flash(_("The dates are set. Everybody in the zone sees them."), "ok")
                return redirect(url_for("rituals.index", workspace=workspace, zone_id=zone_id), 303)
        except Refused as no:
            getattr(form, no.field or "title").errors = [no.message]
    return render_template("community/new_ritual.html", form=form, zone=zone), code


def dates(form: RitualForm) -> list[tuple[dt.datetime, dt.datetime]]:
    """The same wall-clock time every so many weeks, through summer time and back."""
    starts = [
        dt.datetime.combine(form.first.data + dt.timedelta(weeks=form.every.data * n), form.time.data, PARIS)
        for n in range(form.times.data)
    ]
    return [(start, start + dt.timedelta(minutes=form.minutes.data)) for start in starts]


@bp.get("/dates/<uuid:occurrence_id>")
@open_to(*WHO, within=Kind.COMMUNITY)
def show(workspace: str, occurrence_id: UUID) -> str:
    found = rituals_queries.occurrence(occurrence_id)
    return render_template(
        "community/occurrence.html", occurrence=found, people=spaces_queries.people(found.zone_id), me=g.viewer.account_id,
        coming=rituals_commands.coming(found), pilot=spaces_commands.is_pilot(found.zone_id),
    )  # fmt: skip


@bp.route("/dates/<uuid:occurrence_id>/move", methods=["GET", "POST"])
@open_to(*WHO, within=Kind.COMMUNITY)
def move(workspace: str, occurrence_id: UUID) -> Response | str | tuple[str, int]:
    found, form, code = of_pilot(occurrence_id), MoveForm(), 200
    if form.is_submitted():
        code = 422
        try:
            if form.validate():
                count = rituals_commands.move(
                    found, form.day.data, form.time.data, form.reason.data, form.all_to_come.data
                )  # fmt: skip
                return changed(workspace, found.id, ngettext("%(num)s date is moved.", "%(num)s dates are moved.", count))
        except Refused as no:
            getattr(form, no.field or "reason").errors = [no.message]
    else:
        start = found.starts_at.astimezone(PARIS)
        form.day.data, form.time.data = start.date(), start.time()
    return render_template("community/change_date.html", form=form, occurrence=found, moving=True), code


@bp.route("/dates/<uuid:occurrence_id>/call-off", methods=["GET", "POST"])
@open_to(*WHO, within=Kind.COMMUNITY)
def call_off(workspace: str, occurrence_id: UUID) -> Response | str | tuple[str, int]:
    found, form, code = of_pilot(occurrence_id), CallOffForm(), 200
    if form.is_submitted():
        code = 422
        try:
            if form.validate():
                count = rituals_commands.call_off(found, form.reason.data, form.all_to_come.data)
                said = ngettext("%(num)s date is called off.", "%(num)s dates are called off.", count)
                return changed(workspace, found.id, said)
        except Refused as no:
            getattr(form, no.field or "reason").errors = [no.message]
    return render_template("community/change_date.html", form=form, occurrence=found, moving=False), code


def of_pilot(occurrence_id: UUID) -> Occurrence:
    """A date whose zone one pilots: for anybody else there is no such page."""
    found = rituals_queries.occurrence(occurrence_id)
    if not spaces_commands.is_pilot(found.zone_id):
        abort(404)
    return found


def changed(workspace: str, occurrence_id: UUID, said: str) -> Response:
    told = _("Everybody concerned is told.")
    flash(f"{said} {told}", "ok")
    return redirect(url_for("rituals.show", workspace=workspace, occurrence_id=occurrence_id), 303)


@bp.post("/dates/<uuid:occurrence_id>/answer")
@open_to(*WHO, within=Kind.COMMUNITY)
def answer(workspace: str, occurrence_id: UUID) -> Response:
    found, said = rituals_queries.occurrence(occurrence_id), request.form.get("answer", "")
    if said not in ("yes", "maybe", "no"):
        raise Refused(_("Answer yes, maybe or no."))
    seated = rituals_commands.answer_date(found, said)
    waits = said == "yes" and not seated
    flash(_("All seats are taken: you wait for the next one, and are told when it is yours.") if waits else _("Noted."), "ok")
    if request.form.get("back") == "home":
        return redirect(url_for("spaces.home", workspace=workspace), 303)
    return redirect(url_for("rituals.show", workspace=workspace, occurrence_id=occurrence_id), 303)


@bp.post("/dates/<uuid:occurrence_id>/takeaways")
@open_to(*WHO, within=Kind.COMMUNITY)
def takeaways(workspace: str, occurrence_id: UUID) -> Response:
    rituals_commands.keep_takeaways(rituals_queries.occurrence(occurrence_id), request.form.get("takeaways", ""))
    flash(_("Kept for everybody in the zone."), "ok")
    return redirect(url_for("rituals.show", workspace=workspace, occurrence_id=occurrence_id), 303)


@bp.get("/dates/<uuid:occurrence_id>/calendar.ics")
@open_to(*WHO, within=Kind.COMMUNITY)
def calendar_file(workspace: str, occurrence_id: UUID) -> Response:
    found = rituals_queries.occurrence(occurrence_id)
    entry = calendar.Entry(
        f"{found.id}@cordee", found.sequence, found.ritual.title, found.starts_at, found.ends_at, found.place,
        is_cancelled=found.cancelled_at is not None,
    )  # fmt: skip
    return send_file(
        io.BytesIO(calendar.ics([entry], "PUBLISH")), "text/calendar", as_attachment=True, download_name="rituel.ics"
    )

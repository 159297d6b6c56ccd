"""The firm's venues and their rooms. For owner and advisors."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.catalogue.commands import venues as commands
from saas.catalogue.forms.venues import RoomForm, VenueForm
from saas.catalogue.models import Venue
from saas.catalogue.queries import venues as queries
from saas.catalogue.routes.plans import refuse
from saas.kit.access import open_to
from saas.kit.errors import Refused

bp = Blueprint("venues", __name__, template_folder="../templates", url_prefix="/venues")
WHO = ("owner", "advisor")
ROOM = "room-"


@bp.get("")
@open_to(*WHO)
def index() -> str:
    ended = "ended" in request.args
    return render_template("catalogue/venues.html", venues=queries.venues(ended), ended=ended)


@bp.route("/new", methods=["GET", "POST"])
@open_to(*WHO)
def create() -> Response | str | tuple[str, int]:
    form = VenueForm()
    if form.validate_on_submit():
        try:
            venue = commands.add_venue(_about(form))
            flash(_("Added. Say which rooms it has."), "ok")
            return redirect(url_for("venues.show", venue_id=venue.id), 303)
        except Refused as no:
            refuse(form, no)
    return render_template("catalogue/new_venue.html", form=form), 422 if request.method == "POST" else 200


def _about(form: VenueForm) -> commands.About:
    name, address, access, note = (
        (field.data or "").strip() for field in (form.name, form.address, form.access, form.accessibility)
    )
    return commands.About(name, address, access, note)


@bp.get("/<uuid:venue_id>")
@open_to(*WHO)
def show(venue_id: UUID) -> str:
    venue = queries.venue(venue_id)
    return _page(venue, VenueForm(formdata=None, obj=venue), RoomForm(formdata=None, prefix=ROOM))


def _page(venue: Venue, form: VenueForm, room_form: RoomForm) -> str:
    return render_template(
        "catalogue/venue.html", venue=venue, form=form, room_form=room_form, coming=queries.sessions_to_come(venue.id)
    )


@bp.post("/<uuid:venue_id>")
@open_to(*WHO)
def change(venue_id: UUID) -> Response | tuple[str, int]:
    venue, form = queries.venue(venue_id), VenueForm()
    if form.validate():
        try:
            commands.change_venue(venue, _about(form))
            flash(_("Saved. Sessions that are planned keep the words they were given."), "ok")
            return redirect(url_for("venues.show", venue_id=venue_id), 303)
        except Refused as no:
            refuse(form, no)
    return _page(queries.venue(venue_id), form, RoomForm(formdata=None, prefix=ROOM)), 422


@bp.post("/<uuid:venue_id>/rooms")
@open_to(*WHO)
def add_room(venue_id: UUID) -> Response | tuple[str, int]:
    venue, form = queries.venue(venue_id), RoomForm(prefix=ROOM)
    if not form.validate():
        return _page(venue, VenueForm(formdata=None, obj=venue), form), 422
    commands.add_room(venue, form.name.data.strip(), form.seats.data)
    flash(_("The room is in the list."), "ok")
    return redirect(url_for("venues.show", venue_id=venue_id), 303)


@bp.post("/<uuid:venue_id>/proposed")
@open_to(*WHO)
def propose(venue_id: UUID) -> Response:
    """Propose a venue when sessions are planned, or no longer."""
    commands.propose_venue(queries.venue(venue_id), wanted=request.form.get("wanted") == "1")
    flash(_("Saved."), "ok")
    return redirect(url_for("venues.show", venue_id=venue_id), 303)


@bp.post("/rooms/<uuid:room_id>/remove")
@open_to(*WHO)
def drop_room(room_id: UUID) -> Response:
    room = queries.room(room_id)
    commands.drop_room(room)
    flash(_("The room is no longer proposed. Sessions that are planned there stay."), "ok")
    return redirect(url_for("venues.show", venue_id=room.venue_id), 303)

"""How many seats of a session one client may hold at most. For the firm, from the client's page of the session."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.queries.sessions import link_of
from saas.enrolments.commands import ceilings as commands
from saas.enrolments.forms import CeilingForm
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.workspaces.queries.clients import client as the_client

bp = Blueprint("ceilings", __name__, template_folder="../templates")


@bp.post("/clients/<uuid:client_id>/sessions/<uuid:link_id>/ceiling")
@open_to("owner", "advisor")
def save(client_id: UUID, link_id: UUID) -> Response:
    client, form = the_client(client_id), CeilingForm()
    if not form.validate():
        raise Refused(_l("Enter a number of seats, or nothing."))
    commands.set_ceiling(link_of(client.id, link_id), form.ceiling.data)
    flash(_("Saved."), "ok")
    return redirect(url_for("links.show", workspace=client.slug, link_id=link_id), 303)

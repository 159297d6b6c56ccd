"""The firm's programmes, and to whom they are offered. For staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.commands import offers as commands
from saas.catalogue.forms.offers import OfferForm
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.queries import offers as queries
from saas.catalogue.queries import programmes
from saas.kit.access import STAFF, open_to
from saas.kit.options import options
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.queries.clients import workspace_names

bp = Blueprint("programmes", __name__, template_folder="../templates")
nav_entry(CONSOLE, 20, _l("Catalogue"), "programmes.index", "book-open", *STAFF)


@bp.get("/programmes")
@open_to(*STAFF)
def index() -> str:
    return render_template("catalogue/programmes.html", versions=programmes.programmes())


@bp.get("/programmes/<uuid:version_id>")
@open_to(*STAFF)
def show(version_id: UUID) -> str:
    version, form = programmes.version(version_id), OfferForm(formdata=None)
    form.price.data = version.price_seat_cents
    return _page(version, form)


@bp.post("/programmes/<uuid:version_id>/offers")
@open_to("owner", "advisor")
def offer(version_id: UUID) -> Response | tuple[str, int]:
    """Offer the programme to a client."""
    version, form = programmes.version(version_id), OfferForm()
    form.workspace.choices = options(_choices())
    if not form.validate():
        return _page(version, form), 422
    commands.offer(version, UUID(form.workspace.data), form.price.data, form.basis.data)
    flash(_("Offered: the client sees it in its catalogue now."), "ok")
    return redirect(url_for("programmes.show", version_id=version_id), 303)


def _choices() -> list[tuple[str, str]]:
    return [(str(i), w.name) for i, w in workspace_names().items() if w.state == "active"]


def _page(version: ProgrammeVersion, form: OfferForm) -> str:
    form.workspace.choices = options(_choices())
    offers = queries.offers_of(version.id)
    return render_template("catalogue/programme.html", version=version, form=form, offers=offers, names=workspace_names())

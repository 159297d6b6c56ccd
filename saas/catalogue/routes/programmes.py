"""The firm's programmes: list, page, who may see each, retiring and copying. For staff. Editing is in versions.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue import completeness
from saas.catalogue.commands import programmes as commands
from saas.catalogue.forms.programmes import VisibilityForm
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.queries import offers
from saas.catalogue.queries import programmes as queries
from saas.catalogue.queries.programmes import Wanted
from saas.kit.access import STAFF, may, open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.shell import CONSOLE, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db
from tenants.models import Workspace

bp = Blueprint("programmes", __name__, template_folder="../templates", url_prefix="/programmes")
nav_entry(
    CONSOLE, 20, _l("Catalogue"), "programmes.index", "book-open", *STAFF, also=("versions", "offering", "programme_intake")
)
WHO = ("owner", "advisor")


@bp.get("")
@open_to(*STAFF)
def index() -> str:
    """The list. With `client`, each programme leads to an offer to that client."""
    wanted = Wanted(*(request.args.get(name, "").strip()[:80] for name in ("q", "state", "visibility", "modality")))
    facts, page = queries.firm_facts(), paged(queries.listed(wanted))
    shares = {v.id: completeness.share(v, facts.has_contact) for v in page.items}
    return render_template(
        "catalogue/programmes.html", page=page, wanted=wanted, counts=queries.counts(wanted), shares=shares, facts=facts,
        client=_client(),
    )  # fmt: skip


def _client() -> Workspace | None:
    """The client for whom somebody looks for a programme."""
    asked = request.args.get("client", "")
    return {str(i): w for i, w in workspace_names().items() if w.state == "active"}.get(asked) if asked and may(*WHO) else None


@bp.get("/<uuid:version_id>")
@open_to(*STAFF)
def show(version_id: UUID) -> str:
    """A programme at one of its versions."""
    return _page(queries.version_with_programme(version_id))


def _page(version: ProgrammeVersion, form: VisibilityForm | None = None) -> str:
    names, facts = workspace_names(), queries.firm_facts()
    programme, desk = version.programme, may("owner", "advisor", "accountant")
    if form is None:
        form = VisibilityForm(formdata=None, visibility=programme.visibility, tailored_for=str(programme.tailored_for or ""))
    form.tailored_for.choices = _choices(names)
    versions = queries.versions_of(programme.id)
    return render_template(
        "catalogue/programme.html", version=version, programme=programme, names=names, form=form, versions=versions, facts=facts,
        gaps=completeness.missing(version, facts.has_contact), untranslated=completeness.untranslated(version),
        vague=completeness.unassessable(version), offers=offers.offers_of(programme.id) if desk else [],
        sessions=queries.sessions_to_come(programme.id) if desk else [], desk=desk,
        newest=versions[0], current=next((v for v in versions if v.is_current), None),
    )  # fmt: skip


def _choices(names: dict[UUID, Workspace]) -> Any:
    return options([("", "–"), *((str(i), w.name) for i, w in names.items() if w.state == "active")])


@bp.post("/<uuid:version_id>/visibility")
@open_to(*WHO)
def show_to(version_id: UUID) -> Response | tuple[str, int]:
    """Say who may see a programme."""
    version, form = queries.version_with_programme(version_id), VisibilityForm()
    form.tailored_for.choices = _choices(workspace_names())
    if form.validate():
        try:
            commands.show_to(version, form.visibility.data, form.client())
            flash(_("Saved."), "ok")
            return redirect(url_for("programmes.show", version_id=version_id), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field].errors = [no.message]
    return _page(queries.version_with_programme(version_id), form), 422


@bp.post("/<uuid:version_id>/retire")
@open_to(*WHO)
def retire(version_id: UUID) -> Response:
    commands.retire(queries.version(version_id))
    flash(_("Retired: nobody new is offered it. Sessions and offers that are there stay."), "ok")
    return redirect(url_for("programmes.show", version_id=version_id), 303)


@bp.post("/<uuid:version_id>/bring-back")
@open_to(*WHO)
def bring_back(version_id: UUID) -> Response:
    commands.bring_back(queries.version(version_id))
    flash(_("It is on sale again."), "ok")
    return redirect(url_for("programmes.show", version_id=version_id), 303)


@bp.post("/<uuid:version_id>/copy")
@open_to(*WHO)
def duplicate(version_id: UUID) -> Response:
    copy = commands.duplicate(queries.version_with_programme(version_id))
    flash(_("This is the copy, a draft: give it a reference and a title of its own."), "ok")
    return redirect(url_for("versions.edit", version_id=copy.id), 303)


@bp.post("/<uuid:version_id>/discard")
@open_to(*WHO)
def discard(version_id: UUID) -> Response:
    """Throw a draft away."""
    before = commands.discard(queries.version(version_id))
    flash(_("The draft is gone."), "ok")
    return redirect(url_for("programmes.show", version_id=before) if before else url_for("programmes.index"), 303)


@bp.post("/<uuid:version_id>/sessions/<uuid:session_id>/public")
@open_to(*WHO)
def show_session(version_id: UUID, session_id: UUID) -> Response:
    """Show a date of the programme in the public catalogue, or hide it."""
    session = queries.session_of(queries.version(version_id), session_id)
    commands.show_session(session, is_public=request.form.get("public") == "1")
    flash(_("Saved."), "ok")
    return redirect(url_for("programmes.show", version_id=version_id, _anchor="dates"), 303)


@bp.post("/public")
@open_to("owner")
def show_catalogue() -> Response:
    """Turn the firm's public catalogue on or off."""
    is_public = request.form.get("public") == "1"
    commands.show_catalogue(is_public=is_public)
    flash(_("The public catalogue is open.") if is_public else _("The public catalogue is closed."), "ok")
    return redirect(url_for("programmes.index"), 303)

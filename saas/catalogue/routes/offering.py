"""Offers, as the firm makes, changes, renews and ends them. For staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.catalogue.commands import offers as commands
from saas.catalogue.differences import differences
from saas.catalogue.forms.offers import OfferForm, OffersForm
from saas.catalogue.models import Offer, ProgrammeVersion
from saas.catalogue.queries import offers as queries
from saas.catalogue.queries import programmes
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db

bp = Blueprint("offering", __name__, template_folder="../templates")
WHO = ("owner", "advisor")


@bp.route("/programmes/<uuid:version_id>/offers", methods=["GET", "POST"])
@open_to(*WHO)
def offer(version_id: UUID) -> Response | str | tuple[str, int]:
    """Offer a programme to clients, one or several at once. With `client`, that one is ticked."""
    version = programmes.version_with_programme(version_id)
    if request.method == "GET":
        return _new(version, OffersForm(formdata=None, price=version.price_seat_cents, clients=[request.args.get("client", "")]))
    form = OffersForm()
    form.clients.choices = _choices(version)
    if form.validate():
        try:
            made = commands.offer_to(version, [UUID(i) for i in form.clients.data], form.terms())
            flash(
                ngettext("Offered: the client has it in its catalogue.", "Offered: %(num)s clients have it in their catalogue.", len(made)),
                "ok",
            )  # fmt: skip
            return redirect(url_for("programmes.show", version_id=version_id, _anchor="offers"), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "clients"].errors = [no.message]
    return _new(programmes.version_with_programme(version_id), form), 422


def _choices(version: ProgrammeVersion) -> list[object]:
    """The clients it may be offered to: all that are active, or the one it is made for."""
    only, have = version.programme.tailored_for, {row.workspace_id for row in queries.offers_of(version.programme_id)}
    names = {i: w.name for i, w in workspace_names().items() if w.state == "active" and only in (None, i)}
    return options((str(i), _("%(client)s (has it already)", client=name) if i in have else name) for i, name in names.items())


def _new(version: ProgrammeVersion, form: OffersForm) -> str:
    form.clients.choices = _choices(version)
    return render_template("catalogue/offer_new.html", version=version, form=form)


@bp.route("/offers/<uuid:offer_id>", methods=["GET", "POST"])
@open_to(*WHO)
def change(offer_id: UUID) -> Response | str | tuple[str, int]:
    """One client's offer: its terms, and what differs in the version now in force."""
    row = queries.offer_of(offer_id)
    if request.method == "GET":
        values = {name: getattr(row, name) for name in ("basis", "starts_on", "until_on")}
        titles = {f"title_{code}": row.title.get(code, "") for code in ("fr", "en")}
        return _page(row, OfferForm(formdata=None, price=row.price_cents, **values, **titles))
    form = OfferForm()
    if form.validate():
        try:
            commands.change(row, form.terms())
            flash(_("Saved. Enrolments already made keep their price."), "ok")
            return redirect(url_for("offering.change", offer_id=offer_id), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field or "price"].errors = [no.message]
    return _page(queries.offer_of(offer_id), form), 422


def _page(row: Offer, form: OfferForm) -> str:
    newer = queries.current_of(row.programme_id)
    newer = newer if newer is not None and newer.id != row.version_id else None
    return render_template(
        "catalogue/offer_edit.html", offer=row, form=form, client=workspace_names()[row.workspace_id], newer=newer,
        changes=differences(row.version, newer) if newer else [],
    )  # fmt: skip


@bp.post("/offers/<uuid:offer_id>/renew")
@open_to(*WHO)
def renew(offer_id: UUID) -> Response:
    """Move an offer to the version in force."""
    version = commands.renew(queries.offer_of(offer_id))
    flash(_("The client now has version %(n)s in its catalogue.", n=version.number), "ok")
    return redirect(url_for("offering.change", offer_id=offer_id), 303)


@bp.post("/offers/<uuid:offer_id>/end")
@open_to(*WHO)
def end(offer_id: UUID) -> Response:
    row = queries.offer_of(offer_id)
    commands.end(row)
    flash(_("Ended: it is no longer in the client’s catalogue."), "ok")
    return redirect(url_for("programmes.show", version_id=row.version_id, _anchor="offers"), 303)

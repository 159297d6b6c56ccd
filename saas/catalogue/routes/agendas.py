"""A trainer's own agenda: half-days, what clashes, days away. For the trainer, and for who plans."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.catalogue.commands import absences as commands
from saas.catalogue.forms.venues import AbsenceForm
from saas.catalogue.queries import agendas as queries
from saas.identity.models import StaffCard
from saas.kit.access import may, open_to
from saas.kit.errors import Refused
from saas.kit.shell import CONSOLE, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries import trainers

bp = Blueprint("agendas", __name__, template_folder="../templates")
WHO = ("owner", "advisor", "trainer")
nav_entry(CONSOLE, 35, _l("My agenda"), "agendas.index", "clock", "trainer")


def _card(staff_id: UUID) -> StaffCard:
    """A trainer's card; a trainer and no more finds their own alone."""
    if not may("owner", "advisor") and staff_id != g.viewer.staff_id:
        abort(404)
    return trainers.card(staff_id)


@bp.get("/agenda")
@open_to(*WHO)
def index() -> str:
    """One's own, whether one trains or only decides."""
    return _page(trainers.own_card(g.viewer.staff_id), AbsenceForm(formdata=None))


@bp.get("/trainers/<uuid:staff_id>/agenda")
@open_to(*WHO)
def show(staff_id: UUID) -> str:
    return _page(_card(staff_id), AbsenceForm(formdata=None))


@bp.post("/trainers/<uuid:staff_id>/absences")
@open_to(*WHO)
def add(staff_id: UUID) -> Response | tuple[str, int]:
    card, form = _card(staff_id), AbsenceForm()
    if form.validate():
        try:
            commands.add_absence(card.id, form.first_on.data, form.last_on.data, form.note.data or "")
            flash(_("Noted. Whoever plans these days is warned."), "ok")
            return redirect(url_for("agendas.show", staff_id=staff_id), 303)
        except Refused as no:
            form[no.field].errors = [no.message]
    return _page(card, form), 422


@bp.post("/trainers/<uuid:staff_id>/absences/<uuid:absence_id>/remove")
@open_to(*WHO)
def drop(staff_id: UUID, absence_id: UUID) -> Response:
    commands.drop_absence(queries.absence(absence_id, _card(staff_id).id))
    flash(_("Removed."), "ok")
    return redirect(url_for("agendas.show", staff_id=staff_id), 303)


def _page(card: StaffCard, form: AbsenceForm) -> str:
    past = request.args.get("when") == "past"
    page = paged(queries.agenda(card.id, past))
    return render_template(
        "catalogue/agenda.html", card=card, form=form, past=past, page=page, absences=queries.absences(card.id),
        clashing=queries.double_booked(card.id, [slot.id for slot in page.items]), is_own=card.id == g.viewer.staff_id,
    )  # fmt: skip

"""An absence announced beforehand: by the person, or by HR for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from saas.catalogue.models import Slot
from saas.enrolments.absences import commands
from saas.enrolments.commands import terms as seats
from saas.enrolments.letters.facts import day_line
from saas.enrolments.models import Enrolment
from saas.enrolments.queries.seats import enrolment
from saas.kit.access import MEMBERS, may, open_to
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.options import CheckListField, options
from tenants.db import db

bp = Blueprint("absences", __name__, template_folder="../templates", url_prefix="/w/<workspace>/seats/<uuid:enrolment_id>")
WHO = (*MEMBERS, "owner", "advisor")


class AbsenceForm(FlaskForm):
    """Which half-days, how, and why if one likes."""

    slots = CheckListField(_l("Half-days"), description=_l("Untick a half-day to take back what you announced."))
    kind = RadioField(_l("What will happen"), choices=options([("absent", _l("Absent")), ("late", _l("Late"))]))
    reason = TextAreaField(
        _l("Reason"), [Optional(), Length(max=commands.MOST_WORDS)],
        description=_l("HR and the trainer read it. You need not say anything about your health."),
    )  # fmt: skip


@bp.route("/absences", methods=["GET", "POST"])
@open_to(*WHO)
def edit(workspace: str, enrolment_id: UUID) -> Response | str | tuple[str, int]:
    row = enrolment(enrolment_id, None if may("hr", "owner", "advisor") else g.viewer.member_id)
    coming = [slot for slot in row.link.session.slots if slot.starts_at > now()]
    if request.method == "GET":
        return _page(row, _form(row, coming))
    form = AbsenceForm()
    form.slots.choices = _choices(coming)
    if form.slots.data and not form.kind.data:
        form.kind.errors = [_("Say whether you will be absent or late.")]
        return _page(row, form), 422
    form.kind.data = form.kind.data or "absent"
    if not form.validate():
        return _page(row, form), 422
    try:
        number = commands.announce(
            row, [dt.datetime.fromisoformat(said) for said in form.slots.data or []], form.kind.data, form.reason.data or ""
        )
    except Refused as no:
        if no.field is None:
            raise
        db.session.rollback()
        form[no.field].errors = [no.message]
        return _page(row, form), 422
    flash(_("Noted: HR and the trainer are told.") if number else _("Noted: you come to everything."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)


def _choices(coming: Sequence[Slot]) -> list[SelectChoice]:
    """Half-days by their start: a slot's id is the firm's, and in no address or form of a client."""
    return options((slot.starts_at.astimezone(dt.UTC).isoformat(), day_line(slot.starts_at, slot.ends_at)) for slot in coming)


def _form(row: Enrolment, coming: Sequence[Slot]) -> AbsenceForm:
    """With what was announced before."""
    standing = [absence for absence in commands.of(row.id) if absence.taken_back_at is None and absence.starts_at > now()]
    form = AbsenceForm(
        formdata=None, slots=[absence.starts_at.astimezone(dt.UTC).isoformat() for absence in standing],
        kind=standing[0].kind if standing else None, reason=standing[0].reason if standing else "",
    )  # fmt: skip
    form.slots.choices = _choices(coming)
    return form


def _page(row: Enrolment, form: AbsenceForm) -> str:
    return render_template(
        "enrolments/absence.html", row=row, session=row.link.session, form=form, fee=seats.fee_cents(row),
        is_own=row.member_id == g.viewer.member_id,
    )  # fmt: skip

"""What staff type about venues, rooms, absences, copies of a session, and why one is cancelled."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from saas.kit.options import options


class VenueForm(FlaskForm):
    """A place that the firm teaches in."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    address = StringField(_l("Address"), [Optional(), Length(max=240)])
    access = StringField(_l("How to get there"), [Optional(), Length(max=400)])
    accessibility = TextAreaField(
        _l("Accessibility"), [Optional(), Length(max=400)],
        description=_l("Step-free access, lift, loop, parking: what somebody must know before they come."),
    )  # fmt: skip


class RoomForm(FlaskForm):
    """A room of a venue."""

    name = StringField(_l("Room"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    seats = IntegerField(_l("Seats"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)])


class AbsenceForm(FlaskForm):
    """Days on which a trainer is not available."""

    first_on = DateField(_l("First day"), [InputRequired(_l("Enter a day."))])
    last_on = DateField(_l("Last day"), [InputRequired(_l("Enter a day."))])
    note = StringField(_l("Note"), [Optional(), Length(max=120)])


class CopyForm(FlaskForm):
    """The same session again, once or several times."""

    first_day = DateField(_l("First day"), [InputRequired(_l("Enter a day."))])
    times = IntegerField(_l("How many sessions"), [InputRequired(_l("Enter a number.")), NumberRange(1, 24)], default=1)
    weeks = SelectField(_l("Weeks between them"), choices=options((str(n), str(n)) for n in range(1, 27)), default="4")
    with_links = BooleanField(_l("Open them to the same clients, at the same prices"))
    state = RadioField(_l("As"), choices=options([("draft", _l("drafts")), ("open", _l("open for enrolment"))]), default="draft")


class CancelForm(FlaskForm):
    """Why a session is cancelled."""

    reason = TextAreaField(_l("Why"), [InputRequired(_l("Say why: people concerned read it.")), Length(max=400)])

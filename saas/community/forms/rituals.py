"""What people plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from saas.kit.options import options

RITUALS = [
    ("codev", _l("Flash co-development")), ("market", _l("Practice market")), ("welcome", _l("Welcome round")),
    ("thanks", _l("Thanks round")), ("free", _l("Our own format")),
]  # fmt: skip


class RitualForm(FlaskForm):
    """A ritual and its first dates."""

    kind = SelectField(_l("Format"), choices=options(RITUALS))
    title = StringField(_l("Name"), [InputRequired(_l("Give the ritual a name.")), Length(max=120)])
    purpose = TextAreaField(_l("What for"), [Optional(), Length(max=600)])
    first = DateField(_l("First date"), [InputRequired(_l("Enter a day."))])
    time = TimeField(_l("At"), [InputRequired(_l("Enter a time."))])
    minutes = IntegerField(_l("Minutes"), [InputRequired(_l("Enter a number.")), NumberRange(15, 480)], default=60)
    every = IntegerField(_l("Every how many weeks"), [InputRequired(_l("Enter a number.")), NumberRange(1, 12)], default=2)
    times = IntegerField(_l("How many dates"), [InputRequired(_l("Enter a number.")), NumberRange(1, 12)], default=3)
    place = StringField(_l("Where"), [Optional(), Length(max=300)])
    seats = IntegerField(
        _l("Seats"), [Optional(), NumberRange(1, 500)],
        description=_l("Leave empty if everybody may come. Beyond, people wait and get a seat that is given back."),
    )  # fmt: skip


class MoveForm(FlaskForm):
    """Another time for a date, or for it and the later ones."""

    day = DateField(_l("New day"), [InputRequired(_l("Enter a day."))])
    time = TimeField(_l("At"), [InputRequired(_l("Enter a time."))])
    reason = TextAreaField(_l("Why"), [InputRequired(_l("Say why: everybody in the zone reads it.")), Length(max=600)])
    all_to_come = BooleanField(_l("The later dates of this ritual as well"))


class CallOffForm(FlaskForm):
    """A date, or it and the later ones, that will not be held."""

    reason = TextAreaField(
        _l("Why"), [InputRequired(_l("Say why: everybody in the zone reads it.")), Length(max=600)],
        description=_l("Propose another day if you can."),
    )  # fmt: skip
    all_to_come = BooleanField(_l("The later dates of this ritual as well"))

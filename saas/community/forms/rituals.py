"""What people plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
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

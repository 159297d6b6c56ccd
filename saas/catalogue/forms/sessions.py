"""What staff type about a session."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from saas.kit.i18n import LANGUAGES
from saas.kit.options import options


class SessionForm(FlaskForm):
    """A new session: programme, days, place, seats."""

    version = SelectField(_l("Programme"), validators=[InputRequired(_l("Choose a programme."))])
    kind = RadioField(
        _l("For"), choices=options([("inter", _l("several companies")), ("intra", _l("one company"))]), default="inter"
    )
    first_day = DateField(_l("First day"), [InputRequired(_l("Enter a day."))])
    second_day = DateField(_l("Second day"), [Optional()])
    morning_from = TimeField(_l("Morning from"), [InputRequired(_l("Enter a time."))])
    morning_to = TimeField(_l("to"), [InputRequired(_l("Enter a time."))])
    afternoon_from = TimeField(_l("Afternoon from"), [Optional()])
    afternoon_to = TimeField(_l("to"), [Optional()])
    venue = StringField(_l("Venue"), [Optional(), Length(max=160)])
    address = StringField(_l("Address"), [Optional(), Length(max=240)])
    access = StringField(_l("How to get there"), [Optional(), Length(max=400)])
    video_url = StringField(_l("Video link"), [Optional(), Length(max=400)])
    trainer = SelectField(_l("Trainer"), validators=[Optional()])
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()))
    capacity = IntegerField(_l("Seats"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=10)
    minimum = IntegerField(_l("Minimum"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=4)
    decision_on = DateField(_l("Decide on"), [Optional()], description=_l("The day it is confirmed or cancelled."))

    def validate_video_url(self, field: StringField) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_l("A video link starts with https://"))

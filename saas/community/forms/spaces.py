"""Opening a space."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length


class SpaceForm(FlaskForm):
    """Open a client's community."""

    purpose = TextAreaField(_l("What it is for"), [InputRequired(_l("Say what it is for, in a sentence.")), Length(max=600)])
    pilot = SelectField(_l("Pilot"), validators=[InputRequired(_l("Choose a pilot."))])

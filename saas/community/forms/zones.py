"""Opening a zone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from saas.kit.options import CheckListField, options

KINDS = [
    ("room", _l("A room: a few people, the same from beginning to end")),
    ("peer", _l("A zone among peers: managers join it, neither HR nor sponsor")),
]


class ZoneForm(FlaskForm):
    """A zone among peers, or a room."""

    kind = RadioField(_l("What kind"), choices=options(KINDS), default="room")
    name = StringField(_l("Name"), [InputRequired(_l("Give it a name.")), Length(max=80)])
    people = CheckListField(_l("Who is in the room"), description=_l("For a room only. Nobody is added afterwards."))

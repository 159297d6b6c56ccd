"""What people write."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from saas.kit.options import options

KINDS = [("question", _l("A question")), ("share", _l("Something to share")), ("announcement", _l("An announcement"))]


class ThreadForm(FlaskForm):
    """Something new to say."""

    kind = RadioField(_l("This is"), choices=options(KINDS), default="question")
    title = StringField(
        _l("In one line"), [InputRequired(_l("Give it a title: it is what the others see first.")), Length(max=200)]
    )
    body = TextAreaField(_l("The situation"), [InputRequired(_l("Write a few lines.")), Length(max=20_000)])


class ReplyForm(FlaskForm):
    """An answer."""

    body = TextAreaField(_l("Your answer"), [InputRequired(_l("Write a few lines.")), Length(max=20_000)])

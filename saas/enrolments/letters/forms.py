"""The shape of what the firm says of its mails."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from saas.enrolments.letters.words import PARTS
from saas.kit.options import Expected


class TextsForm(FlaskForm):
    """Subject, opening and closing in both languages: the fields subject_fr, opening_fr and so on."""

    def typed(self, language: str) -> dict[str, str]:
        return {part: self[f"{part}_{language}"].data or "" for part in PARTS}

    def fields_of(self, language: str) -> list[Any]:
        return [self[f"{part}_{language}"] for part in PARTS]


IN = {
    "fr": {"subject": _l("Subject, in French"), "opening": _l("Opening, in French"), "closing": _l("Closing, in French")},
    "en": {"subject": _l("Subject, in English"), "opening": _l("Opening, in English"), "closing": _l("Closing, in English")},
}
HINTS = {"opening": _l("Before dates, place and the other facts."), "closing": _l("After them. May stay empty.")}
for _language, _labels in IN.items():
    for _part, _label in _labels.items():
        _field = StringField if _part == "subject" else TextAreaField
        _check = Optional() if _part == "closing" else Expected()
        setattr(
            TextsForm, f"{_part}_{_language}",
            _field(_label, [_check], description=HINTS.get(_part, ""), render_kw={"lang": _language}),
        )  # fmt: skip


class ConvocationsForm(FlaskForm):
    """When the firm convokes, and what its convocations say."""

    convocation_days = IntegerField(
        _l("Days before the session"),
        [InputRequired(_l("Enter a number of days, from 1 to 60.")), NumberRange(1, 60, _l("Enter a number of days, from 1 to 60."))],
        description=_l("Convocations leave on that day, for confirmed sessions. Whoever is enrolled later gets theirs at once."),
    )  # fmt: skip
    contact = StringField(
        _l("Whom to ask"), [Optional(), Length(max=300)],
        description=_l("A name, a telephone, an address. The firm’s own telephone and address stand in when empty."),
    )  # fmt: skip
    access_contact = TextAreaField(
        _l("Contact for accessibility and disability"), [Optional(), Length(max=500)],
        description=_l("Who arranges what somebody needs to take part."),
    )  # fmt: skip
    to_bring_fr = TextAreaField(_l("What to bring, in French"), [Optional(), Length(max=1000)])
    to_bring_en = TextAreaField(
        _l("What to bring, in English"), [Optional(), Length(max=1000)],
        description=_l("For programmes that do not say it themselves. Nothing is said when both are empty."),
    )  # fmt: skip

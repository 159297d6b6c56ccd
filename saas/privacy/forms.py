"""The shape of what people type about their own data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from saas.kit.i18n import LANGUAGES
from saas.kit.options import Expected, options
from saas.privacy.models import MOST_TEXT


class OwnForm(FlaskForm):
    """What somebody may correct of themselves."""

    first_name = StringField(
        _l("First name"), [InputRequired(_l("Enter a first name.")), Length(max=80)], render_kw={"autocomplete": "given-name"}
    )
    last_name = StringField(
        _l("Last name"), [InputRequired(_l("Enter a last name.")), Length(max=80)], render_kw={"autocomplete": "family-name"}
    )
    job_title = StringField(_l("Job title"), [Optional(), Length(max=120)], render_kw={"autocomplete": "organization-title"})
    language = SelectField(
        _l("Language"), choices=options(LANGUAGES.items()), description=_l("Of mails, documents and calendar entries.")
    )

    def values(self) -> dict[str, str]:
        return {field.name: (field.data or "").strip() for field in self if field.name != "csrf_token"}


class CardForm(FlaskForm):
    """What somebody of the staff may correct of their own card."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter your name.")), Length(max=120)], render_kw={"autocomplete": "name"})
    phone = StringField(_l("Telephone"), [Optional(), Length(max=30)], render_kw={"type": "tel", "autocomplete": "tel"})
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()))

    def values(self) -> dict[str, str]:
        return {field.name: (field.data or "").strip() for field in self if field.name != "csrf_token"}


class CorrectionForm(FlaskForm):
    """What somebody asks HR to correct."""

    text = TextAreaField(
        _l("What is wrong, and what would be right?"),
        [InputRequired(_l("Say what is wrong, and what would be right.")), Length(max=MOST_TEXT, message=_l("At most 1,000 characters."))],
    )  # fmt: skip


class AnswerForm(FlaskForm):
    """HR's answer to a correction."""

    answer = TextAreaField(
        _l("A word for the person"), [Expected(), Length(max=MOST_TEXT, message=_l("At most 1,000 characters."))],
        description=_l("Needed when you refuse."),
    )  # fmt: skip


class AskForm(FlaskForm):
    """A person asks to be erased."""

    with_posts = BooleanField(
        _l("Remove what I wrote in the community too"),
        description=_l("Otherwise your words stay for those who learn from them, signed “Former member”."),
    )


class EraseForm(FlaskForm):
    """The name, typed by whoever erases: it is for good."""

    name = StringField(_l("Type the name to confirm"), [InputRequired(_l("Type the name."))], render_kw={"autocomplete": "off"})


class RefuseForm(FlaskForm):
    """Why an erasure is refused."""

    reason = TextAreaField(
        _l("Why do you refuse?"),
        [InputRequired(_l("Say why: the person reads it.")), Length(max=MOST_TEXT, message=_l("At most 1,000 characters."))],
        description=_l("The person reads it, and may complain to the CNIL."),
    )  # fmt: skip

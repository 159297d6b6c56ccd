"""The shape of what staff and HR type about people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from saas.kit.i18n import LANGUAGES
from saas.kit.names import is_email
from saas.kit.options import options


def address(_form: FlaskForm, field: EmailField) -> None:
    """A validator for e-mail addresses."""
    if not is_email(field.data or ""):
        raise ValidationError(_l("Enter an address such as name@company.com."))


class PersonForm(FlaskForm):
    """One person of a client company."""

    first_name = StringField(_l("First name"), [InputRequired(_l("Enter a first name.")), Length(max=80)])
    last_name = StringField(_l("Last name"), [InputRequired(_l("Enter a last name.")), Length(max=80)])
    email = EmailField(_l("Work e-mail address"), [InputRequired(_l("Enter an e-mail address.")), address])
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()))


class MemberForm(PersonForm):
    """One person added by hand."""

    department = StringField(_l("Department"), [Optional(), Length(max=120)])
    site = StringField(_l("Site"), [Optional(), Length(max=120)])
    job_title = StringField(_l("Job title"), [Optional(), Length(max=120)])


class ImportForm(FlaskForm):
    """A file of people as it comes out of an HR tool, or pasted lines."""

    file = FileField(_l("File"), description=_l("CSV or Excel, as your HR tool gives it. Nothing is written before you confirm."))
    pasted = TextAreaField(_l("Or paste names and addresses"), [Optional(), Length(max=200_000)])

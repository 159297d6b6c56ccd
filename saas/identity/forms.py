"""The shape of what people type to get in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from saas.kit.names import is_email

ADDRESS_NEEDED = _l("Enter your e-mail address.")


def _address(_form: FlaskForm, field: EmailField) -> None:
    if not is_email(field.data or ""):
        raise ValidationError(_l("Enter an address such as name@company.com."))


class LinkForm(FlaskForm):
    """Ask for a sign-in link."""

    email = EmailField(_l("Work e-mail address"), [InputRequired(ADDRESS_NEEDED), _address], render_kw={"autocomplete": "email"})
    next = HiddenField()


class PasswordForm(LinkForm):
    """Sign in with a password."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )


class NewPasswordForm(FlaskForm):
    """Choose a password."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a password.")), Length(12, 256, _l("Choose at least 12 characters."))],
        description=_l("At least 12 characters. A sentence works well."),
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(FlaskForm):
    """Six digits from a mail or an authenticator."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(_l("Enter the code.")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "characters"},
    )
    next = HiddenField()


class FactorForm(FlaskForm):
    """A code of the authenticator, or a recovery code."""

    code = StringField(
        _l("Code of your authenticator"),
        [InputRequired(_l("Enter the code.")), Length(max=40)],
        description=_l("Or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )
    next = HiddenField()


class CheckPasswordForm(FlaskForm):
    """One's own password, to prove again that it is oneself."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()

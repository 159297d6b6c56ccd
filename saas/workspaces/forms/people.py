"""The shape of what staff and HR type about people."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from saas.identity.models import MEMBER_ROLES
from saas.kit.i18n import LANGUAGES
from saas.kit.names import is_email
from saas.kit.options import Expected, options

_ROLES = {"hr": _l("HR"), "sponsor": _l("Sponsor"), "participant": _l("Manager")}
TICKS: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}


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
    """One person, added or changed by hand. The address may be empty: they cannot sign in then."""

    email = EmailField(_l("Work e-mail address"), [Optional(), address])
    employee_number = StringField(_l("Employee number"), [Optional(), Length(max=40)])
    department = StringField(_l("Department"), [Optional(), Length(max=120)], render_kw={"list": "departments"})
    site = StringField(_l("Site"), [Optional(), Length(max=120)], render_kw={"list": "sites"})
    job_title = StringField(_l("Job title"), [Optional(), Length(max=120)])
    line_manager = StringField(
        _l("Line manager"), [Optional(), Length(max=160)], description=_l("Name, address or employee number of somebody here.")
    )
    entered_on = DateField(_l("Entry date"), [Optional()])

    def values(self) -> dict[str, Any]:
        """What was typed, without outer blanks."""
        said = {field.name: field.data for field in self if field.name != "csrf_token"}
        return {name: (value or "").strip() if name != "entered_on" else value for name, value in said.items()}


def field_name(name: str) -> str:
    """What a field of a person is called, for the history."""
    return str(getattr(MemberForm, name).kwargs.get("label") or getattr(MemberForm, name).args[0])


class RolesForm(FlaskForm):
    """What somebody is here, and what an HR is limited to. The view gives the choices of sites and departments."""

    roles = SelectMultipleField(_l("Roles"), choices=options((role, _ROLES[role]) for role in MEMBER_ROLES), **TICKS)
    sites = SelectMultipleField(_l("Sites they answer for"), description=_l("None ticked: all sites."), **TICKS)
    departments = SelectMultipleField(_l("Departments they answer for"), description=_l("None ticked: all departments."), **TICKS)


class LeaveForm(FlaskForm):
    """The day somebody left."""

    left_on = DateField(_l("Last day"), [InputRequired(_l("Enter the last day."))])


class ChangeForm(FlaskForm):
    """What many people are to have; empty is left as it is."""

    department = StringField(_l("Department"), [Optional(), Length(max=120)], render_kw={"list": "departments"})
    site = StringField(_l("Site"), [Optional(), Length(max=120)], render_kw={"list": "sites"})
    language = SelectField(_l("Language"), choices=options([("", _l("Leave as it is")), *LANGUAGES.items()]))


class InviteForm(FlaskForm):
    """Whether those who were invited within a day get the mail once more."""

    again = BooleanField(_l("Send it again to those who got one in the last 24 hours"))


class ImportForm(FlaskForm):
    """A file of people as it comes out of an HR tool, or pasted lines."""

    file = FileField(
        _l("File"), [Expected()], description=_l("CSV or Excel, as your HR tool gives it. Click, or drop the file here.")
    )
    pasted = TextAreaField(
        _l("Or paste names and addresses"),
        [Expected(), Length(max=200_000)],
        description=_l("One person a line, or the “To” line of a mail: Jane Roe <jane.roe@company.com>."),
    )

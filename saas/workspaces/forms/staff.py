"""The shape of what the owner types about the staff, and of what is kept about trainers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from saas.kit.i18n import LANGUAGES
from saas.kit.options import CheckListField, Expected, options
from saas.workspaces.forms.people import address

ROLES = [
    ("owner", _l("Owner: everything, with settings and staff")),
    ("advisor", _l("Advisor: clients, programmes, sessions, enrolments")),
    ("trainer", _l("Trainer: own sessions, and their attendance")),
    ("accountant", _l("Accountant: invoices, payments, credit notes")),
]
KINDS = [
    ("cv", _l("CV")), ("diploma", _l("Diploma or certification")), ("contract", _l("Contract")),
    ("insurance", _l("Liability insurance")), ("vigilance", _l("Social security clearance (attestation de vigilance)")),
    ("other", _l("Other")),
]  # fmt: skip


class _Person(FlaskForm):
    name = StringField(_l("First name and last name"), [InputRequired(_l("Enter a name.")), Length(max=120)])
    roles = CheckListField(_l("Roles"), [DataRequired(_l("Choose at least one role."))], choices=options(ROLES))
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()))


class InvitationForm(_Person):
    """Somebody new."""

    email = EmailField(_l("Work e-mail address"), [InputRequired(_l("Enter an e-mail address.")), address])


class CardForm(FlaskForm):
    """What clients see of a person."""

    phone = StringField(
        _l("Telephone"), [Optional(), Length(max=30)], description=_l("Clients see it."), render_kw={"type": "tel"}
    )
    bio_fr = TextAreaField(_l("In a few words, in French"), [Optional(), Length(max=2000)])
    bio_en = TextAreaField(_l("In a few words, in English"), [Optional(), Length(max=2000)])


class PersonForm(_Person, CardForm):
    """Somebody of the staff: roles and card."""


class LimitForm(FlaskForm):
    """The clients that an advisor acts for."""

    limited = RadioField(
        _l("This person acts for"), choices=options([("no", _l("all clients")), ("yes", _l("the clients ticked here alone"))])
    )
    clients = CheckListField(_l("Clients"), [Optional()])


class SkillsForm(CardForm):
    """A trainer's own card."""

    skills = TextAreaField(
        _l("Skills"), [Optional(), Length(max=2000)], description=_l("One a line, such as “Co-development” or “Crisis talks”.")
    )


class DocumentForm(FlaskForm):
    """A paper of a trainer's."""

    kind = SelectField(_l("What it is"), choices=options(KINDS))
    label = StringField(_l("Name of the document"), [InputRequired(_l("Name the document.")), Length(max=120)])
    expires_on = DateField(_l("Valid until"), [Optional()], description=_l("Thirty days before, the firm's home page says so."))
    file = FileField(_l("File"), [Expected()], description=_l("PDF, PNG or JPEG, up to 10 MB."))

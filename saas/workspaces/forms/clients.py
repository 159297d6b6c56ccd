"""The shape of what staff and HR type about clients and people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import ColorField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from saas.kit.i18n import LANGUAGES
from saas.kit.options import options

HEX = Regexp(r"^#[0-9A-Fa-f]{6}$", message=_l("Enter a colour such as #0057b8."))


class WorkspaceForm(FlaskForm):
    """A new client: its space, who is invoiced, and its first HR contact."""

    name = StringField(_l("Company"), [InputRequired(_l("Enter the company's name.")), Length(max=120)])
    city = StringField(_l("City"), [Optional(), Length(max=80)])
    trade = StringField(_l("Trade"), [Optional(), Length(max=80)])
    language = SelectField(_l("Language of the space"), choices=options(LANGUAGES.items()))
    colour = ColorField(_l("Brand colour"), [HEX], default="#066584", description=_l("Darkened where needed to stay readable."))
    billing_name = StringField(
        _l("Company to invoice"), [Optional(), Length(max=160)], description=_l("The same company when left empty.")
    )
    siret = StringField(_l("SIRET"), [Optional(), Length(max=20)])
    street = StringField(_l("Street"), [Optional(), Length(max=160)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=12)])
    billing_city = StringField(_l("City of the invoice address"), [Optional(), Length(max=80)])
    vat_number = StringField(_l("VAT number"), [Optional(), Length(max=20)])


class BrandForm(FlaskForm):
    """How a client's space looks and speaks."""

    name = StringField(_l("Company"), [InputRequired(_l("Enter the company's name.")), Length(max=120)])
    language = SelectField(_l("Language of the space"), choices=options(LANGUAGES.items()))
    colour = ColorField(_l("Brand colour"), [HEX], description=_l("Darkened where needed to stay readable."))

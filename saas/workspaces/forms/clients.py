"""The shape of what staff type about client companies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, ColorField, EmailField, Field, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES
from saas.kit.names import is_email
from saas.kit.options import Expected, options
from saas.workspaces import numbers
from saas.workspaces.commands.clients import NewClient
from saas.workspaces.logos import MAX_BYTES

HEX = Regexp(r"^#[0-9A-Fa-f]{6}$", message=_l("Enter a colour such as #0057b8."))
PARTY = ("siret", "street", "postcode", "vat_number", "einvoice_address", "purchase_order")


def read_picture(field: FileField) -> bytes:
    """What was chosen, or nothing; a little more than may be is read, never all of a large file."""
    if not (field.data and field.data.filename):
        return b""
    with field.data.stream as stream:
        content: bytes = stream.read(MAX_BYTES + 1)
    return content


def number(read: Callable[[str], str]) -> Callable[[FlaskForm, Field], None]:
    """A validator for one of a company's numbers, so that all that is wrong is said at once."""

    def check(_form: FlaskForm, field: Field) -> None:
        try:
            read(field.data or "")
        except Refused as no:
            raise ValidationError(no.message) from None

    return check


class CompanyForm(FlaskForm):
    """A client company: what it is called, how its space looks and speaks."""

    name = StringField(_l("Company"), [InputRequired(_l("Enter the company's name.")), Length(max=120)])
    siren = StringField(_l("SIREN"), [Optional(), Length(max=20), number(numbers.siren)])
    city = StringField(_l("City"), [Optional(), Length(max=80)])
    trade = StringField(_l("Trade"), [Optional(), Length(max=80)])
    language = SelectField(_l("Language of the space"), choices=options(LANGUAGES.items()))
    colour = ColorField(_l("Brand colour"), [HEX], default="#066584", description=_l("Darkened where needed to stay readable."))
    logo = FileField(_l("Logo"), description=_l("PNG or JPEG, up to 512 KB."))


class BrandForm(CompanyForm):
    """The same of a client that is there."""

    no_logo = BooleanField(_l("Take the logo away"))


class WorkspaceForm(CompanyForm):
    """A new client: its space, who is invoiced, and its first HR contact. `once` makes the form count once."""

    once = HiddenField()
    billing_name = StringField(
        _l("Company to invoice"), [Optional(), Length(max=160)], description=_l("The same company when left empty.")
    )
    siret = StringField(_l("SIRET"), [Optional(), Length(max=20), number(numbers.siret)])
    street = StringField(_l("Street"), [Optional(), Length(max=160)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=12)])
    billing_city = StringField(_l("City of the invoice address"), [Optional(), Length(max=80)])
    vat_number = StringField(_l("VAT number"), [Optional(), Length(max=20), number(numbers.vat)])
    einvoice_address = StringField(_l("E-invoicing address"), [Optional(), Length(max=130), number(numbers.einvoice)])
    purchase_order = StringField(_l("Usual purchase order"), [Optional(), Length(max=60)])
    hr_first_name = StringField(_l("First name"), [Length(max=80)])
    hr_last_name = StringField(_l("Last name"), [Length(max=80)])
    hr_email = EmailField(_l("Work e-mail address"), [Length(max=254)])

    def validate_hr_first_name(self, field: StringField) -> None:
        self._whole(field, _l("Enter a first name."))

    def validate_hr_last_name(self, field: StringField) -> None:
        self._whole(field, _l("Enter a last name."))

    def validate_hr_email(self, field: StringField) -> None:
        self._whole(field, _l("Enter an e-mail address."))
        if field.data and not is_email(field.data):
            raise ValidationError(_l("Enter an address such as name@company.com."))

    def _whole(self, field: StringField, message: object) -> None:
        """The first HR contact is given whole, or not at all."""
        if self.hr() and not (field.data or "").strip():
            raise ValidationError(message)

    def hr(self) -> bool:
        return any((f.data or "").strip() for f in (self.hr_first_name, self.hr_last_name, self.hr_email))

    def form_id(self) -> UUID:
        """The id that this form, and what it makes, is known by."""
        try:
            return UUID(self.once.data or "")
        except ValueError:
            return uuid4()

    def client(self) -> NewClient:
        """What was typed."""
        party = {name: self[name].data or "" for name in PARTY}
        party |= {"name": (self.billing_name.data or "").strip(), "city": self.billing_city.data or self.city.data or ""}
        return NewClient(
            self.name.data, self.language.data, self.colour.data, self.city.data or "", self.trade.data or "",
            self.siren.data or "", read_picture(self.logo), party,
            (self.hr_first_name.data, self.hr_last_name.data, self.hr_email.data) if self.hr() else None,
        )  # fmt: skip


class PartyForm(FlaskForm):
    """Who is invoiced for a client."""

    name = StringField(_l("Company to invoice"), [InputRequired(_l("Enter the company's name.")), Length(max=160)])
    siret = StringField(_l("SIRET"), [Optional(), Length(max=20), number(numbers.siret)])
    vat_number = StringField(_l("VAT number"), [Optional(), Length(max=20), number(numbers.vat)])
    street = StringField(_l("Street"), [Optional(), Length(max=160)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=12)])
    city = StringField(_l("City"), [Optional(), Length(max=80)])
    einvoice_address = StringField(
        _l("E-invoicing address"), [Optional(), Length(max=130), number(numbers.einvoice)],
        description=_l("The SIREN, or SIREN_SIRET, as in the directory of the reform."),
    )  # fmt: skip
    purchase_order = StringField(
        _l("Usual purchase order"), [Optional(), Length(max=60)], description=_l("Written on its invoices unless told otherwise.")
    )

    def facts(self) -> dict[str, Any]:
        """What was typed."""
        return {f.name: f.data or "" for f in self if f.name != "csrf_token"}


class ClientsForm(FlaskForm):
    """A file of client companies."""

    file = FileField(
        _l("File"),
        [Expected()],
        description=_l("CSV or Excel, with a line for each company. Nothing is written before you confirm."),
    )

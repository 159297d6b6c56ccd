"""The shape of what the owner types about the firm. Each field says where it will appear."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, ColorField, DateField, EmailField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from saas.kit.money import MoneyField
from saas.kit.options import Expected, options
from saas.workspaces.forms.clients import HEX

STEPS = 5
EVERYWHERE = _l("On invoices, certificates and agreements.")
IN_THE_FOOT = _l("At the foot of invoices and agreements.")
ON_INVOICES = _l("On invoices.")
ON_AGREEMENTS = _l("With agreements.")
REGIMES = [
    ("exempt", _l("Exempt training: article 261-4-4° a of the CGI, with the tax office's attestation (form 3511)")),
    ("standard", _l("VAT at 20%")),
    ("franchise", _l("Small business without VAT: article 293 B of the CGI")),
]


def _text(label: Any, most: int, description: Any = "", *, expected: bool = False, **attributes: str) -> StringField:
    first = Expected() if expected else Optional()
    return StringField(label, [first, Length(max=most)], description=description, render_kw=attributes)


class IdentityForm(FlaskForm):
    """Who the firm is."""

    legal_name = StringField(
        _l("Legal name"), [InputRequired(_l("Enter the firm's legal name.")), Length(max=160)], description=EVERYWHERE
    )
    legal_form = _text(_l("Legal form"), 60, _l("SARL, SAS, association… At the foot of invoices and agreements."))
    capital = MoneyField(_l("Share capital (€)"), [Optional()], description=IN_THE_FOOT)
    siret = _text(_l("SIRET"), 30, _l("14 digits. On invoices, certificates and agreements."), inputmode="numeric", expected=True)
    activity_number = _text(
        _l("Activity declaration number (NDA)"), 30, _l("11 digits. On invoices, certificates and agreements."), expected=True
    )
    activity_region = _text(_l("Region of the declaration"), 80, _l("The prefect's region, beside the number."), expected=True)
    street = _text(_l("Street"), 160, _l("On invoices and agreements."), autocomplete="street-address", expected=True)
    postcode = _text(_l("Postcode"), 12, autocomplete="postal-code", expected=True)
    city = _text(_l("City"), 80, _l("Also on certificates: “Done at …”."), autocomplete="address-level2", expected=True)
    email = EmailField(_l("E-mail address"), [Optional(), Length(max=254)], description=ON_INVOICES)
    phone = _text(_l("Telephone"), 30, ON_AGREEMENTS, type="tel")
    website = _text(_l("Website"), 160, ON_AGREEMENTS, inputmode="url")
    privacy_contact = EmailField(
        _l("Who answers about personal data"),
        [Optional(), Length(max=254)],
        description=_l("An address, on the privacy page. Left empty: the firm's address above."),
    )
    evidence_years = RadioField(
        _l("How long attendance sheets and certificates are kept"),
        coerce=int,
        default=6,
        choices=options([("6", _l("6 years")), ("10", _l("10 years: some of our training is co-funded"))]),
    )


class BillingForm(FlaskForm):
    """VAT, and where the firm is paid."""

    vat_regime = RadioField(_l("VAT regime"), choices=options(REGIMES), default="exempt")
    vat_attested_on = DateField(
        _l("Date of the attestation"), [Optional()], description=_l("For exempt training only: the day the attestation bears.")
    )
    vat_number = _text(_l("VAT number"), 30, _l("FR, two digits, the SIREN. On invoices."))
    iban = _text(_l("IBAN"), 60, _l("On invoices: where transfers go."), autocomplete="off", expected=True)
    bic = _text(_l("BIC"), 20, ON_INVOICES, autocomplete="off")


class BrandForm(FlaskForm):
    """Logo and colour."""

    logo = FileField(
        _l("Logo"), description=_l("PNG or JPEG, up to 512 KB. At the top of the console, of invoices and of certificates.")
    )
    without_logo = BooleanField(_l("Take the logo away"))
    colour = ColorField(
        _l("Brand colour"), [HEX], description=_l("In the headings of documents. Darkened where needed to stay readable.")
    )


class TextsForm(FlaskForm):
    """Who signs, and the texts that go with agreements."""

    signatory = _text(_l("Name of who signs"), 120, _l("On certificates and agreements."), expected=True)
    signatory_title = _text(_l("Title of who signs"), 120, _l("Beside the name."))
    terms_fr = TextAreaField(_l("General terms, in French"), [Optional(), Length(max=60_000)], description=ON_AGREEMENTS)
    terms_en = TextAreaField(
        _l("General terms, in English"), [Optional(), Length(max=60_000)], description=_l("The French text stands in when empty.")
    )
    internal_rules_fr = TextAreaField(
        _l("Internal rules, in French"), [Optional(), Length(max=60_000)], description=_l("Sent to trainees before they start.")
    )
    internal_rules_en = TextAreaField(
        _l("Internal rules, in English"),
        [Optional(), Length(max=60_000)],
        description=_l("The French text stands in when empty."),
    )


class CancellationForm(FlaskForm):
    """Steps of what a withdrawal costs: the fields days_0, percent_0 and so on; and two rules of enrolment."""

    offer_hours = IntegerField(
        _l("Hours a free seat is kept"), [Optional(), NumberRange(1, 720)],
        description=_l("For the first in line; after it the seat goes to the next person."),
    )  # fmt: skip
    names_days = IntegerField(
        _l("Names are due, days before the start"), [Optional(), NumberRange(0, 90)],
        description=_l("Of seats that a client keeps without a name."),
    )  # fmt: skip

    def rows(self) -> list[tuple[IntegerField, IntegerField]]:
        return [(getattr(self, f"days_{n}"), getattr(self, f"percent_{n}")) for n in range(STEPS)]


for _n in range(STEPS):
    _days = IntegerField(_l("Days before the start, step %(n)s", n=_n + 1), [Optional(), NumberRange(0, 365)])
    _percent = IntegerField(_l("Percentage due, step %(n)s", n=_n + 1), [Optional(), NumberRange(0, 100)])
    setattr(CancellationForm, f"days_{_n}", _days)
    setattr(CancellationForm, f"percent_{_n}", _percent)
